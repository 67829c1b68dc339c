"""Erasure: content leaves everything, and every proof stays."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from exchange_schemas.errors import HubError, Misdeclared, Refused
from hub import holder_view, ledger
from hub.database import write
from hub.exchange import entries, snapshots
from hub.exchange.checkpoints import checkpoint
from hub.exchange.erasure import Erasure, Order, erase
from hub.exchange.tables import exchange_erasure
from hub.ledger_proof import check_ledger
from hub.tables import exchange_log
from hub.tree.checkpoint import read
from tests.exchange.streaming import Streams, a_site
from tests.hub.ledger_data import MARKET, a_company, put
from tests.hub.test_exchange import valid
from tests.reviewing import appoint

CANARY = "金丝雀"
OTHER = {"reason": "本人请求", "legal_basis": "个人信息保护法 第四十七条"}


@pytest.fixture
def streams(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Streams:
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", "256")
    found = a_site(tmp_path, database_url)
    appoint(found.engine, "li")
    return found


def order(streams: Streams, **more: Any) -> Erasure:
    told = Order(**{"dataset": MARKET, "actor": "li", **OTHER, **more})
    return erase(streams.site, streams.engine, streams.catalogue, told)


def kept(streams: Streams) -> str:
    """All text that the ledger and the files keep, unpacked."""
    with streams.engine.connect() as connection:
        head = ledger.head_seq(connection, MARKET)
        rows = ledger.entries(connection, MARKET, 0, head)
    return "".join(f"{row.key}{(row.content or b'').decode()}" for row in rows)


def ledger_issues(streams: Streams) -> list[str]:
    return [issue.code for issue in check_ledger(streams.engine, MARKET, lambda _: None)[1]]


def filled(streams: Streams) -> dict[str, Any]:
    """300 companies; number 7, a canary, was changed and deleted at the end."""
    man = a_company(7, domicile=CANARY)
    put(streams.engine, MARKET, [a_company(n) for n in range(7)] + [man])
    put(streams.engine, MARKET, [a_company(n) for n in range(8, 300)])
    put(streams.engine, MARKET, [a_company(7, domicile=CANARY * 2)], gone=[])
    put(streams.engine, MARKET, [], gone=[man])
    return man


def test_a_record_leaves_ledger_streams_and_snapshots(streams: Streams) -> None:
    view = streams.view()
    man = filled(streams)
    streams.extend(view)
    streams.seal(view)
    snapshots.make(streams.site, streams.engine, view)
    note = checkpoint(streams.site, streams.engine, view)
    leaves, before = streams.leaves(view), streams.text(view).split(b"\n")
    done = order(streams, keys=[man["uscc"]])
    assert (done.records, done.entries, done.streams) == (1, 3, {"government": 3})
    assert CANARY not in streams.text(view).decode()
    assert man["uscc"] not in streams.text(view).decode() + kept(streams)
    assert streams.leaves(view) == leaves
    assert read(checkpoint(streams.site, streams.engine, view, 302)).root == read(note).root
    gone = [
        json.loads(line)
        for line in (streams.text(view).split(b"\n")[i] for i in (7, 300, 301))
        if line
    ]
    assert [(e["operation"], e["was"]) for e in gone[:2]] == [("erased", "upsert")] * 2
    assert list(gone[0]) == ["seq", "operation", "was", "recorded_at", "standard", "commitment"]
    after = streams.text(view).split(b"\n")
    changed = {
        at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other
    }
    assert changed == {7, 300, 301}
    assert streams.files(view) == [
        "0000000001-0000000256.2.ndjson.zst", "0000000001-0000000256.2.parquet",
        "0000000001-0000000256.hashes",
    ]  # fmt: skip
    assert (streams.proved(view), ledger_issues(streams)) == ([], [])


def test_a_stream_that_comes_later_has_only_that_it_was_erased(streams: Streams) -> None:
    man = filled(streams)
    order(streams, keys=[man["uscc"]])
    view = streams.view()
    streams.extend(view)
    assert [e["operation"] for e in streams.entries(view)][7] == "erased"
    assert CANARY not in streams.text(view).decode()
    assert (streams.proved(view), ledger_issues(streams)) == ([], [])
    put(streams.engine, MARKET, [man])  # it may be said again
    streams.extend(view)
    assert streams.entries(view)[-1]["key"] == man["uscc"]
    assert (streams.proved(view), ledger_issues(streams)) == ([], [])


def test_a_superseded_revision_goes_and_its_record_stays(streams: Streams) -> None:
    view = streams.view()
    put(streams.engine, MARKET, [a_company(1, domicile=CANARY), a_company(2)])
    put(streams.engine, MARKET, [a_company(1, domicile="官渡路")])
    streams.extend(view)
    done = order(streams, seqs=[1])
    assert (done.records, done.entries) == (0, 1)
    assert CANARY not in streams.text(view).decode() + kept(streams)
    assert streams.entries(view)[2]["record"]["domicile"] == "官渡路"
    assert (streams.proved(view), ledger_issues(streams)) == ([], [])


def test_content_that_was_emptied_by_anybody_else_is_found(streams: Streams) -> None:
    view = streams.view()
    man = filled(streams)
    streams.extend(view)
    order(streams, keys=[man["uscc"]])
    with write(streams.engine) as connection:
        connection.exec_driver_sql("DELETE FROM exchange_erased WHERE seq = 8")
    assert ledger_issues(streams) == ["digest_wrong"]


def test_consumers_that_took_it_are_told(streams: Streams) -> None:
    one, other = streams.consumer("one"), streams.consumer("other")
    view = streams.view(one)
    man = filled(streams)
    streams.extend(view)
    with write(streams.engine) as connection:
        number = ledger.dataset_id(connection, MARKET)
        for consumer, after, last in ((one, 0, 300), (other, 100, 200)):
            row = {
                "consumer_id": consumer.id, "dataset_id": number, "after_seq": after,
                "last_seq": last, "entries": last - after, "at": "2026-11-23T01:00:01.000Z",
            }  # fmt: skip
            connection.execute(insert(exchange_log).values(row))
    assert order(streams, keys=[man["uscc"]]).notices == 1
    with streams.engine.connect() as connection:
        (told,) = holder_view.notices(connection, streams.catalogue, one, 0)
        assert holder_view.notices(connection, streams.catalogue, other, 0) == []
    assert (told["act"], told["seq"], told["key"]) == ("erase", 8, None)
    assert told["legal_basis"] == OTHER["legal_basis"]
    valid(told, "Notice")
    assert told["reason"] == "依法删除"


WRONG: list[tuple[dict[str, Any], type[HubError], str]] = [
    ({"keys": [a_company(1)["uscc"]]}, Refused, "erasure_living"),
    ({"seqs": [1]}, Refused, "erasure_living"),
    ({"keys": ["nothing"]}, Misdeclared, "erasure_unknown"),
    ({"seqs": [99]}, Misdeclared, "erasure_unknown"),
    ({}, Misdeclared, "erasure_empty"),
    ({"seqs": [2], "reason": " "}, Refused, "erasure_unexplained"),
    ({"seqs": [2], "legal_basis": ""}, Refused, "erasure_unexplained"),
    ({"seqs": [2], "actor": "zhao"}, Refused, "role_missing"),
    ({"seqs": [2], "dataset": "nothing"}, Misdeclared, "dataset_unknown"),
]


def test_what_is_refused_changes_nothing(streams: Streams) -> None:
    view = streams.view()
    put(streams.engine, MARKET, [a_company(1), a_company(2)])
    streams.extend(view)
    text = streams.text(view)
    for more, kind, code in WRONG:
        with pytest.raises(kind) as error:
            order(streams, **more)
        assert error.value.issue.code == code
    assert streams.text(view) == text
    with streams.engine.connect() as connection:
        assert connection.execute(select(exchange_erasure)).all() == []


def test_in_another_version_an_erased_entry_has_its_leaf(streams: Streams) -> None:
    view = streams.view()
    man = filled(streams)
    streams.extend(view)
    order(streams, keys=[man["uscc"]])
    with streams.engine.connect() as connection:
        args = (streams.site, connection, streams.catalogue, view, 6, 2, "1")
        page = entries.translated(*args)
    one, gone = (json.loads(line) for line in page.body.split(b"\n")[:-1])
    assert (one["operation"], gone["operation"], gone["was"]) == ("upsert", "erased", "upsert")
    assert "salt" not in one and "key" not in gone
    leaves = streams.leaves(view)[6 * 32 : 8 * 32].hex()
    assert one["leaf"] + gone["leaf"] == leaves
