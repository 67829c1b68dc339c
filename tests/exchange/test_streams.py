"""Streams: each entry once, the same bytes ever after, in each view what it may have."""

import hashlib
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from exchange_schemas.errors import Misdeclared
from hub.exchange import keeping, views
from hub.exchange.segments import folder_of, segments_of
from hub.exchange.tables import exchange_block
from hub.progress import Silent
from hub.tree.hashing import hashes_of, leaf_hashes
from tests.exchange.streaming import Streams, a_site
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, put

ENTRIES = 256  # of a segment here


@pytest.fixture
def streams(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Streams:
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", str(ENTRIES))
    return a_site(tmp_path, database_url)


def fill(streams: Streams, count: int, first: int = 1) -> None:
    put(streams.engine, MARKET, [a_company(n) for n in range(first, first + count)])


def test_a_line_says_all_that_its_leaf_is_made_of(streams: Streams) -> None:
    put(streams.engine, MARKET, [a_company(1, domicile='官渡路 "8" 号\n\\,"record":{')])
    put(streams.engine, MARKET, [], gone=[a_company(1)])
    view = streams.view()
    assert streams.extend(view) == 2
    line, gone = streams.text(view).split(b"\n")[:-1]
    told = json.loads(line)
    assert list(told) == [
        "seq", "operation", "key", "digest", "recorded_at", "standard", "salt", "record",
    ]  # fmt: skip
    assert (told["seq"], told["operation"], told["key"]) == (1, "upsert", a_company(1)["uscc"])
    assert told["record"]["domicile"] == '官渡路 "8" 号\n\\,"record":{'
    record = line.split(b',"record":', 1)[1][:-1]
    assert hashlib.sha256(record).hexdigest() == told["digest"]
    assert len(bytes.fromhex(told["salt"])) == 16
    assert list(json.loads(gone)) == list(told)[:-1]
    assert json.loads(gone)["digest"] is None
    for at, (entry, text) in enumerate([(told, record), (json.loads(gone), b"")]):
        salted = f"{entry['salt']}\n{entry['key']}\n".encode() + text
        leaf = "\n".join([
            str(entry["seq"]), entry["operation"], entry["recorded_at"], entry["standard"],
            hashlib.sha256(salted).hexdigest(),
        ])  # fmt: skip
        expected = hashlib.sha256(b"\0" + leaf.encode()).digest()
        assert streams.leaves(view)[32 * at : 32 * at + 32] == expected
    assert streams.proved(view) == []


def test_what_was_taken_stays_to_the_byte_however_it_is_kept(streams: Streams) -> None:
    view = streams.view()
    fill(streams, 3)
    assert streams.extend(view, at_most=2) == 2
    first = streams.text(view)
    fill(streams, 600, first=4)
    assert streams.extend(view, at_most=250) == 252
    assert streams.extend(view) == 603
    whole = streams.text(view)
    assert whole.startswith(first)
    assert [entry["seq"] for entry in streams.entries(view)] == list(range(1, 604))
    leaves = streams.leaves(view)
    assert streams.seal(view) == ["0000000001-0000000256.1", "0000000257-0000000512.1"]
    assert streams.seal(view) == []
    assert (streams.text(view), streams.leaves(view)) == (whole, leaves)
    for after, limit in ((0, 1), (255, 2), (250, 300), (511, 1), (600, 9), (603, 9), (9_000, 5)):
        lines = whole.split(b"\n")[:-1][after : after + limit]
        assert streams.text(view, after, limit) == b"".join(one + b"\n" for one in lines)
    assert streams.proved(view) == []


def test_sealed_files_are_what_any_program_reads(streams: Streams) -> None:
    view = streams.view()
    fill(streams, 300)
    put(streams.engine, MARKET, [], gone=[a_company(7)])
    streams.extend(view)
    streams.seal(view)
    folder = folder_of(streams.site, view)
    with streams.engine.connect() as connection:
        (one,) = segments_of(connection, view)
    packed = folder / one.lines_file
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == one.ndjson_sha256
    if shutil.which("zstd"):
        found = subprocess.run(["zstd", "-dc", packed], capture_output=True, check=True).stdout
        assert found == streams.text(view, 0, ENTRIES)
    rows = pl.read_parquet(folder / one.columns_file)
    assert rows["record"].to_list() == [
        json.dumps(e["record"], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        for e in streams.entries(view, 0, ENTRIES)
    ]
    assert hashes_of(streams.leaves(view)[: 32 * ENTRIES]).tolist() == leaf_hashes(rows).tolist()
    assert pl.read_ndjson(packed).height == ENTRIES


def test_many_small_blocks_seal_into_one_file(streams: Streams) -> None:
    view = streams.view()
    fill(streams, 260)
    while streams.extend(view, at_most=7) < 260:
        pass
    whole = streams.text(view)
    assert len(streams.seal(view)) == 1
    assert streams.text(view) == whole
    assert streams.proved(view) == []


def test_whole_segments_go_straight_into_files_and_are_the_same(streams: Streams) -> None:
    view = streams.view()
    fill(streams, 3)
    streams.extend(view)
    first = streams.text(view)
    fill(streams, 1_300, first=4)
    put(streams.engine, MARKET, [], gone=[a_company(9)])
    kept = keeping.keep(streams.site, streams.engine, streams.catalogue, view, Silent())
    assert (kept["size"], kept["sealed"]) == (1_304, 5)
    assert streams.text(view).startswith(first)
    assert [entry["seq"] for entry in streams.entries(view)] == list(range(1, 1_305))
    assert streams.row(view).sealed == 1_280
    with streams.engine.connect() as connection:
        tail = connection.scalars(select(exchange_block.c.first_seq)).all()
    assert tail == [1_281]
    assert streams.proved(view) == []


def test_several_that_extend_at_once_write_each_entry_once(streams: Streams) -> None:
    view = streams.view()
    fill(streams, 2_000)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: [streams.extend(view, 100 + n) for _ in range(8)], range(4)))
    streams.extend(view)
    assert [entry["seq"] for entry in streams.entries(view)] == list(range(1, 2_001))
    assert streams.proved(view) == []


