"""The public stream: what releases have, and nothing that they have not, or no longer have."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection, Engine

from exchange_schemas.errors import Corrupt
from hub import disclosures, publishing
from hub.database import write
from hub.exchange import released, rewriting, stream_proof
from hub.exchange.segments import folder_of
from hub.exchange.views import View
from publisher.release import current_release
from tests.exchange.streaming import Streams, a_site
from tests.hub.ledger_data import MARKET, a_company, put
from tests.reviewing import appoint, release, withdraw

CANARY = "金丝雀"


@pytest.fixture
def streams(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Streams:
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", "256")
    found = a_site(tmp_path, database_url)
    appoint(found.engine)
    return found


def public(streams: Streams) -> View:
    return streams.view(audience="public")


def deliver(
    streams: Streams, *records: dict[str, Any], gone: tuple[dict[str, Any], ...] = ()
) -> None:
    put(streams.engine, MARKET, records, gone=gone)
    disclosures.refresh(streams.engine, streams.catalogue)


def publish(streams: Streams) -> None:
    publishing.publish(streams.site, streams.engine, streams.catalogue, MARKET)


def shown(streams: Streams) -> dict[str, dict[str, Any]]:
    """The current release's records by id, without their salts."""
    made = current_release(streams.site.releases, MARKET)
    assert made is not None
    lines = (made.path / "records.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {
        r["record_id"]: {n: v for n, v in r.items() if v is not None and n != "salt"} for r in rows
    }


