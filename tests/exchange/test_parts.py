"""Segments in parts: memory is that of a part, and what comes of it is as if it were done at once."""

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from hub.consume import asking, segments
from hub.consume.file_store import FileStore
from hub.consume.files import unpacked
from hub.consume.places import InFolder
from hub.consume.pull import Wanted
from hub.consume.receiver import Receiver
from hub.consume.trust import Given
from hub.database import write
from hub.exchange import keeping
from hub.exchange.erasure import Order, erase
from hub.exchange.segment_files import PART
from hub.exchange.segments import Segment, folder_of, segments_of
from hub.exchange.tables import exchange_segment
from hub.exchange.views import View
from hub.progress import Silent
from tests.exchange.stand_in_hub import DATASET, StandIn
from tests.exchange.streaming import Streams, a_site
from tests.hub.ledger_data import MARKET, a_company, put
from tests.reviewing import appoint

CANARY = "茂名金丝雀路一号"


@given(st.lists(st.binary(max_size=9), max_size=60), st.integers(1, 70))
def test_a_file_is_unpacked_so_many_lines_at_a_time(texts: list[bytes], count: int) -> None:
    body = b"".join(text.replace(b"\n", b"") + b"\n" for text in texts)
    found = list(unpacked(pa.Codec("zstd").compress(body, asbytes=True), count))
    assert b"".join(found) == body
    assert all(part.count(b"\n") == count for part in found[:-1])
    assert all(0 < part.count(b"\n") <= count for part in found)


def test_a_consumer_keeps_a_segment_part_by_part_and_goes_on_within_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "PART", 50)
    monkeypatch.setattr(asking, "WAITS", (0, 0))
    hub = StandIn(segment=128)
    for number in range(300):
        hub.say(f"键{number}", {"名": f"第{number}号"})
    receiver = Receiver(hub.hub(), InFolder(tmp_path), Given.of(()), Wanted(limit=30))
    receiver.receive(DATASET)
    store = receiver.place.store(DATASET, None)
    assert isinstance(store, FileStore)
    pages = [path.name.lstrip("0") for path in store.received.pages()]
    assert len(pages) == 8
    assert [int(name.split("-")[0]) for name in pages] == [1, 51, 101, 129, 179, 229, 257, 287]
    whole = b"".join(path.read_bytes() for path in store.received.pages())
    for path in store.received.pages()[4:]:
        path.unlink()  # as a crash within the second segment leaves it
    assert receiver.receive(DATASET)["entries"] == 300 - 178
    assert b"".join(path.read_bytes() for path in store.received.pages()) == whole


def sealed(streams: Streams, view: View) -> Segment:
    with streams.engine.connect() as connection:
        (one,) = segments_of(connection, view)
    return one


def read(streams: Streams, view: View) -> list[dict[str, Any]]:
    """What the Parquet file says, after it was found to say what the lines do."""
    one = sealed(streams, view)
    rows = pl.read_parquet(folder_of(streams.site, view) / one.columns_file)
    entries = streams.entries(view, 0, one.last)
    assert rows["seq"].to_list() == [entry["seq"] for entry in entries]
    assert rows["salt"].to_list() == [entry.get("salt") for entry in entries]
    assert streams.proved(view) == []
    return entries


@pytest.mark.parametrize(("parts", "at_once"), [(4, True), (2, False)])
def test_a_segment_of_several_parts_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: int, at_once: bool
) -> None:
    count = parts * PART
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", str(count))
    streams = a_site(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}")
    appoint(streams.engine, "li")
    view = streams.view()
    put(streams.engine, MARKET, [a_company(n) for n in range(count - 1)])
    last = a_company(count, domicile=CANARY)
    put(streams.engine, MARKET, [last])
    if at_once:
        keeping.keep(streams.site, streams.engine, streams.catalogue, view, Silent())
    else:
        streams.extend(view)
        streams.seal(view)
    entries, leaves = read(streams, view), streams.leaves(view)
    assert [entry["seq"] for entry in entries] == list(range(1, count + 1))
    put(streams.engine, MARKET, [], gone=[last])
    words = {"reason": "法院判决删除", "legal_basis": "《中华人民共和国个人信息保护法》第四十七条"}
    order = Order(dataset=MARKET, actor="li", keys=[last["uscc"]], **words)
    erase(streams.site, streams.engine, streams.catalogue, order)
    after = read(streams, view)
    assert after[:-1] == entries[:-1]
    assert after[-1]["operation"] == "erased"
    assert CANARY not in streams.text(view, count - 1).decode()
    assert streams.leaves(view)[: len(leaves)] == leaves
    assert (sealed(streams, view).edition, sealed(streams, view).erased) == (2, 1)
    if sealed(streams, view).tops is not None:
        with write(streams.engine) as connection:
            connection.execute(update(exchange_segment).values(tops=bytes(64)))
        (told,) = streams.proved(view)
        assert "root" in told
