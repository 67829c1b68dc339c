"""A format's parser in a child: its worst is its own end, and that is told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from adapters.artefact import Artefact
from adapters.child import Read, read_in_child
from adapters.feed import Breaker, Feed, Format, Source
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

FEED = Feed("f", {}, "s", None, Source("file"), Format("xlsx"), "snapshot", (), {}, {},
            Breaker(), Path("f.yml"))  # fmt: skip
ARTEFACT = Artefact("", Path("x"), 1, "坏.xlsx")


def batch(number: int) -> Batch:
    rows = pl.DataFrame(
        {LINE: [number], "名称": ["茂名"]}, schema={LINE: pl.Int64, "名称": pl.String}
    )
    return Batch(rows, issues_frame([Issue("row_hidden", number)]), number)


def good(_feed: Feed, _artefact: Artefact) -> Iterator[Batch]:
    yield from map(batch, range(3))


def greedy(_feed: Feed, _artefact: Artefact) -> Iterator[Batch]:
    yield batch(1)
    held = [b"x" * (1 << 20) for _ in range(4_000)]
    yield batch(len(held))


def endless(_feed: Feed, _artefact: Artefact) -> Iterator[Batch]:
    yield batch(1)
    while True:
        time.sleep(0.1)


def crashing(_feed: Feed, _artefact: Artefact) -> Iterator[Batch]:
    os.kill(os.getpid(), signal.SIGSEGV)
    yield batch(1)


def deep(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    yield from deep(feed, artefact)


def refusing(_feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    yield batch(1)
    raise SourceUnreadable(Issue("sheet_missing", value="表", file=artefact.name))


def refusal(read: Read) -> Issue:
    with pytest.raises(SourceUnreadable) as caught:
        list(read_in_child(read, FEED, ARTEFACT))
    return caught.value.issue


def test_batches_come_as_they_are() -> None:
    found = list(read_in_child(good, FEED, ARTEFACT))
    for got, made in zip(found, map(batch, range(3)), strict=True):
        assert got.rows.equals(made.rows) and got.rows.schema == made.rows.schema
        assert got.issues.equals(made.issues) and got.unreadable == made.unreadable


def test_what_the_reader_says_is_said() -> None:
    issue = refusal(refusing)
    assert (issue.code, issue.value, issue.file) == ("sheet_missing", "表", "坏.xlsx")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LIMIT_CHILD_BYTES", str(400 << 20))
    begin = time.monotonic()
    issue = refusal(greedy)
    assert (issue.code, issue.value) == ("child_limit", "400 MB")
    assert "坏.xlsx" in issue.message()
    assert time.monotonic() - begin < 30


def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LIMIT_CHILD_SECONDS", "1")
    issue = refusal(endless)
    assert (issue.code, issue.value) == ("child_limit", "1 s")


@pytest.mark.parametrize("read", [crashing, deep])
def test_a_crash_is_the_childs(read: Read) -> None:
    assert refusal(read).code == "child_died"


def test_a_child_that_nobody_waits_for_ends() -> None:
    batches = read_in_child(endless, FEED, ARTEFACT)
    next(batches)
    begin = time.monotonic()
    batches.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begin < 10