def replayed(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What a consumer has that applied all of them."""
    have: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry["operation"] == "upsert":
            have[entry["key"]] = entry["record"]
        elif entry["operation"] == "delete":
            have.pop(entry["key"], None)
    return have


def everything(streams: Streams, view: View) -> bytes:
    """All bytes that the stream keeps."""
    folder = folder_of(streams.site, view)
    files = [p.read_bytes() for p in folder.iterdir() if p.is_file()] if folder.is_dir() else []
    return b"".join(files) + streams.text(view)


def test_it_has_what_was_released_and_follows_each_release(streams: Streams) -> None:
    view = public(streams)
    deliver(streams, a_company(1), a_company(2), a_company(3, domicile=CANARY))
    assert streams.extend(view) == 0  # nobody has approved anything
    release(streams.engine, MARKET)
    assert streams.extend(view) == 0
    publish(streams)
    assert streams.extend(view) == 3
    assert replayed(streams.entries(view)) == shown(streams)
    assert {e["key"] for e in streams.entries(view)} == set(shown(streams))
    assert "phone" not in streams.text(view).decode()
    deliver(streams, a_company(2, domicile="官渡路"), a_company(4), gone=(a_company(3),))
    release(streams.engine, MARKET)
    publish(streams)
    assert CANARY not in streams.text(view).decode()  # before anybody extends it
    streams.extend(view)
    assert replayed(streams.entries(view)) == shown(streams)
    assert [e["operation"] for e in streams.entries(view)] == [
        *(e["operation"] for e in streams.entries(view, 0, 3)), "delete", "upsert", "upsert",
    ]  # fmt: skip
    assert sorted(e["operation"] for e in streams.entries(view, 0, 3)) == [
        "erased",
        "erased",
        "upsert",
    ]
    assert streams.proved(view) == []
    assert streams.extend(view) == 6


def test_what_a_release_takes_back_is_erased_by_the_same_act(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = public(streams)
    deliver(streams, *(a_company(n, domicile=f"{CANARY}{n}号") for n in range(300)))
    release(streams.engine, MARKET)
    publish(streams)
    streams.extend(view)
    assert streams.seal(view) == ["0000000001-0000000256.1"]
    asked = list[View]()

    def told(connection: Connection, of: View) -> pl.DataFrame:
        asked.append(of)
        return released.living(connection, of)

    with monkeypatch.context() as patch:
        patch.setattr(stream_proof, "living", told)
        assert streams.proved(view) == []
    assert asked == [view]  # all living records are read once, not with each block
    leaves = streams.leaves(view)
    first = streams.entries(view)[0]  # which is in the segment; the last 44 are in the tail
    mine, domicile = first["key"], first["record"]["domicile"]
    assert domicile in streams.text(view).decode()
    withdraw(streams.engine, MARKET, "li", mine)
    publish(streams)
    assert domicile not in streams.text(view).decode()
    assert streams.files(view) == [
        "0000000001-0000000256.2.ndjson.zst", "0000000001-0000000256.2.parquet",
        "0000000001-0000000256.hashes",
    ]  # fmt: skip
    assert streams.leaves(view) == leaves
    streams.extend(view)
    gone = streams.entries(view)[-1]
    assert (gone["operation"], gone["key"], gone["digest"]) == ("delete", mine, None)
    assert replayed(streams.entries(view)) == shown(streams)
    assert streams.proved(view) == []


def test_where_it_cannot_be_erased_nothing_follows_the_release(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = public(streams)
    deliver(streams, a_company(1, domicile=CANARY), a_company(2))
    release(streams.engine, MARKET)
    publish(streams)
    streams.extend(view)
    deliver(streams, gone=(a_company(1),))

    def fail(*_: object) -> int:
        raise OSError(5, "i/o error")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="i/o error"):
        patch.setattr(released, "take_out", fail)
        publish(streams)
    assert CANARY in streams.text(view).decode()
    publish(streams)  # the job is done again
    assert CANARY not in streams.text(view).decode()
    assert rewriting.take_out is released.take_out


def test_a_large_first_release_is_taken_part_by_part(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(released, "AT_ONCE", 10)
    view = public(streams)
    deliver(streams, *(a_company(n) for n in range(35)))
    release(streams.engine, MARKET)
    publish(streams)
    assert streams.extend(view, at_most=12) == 12
    assert streams.row(view).release is None
    deliver(streams, a_company(99), gone=(a_company(3), a_company(30)))
    release(streams.engine, MARKET)
    publish(streams)  # the first release's content is gone before all of it was taken
    while streams.row(view).release is None:
        streams.extend(view, at_most=12)
    assert replayed(streams.entries(view)) == shown(streams)
    assert streams.proved(view) == []


def test_who_still_knows_the_release_before_erases_and_adds_nothing_of_it(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = public(streams)
    deliver(streams, a_company(1), a_company(2, domicile=CANARY))
    release(streams.engine, MARKET)
    publish(streams)
    streams.extend(view)
    known = [current_release(streams.site.releases, MARKET)]
    deliver(streams, a_company(3), gone=(a_company(2),))
    release(streams.engine, MARKET)
    publish(streams)
    streams.extend(view)
    before = streams.text(view)

    def late(*told: Any) -> Any:
        return known.pop() if known else current_release(*told)

    monkeypatch.setattr(released, "current_release", late)
    streams.extend(view)
    assert known == []
    assert streams.text(view) == before
    assert replayed(streams.entries(view)) == shown(streams)
    assert streams.proved(view) == []


def test_what_another_adds_between_two_parts_is_not_added_twice(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(released, "AT_ONCE", 10)
    view = public(streams)
    deliver(streams, *(a_company(n) for n in range(35)))
    release(streams.engine, MARKET)
    publish(streams)

    @contextmanager
    def overtaken(engine: Engine) -> Iterator[Connection]:
        with write(engine) as connection:
            yield connection
        if streams.row(view).size == 10:
            monkeypatch.setattr(released, "write", write)
            assert streams.extend(view) == 35

    monkeypatch.setattr(released, "write", overtaken)
    assert streams.extend(view) == 35
    assert len({entry["key"] for entry in streams.entries(view)}) == 35
    assert streams.proved(view) == []


def test_a_damaged_release_is_not_taken(streams: Streams) -> None:
    view = public(streams)
    deliver(streams, a_company(1))
    release(streams.engine, MARKET)
    publish(streams)
    (streams.site.releases / MARKET / "current.json").write_text("{}")
    with pytest.raises(Corrupt):
        streams.extend(view)