def test_equal_views_share_a_stream_and_others_do_not(streams: Streams) -> None:
    one, other = streams.consumer("one"), streams.consumer("other")
    assert streams.view(one) == streams.view(other)
    assert streams.view(one).name == "government"
    parts = {name for part in streams.catalogue.get(MARKET).key for name in part}
    some = streams.view(one, fields=("subject_name", *parts))
    assert some == streams.view(other, fields=(*parts, "subject_name"))
    assert some.name.startswith("government-") and len(some.name) == len("government-") + 8
    # industry sees the names in a penalty's key masked, so its keys are each one's own
    mine = streams.view(one, dataset=PENALTY, audience="industry")
    theirs = streams.view(other, dataset=PENALTY, audience="industry")
    assert mine.salt and theirs.salt and mine.salt != theirs.salt
    # and the key says what a grant without its fields keeps back
    blind = streams.view(one, fields=("subject_name",))
    assert blind.salt is not None
    fill(streams, 1)
    streams.extend(blind)
    (entry,) = streams.entries(blind)
    assert list(entry["record"]) == ["subject_name"]
    assert a_company(1)["uscc"] not in json.dumps(entry)
    streams.extend(some)
    assert list(streams.entries(some)[0]["record"]) == ["subject_name", "uscc"]


def test_a_masked_view_has_nothing_that_it_may_not_have(streams: Streams) -> None:
    put(streams.engine, PENALTY, [a_penalty(n, "张三丰") for n in range(300)])
    put(streams.engine, PENALTY, [], gone=[a_penalty(1, "张三丰")])
    view = streams.view(dataset=PENALTY, audience="industry")
    streams.extend(view)
    streams.seal(view)
    text = streams.text(view).decode()
    assert "张三丰" not in text and a_penalty(1, "")["cert_no"] not in text
    for path in folder_of(streams.site, view).glob("*.parquet"):
        kept = "\n".join(
            pl.read_parquet(path).select(pl.concat_str(pl.all(), ignore_nulls=True)).to_series()
        )
        assert "张三丰" not in kept and "4409811990010" not in kept
    assert streams.entries(view)[300]["key"] == streams.entries(view)[1]["key"]
    assert streams.proved(view) == []


@pytest.mark.parametrize("value", ["0", "100", "300", "2097152", "x", ""])
def test_a_segment_is_a_whole_subtree(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misdeclared) as error:
        views.segment_entries({"HUB_SEGMENT_ENTRIES": value})
    assert error.value.issue.code == "segment_entries_wrong"
