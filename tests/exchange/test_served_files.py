"""Segments, snapshots and tiles over HTTP: right bytes, for who may have them, and each one logged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hub.consumers.consumer import revoke
from hub.database import write
from hub.exchange.segments import folder_of
from hub.exchange.tables import exchange_segment
from hub.tables import exchange_log
from hub.tree.frontier import Frontier
from hub.tree.hashing import hashes_of
from hub.tree.proofs import verify_consistency, verify_inclusion
from hub.tree.tiles import WIDTH
from hub.web.parameters import segment_named, snapshot_named
from tests.exchange.served_stream import KINDS, Served, served, shared
from tests.hub.exchange_hub import a_key
from tests.hub.ledger_data import MARKET, PENALTY

NAME = "1-256.1.ndjson.zst"


@pytest.fixture(scope="module", params=KINDS)
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    yield from shared(request, tmp_path_factory)


@pytest.fixture
def own(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Served:
    """One that a test may change."""
    return served(database_url, monkeypatch)


def unpacked(data: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


def log(hub: Served) -> list[tuple[Any, ...]]:
    with hub.engine.connect() as connection:
        rows = connection.execute(select(exchange_log).order_by(exchange_log.c.id)).all()
    return [(row.kind, row.after_seq, row.last_seq, row.entries) for row in rows]


def test_all_segments_and_the_tail_are_the_whole_stream(hub: Served) -> None:
    told = hub.json("segments")
    assert (told["size"], told["sealed"], told["segment_entries"]) == (600, 512, 256)
    whole = b""
    for one in told["segments"]:
        file = hub.ask(f"segments/{one['ndjson']['name']}")
        assert file.status_code == 200
        assert len(file.data) == one["ndjson"]["size"] == int(file.headers["Content-Length"])
        digest = hashlib.sha256(file.data).hexdigest()
        assert digest == one["ndjson"]["sha256"] == file.headers["ETag"].strip('"')
        assert file.headers["Cache-Control"].startswith("private")
        assert "immutable" in file.headers["Cache-Control"]
        whole += unpacked(file.data)
    tail, _ = hub.lines("?after=512")
    assert whole.split(b"\n")[:-1] + tail == hub.lines("?limit=5000")[0]
    assert [one["first"] for one in told["segments"]] == [1, 257]
    assert all(one["last"] + 1 == other["first"] for one, other in pairwise(told["segments"]))
    assert [one["first"] for one in hub.json("segments?after=256")["segments"]] == [257]


def test_columns_have_what_lines_have(hub: Served) -> None:
    one = hub.json("segments")["segments"][1]
    file = hub.ask(f"segments/{one['parquet']['name']}")
    assert hashlib.sha256(file.data).hexdigest() == one["parquet"]["sha256"]
    assert file.mimetype == "application/vnd.apache.parquet"
    assert file.data[:4] == b"PAR1"


RANGES = [
    ("bytes=0-9", 206, 0, 10),
    ("bytes=100-", 206, 100, None),
    ("bytes=-7", 206, -7, None),
    ("bytes=5-999999999", 206, 5, None),
    ("bytes=0-", 200, 0, None),
    ("bytes=3-2", 200, 0, None),  # no range at all
    ("lines=0-9", 200, 0, None),
    ("bytes=0-1,5-6", 200, 0, None),
]


def test_a_part_of_a_file(hub: Served) -> None:
    whole = hub.ask(f"segments/{NAME}")
    for asked, status, first, end in RANGES:
        part = hub.ask(f"segments/{NAME}", Range=asked)
        assert (part.status_code, part.data) == (status, whole.data[first:end]), asked
        if status == 206:
            start = first if first >= 0 else len(whole.data) + first
            last = start + len(part.data) - 1
            assert part.headers["Content-Range"] == f"bytes {start}-{last}/{len(whole.data)}"
            assert part.headers["ETag"] == whole.headers["ETag"]
    beyond = hub.ask(f"segments/{NAME}", Range="bytes=999999999-")
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole.data)}"
    assert json.loads(beyond.data)["code"] == "file_range_wrong"


def test_a_part_is_of_the_file_that_was_begun(hub: Served) -> None:
    etag = hub.ask(f"segments/{NAME}").headers["ETag"]
    same = hub.ask(f"segments/{NAME}", Range="bytes=5-", If_Range=etag)
    other = hub.ask(f"segments/{NAME}", Range="bytes=5-", If_Range='"other"')
    assert (same.status_code, other.status_code) == (206, 200)
    assert hub.ask(f"segments/{NAME}", If_None_Match=etag).status_code == 304
    assert hub.ask(f"segments/{NAME}", If_None_Match='"other"').status_code == 200


def test_head_says_what_get_would_and_hands_nothing_over(hub: Served) -> None:
    before = len(log(hub))
    told = hub.ask(f"segments/{NAME}", method="HEAD")
    assert len(log(hub)) == before
    file = hub.ask(f"segments/{NAME}")
    assert told.data == b""
    for name in ("Content-Length", "ETag", "Content-Type", "Accept-Ranges"):
        assert told.headers[name] == file.headers[name]
    assert log(hub)[before:] == [("segment", 0, 256, 256)]


def test_what_cannot_be_logged_is_not_given(own: Served) -> None:
    exchange_log.drop(own.engine)
    assert own.ask(f"segments/{NAME}").status_code >= 500


NOWHERE = [
    "1-256.2.ndjson.zst",
    "1-256.1.hashes",
    "1-257.1.ndjson.zst",
    "2-256.1.ndjson.zst",
    "01-256.1.ndjson.zst",
    "0000000001-0000000256.1.ndjson.zst",
    "1-256.1.ndjson.zst/",
    "1-256.1.ndjson.zst%00",
    "1-256.1.ndjson.zst%0A",
    "..%2F..%2Fhub.sqlite",
    "%2e%2e/%2e%2e/hub.sqlite",
    "../../../../etc/passwd",
    "/etc/passwd",
    "１-256.1.ndjson.zst",
    "9" * 5_000,
    "513-768.1.ndjson.zst",
]


def test_what_is_not_there_is_not_there(hub: Served) -> None:
    for name in NOWHERE:
        found = hub.ask(f"segments/{name}")
        assert found.status_code == 404, name
        assert json.loads(found.data)["code"] in ("file_unknown", "address_unknown")
        assert hub.ask(f"snapshots/{name}").status_code == 404


def test_nobody_else_gets_it(own: Served) -> None:
    paths = ["segments", f"segments/{NAME}", "snapshots", "snapshots/512.ndjson.zst",
             "checkpoint", "tile/0/000", "proof/inclusion?seq=1&size=9"]  # fmt: skip
    assert [own.ask(path).status_code for path in paths] == [200] * len(paths)
    stranger = a_key(own.engine, datasets=(PENALTY,))
    industry = a_key(own.engine, "industry")
    assert {own.ask(path, stranger).status_code for path in paths} == {403}
    assert {own.ask(path, "1.wrong").status_code for path in paths} == {401}
    # Another view's stream is another one: it has no such files yet.
    assert own.ask(f"segments/{NAME}", industry).status_code == 404
    with write(own.engine) as connection:
        revoke(connection, f"government {(MARKET, PENALTY)}")
    assert {own.ask(path).status_code for path in paths} == {401}


def test_another_edition_takes_the_place_of_the_first(own: Served) -> None:
    folder = folder_of(own.site, own.view())
    for kind in ("ndjson.zst", "parquet"):
        old = folder / f"0000000001-0000000256.1.{kind}"
        old.rename(folder / f"0000000001-0000000256.2.{kind}")
    assert own.ask(f"segments/{NAME}").status_code == 404  # just between files and rows
    with write(own.engine) as connection:
        mine = exchange_segment.c.first_seq == 1
        connection.execute(update(exchange_segment).where(mine).values(edition=2))
    assert own.ask(f"segments/{NAME}").status_code == 404
    assert own.ask("segments/1-256.2.ndjson.zst").status_code == 200


def test_a_snapshot_is_the_living_at_its_number(hub: Served) -> None:
    (one,) = hub.json("snapshots")["snapshots"]
    file = hub.ask(f"snapshots/{one['ndjson']['name']}")
    assert hashlib.sha256(file.data).hexdigest() == one["ndjson"]["sha256"]
    assert (one["seq"], one["records"]) == (512, 512)
    lines = unpacked(file.data).split(b"\n")[:-1]
    assert lines == hub.lines("?limit=512")[0]
    assert one["checkpoint"].split("\n")[1] == "512"
    assert log(hub)[-2] == ("snapshot", 0, 512, 512)


def test_tiles_and_proofs_are_of_the_signed_tree(hub: Served) -> None:
    note = hub.ask("checkpoint").text.split("\n")
    assert note[1] == "600"
    tile = hub.ask("tile/0/000")
    assert len(tile.data) == 32 * WIDTH
    edge = hub.ask("tile/0/002.p/88").data
    leaves = np.concatenate(
        [hashes_of(data) for data in (tile.data, hub.ask("tile/0/001").data, edge)]
    )
    root = Frontier().extend(leaves).root()
    path = [bytes.fromhex(one) for one in hub.json("proof/inclusion?seq=300&size=600")["hashes"]]
    assert verify_inclusion(leaves[299].tobytes(), 299, 600, path, root)
    old = Frontier().extend(leaves[:100]).root()
    path = [bytes.fromhex(one) for one in hub.json("proof/consistency?from=100&to=600")["hashes"]]
    assert verify_consistency(100, 600, old, root, path)
    for wrong in ("tile/0/003", "tile/0/2", "tile/9/000", "tile/x", "checkpoint?size=601",
                  "proof/inclusion?seq=7&size=601", "proof/inclusion?seq=9&size=8",
                  "proof/consistency?from=9&to=8", "tile/0/../../../../etc/passwd"):  # fmt: skip
        assert hub.ask(wrong).status_code == 404, wrong
    for wrong in ("proof/inclusion?seq=1", "proof/inclusion?size=1&seq=0", "checkpoint?at=1",
                  "proof/consistency?from=1&to=2&to=3", "segments?first=1"):  # fmt: skip
        assert hub.ask(wrong).status_code == 400, wrong


@settings(max_examples=300)
@given(st.text(max_size=60) | st.from_regex(r"\d{1,25}-\d{1,25}\.\d{1,12}\.(ndjson\.zst|parquet)"))
def test_a_name_is_taken_in_one_way_only(name: str) -> None:
    found = segment_named(name)
    if found is not None:
        first, last, edition, kind = found
        assert name == f"{first}-{last}.{edition}.{kind}"
        assert max(first, last) < 10**19
    seq = snapshot_named(name)
    assert seq is None or name == f"{seq}.ndjson.zst"
