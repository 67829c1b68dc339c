"""When a run is held, and which records a delivery takes back."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.feed import Breaker, Feed, Format, Source
from exchange_schemas.catalogue import load_catalogue
from hub.breaker import find_gone, trips
from hub.changes import ChangeSet
from hub.heads import HEAD_COLUMNS, heads_of
from hub.stream import REJECT_COLUMNS, Stream

MINE, OTHERS = 1, 2
NOTHING = pl.Series([], dtype=pl.String)


def a_feed(mode: str = "snapshot", max_gone: float = 0.5) -> Feed:
    return Feed(
        name="f",
        title={"zh": "甲", "en": "A"},
        standard="market_entity",
        version=None,
        source=Source("file", {"path": "f.csv"}),
        format=Format("csv"),
        mode=mode,
        nulls=(),
        fields={},
        ignore={},
        breaker=Breaker(max_gone),
        path=Path("f.yml"),
    )


def a_stream(mine: list[str], others: list[str], seen: list[str]) -> Stream:
    """A run in which the ledger has `mine` and `others`, and the delivery `seen`."""
    owners = [MINE] * len(mine) + [OTHERS] * len(others)
    digests = [bytes(32)] * len(owners)
    heads = pl.DataFrame([mine + others, digests, owners], schema=HEAD_COLUMNS)
    stream = Stream(load_catalogue().get("market_entity"), ChangeSet(heads_of(heads, MINE), MINE))
    rows = {"_line": range(len(seen)), "_key": seen, "_digest": [bytes(32)] * len(seen)}
    types = {"_line": pl.Int64, "_key": pl.String, "_digest": pl.Binary}
    stream.seen.take(pl.DataFrame(rows, schema=types))
    stream.read = stream.accepted = len(seen)
    return stream


def rejects(*rows: tuple[str, str | None]) -> pl.DataFrame:
    """(content, key) of rejected rows."""
    told = [(line, content, key) for line, (content, key) in enumerate(rows, 100)]
    return pl.DataFrame(told, schema=REJECT_COLUMNS, orient="row")


def gone(stream: Stream, known: pl.Series = NOTHING, mode: str = "snapshot") -> list[str]:
    find_gone(a_feed(mode), stream, known)
    return sorted(stream.changes.gone)


def keys(count: int) -> list[str]:
    return [f"k{number}" for number in range(count)]


@pytest.mark.parametrize(
    ("kept", "max_gone", "expected"),
    [
        (10, 0.5, None),
        (6, 0.5, None),
        (5, 0.5, "feed_shrank"),
        (9, 0.1, "feed_shrank"),
        (10, 0.0, None),  # nothing is gone, so there is nothing to hold
        (1, 1.0, None),
        (0, 1.0, "feed_empty"),
    ],
)
def test_a_run_is_held_from_the_declared_share_on(
    kept: int, max_gone: float, expected: str | None
) -> None:
    stream = a_stream(keys(10), [], keys(kept))
    gone(stream)
    issue = trips(a_feed(max_gone=max_gone), stream)
    assert (issue.code if issue else None) == expected
    if issue:
        assert issue.params == {"before": "10", "gone": str(10 - kept)}


def test_all_other_records_is_a_feed_that_shrank() -> None:
    stream = a_stream(keys(4), [], ["a", "b", "c", "d"])
    assert gone(stream) == keys(4)
    issue = trips(a_feed(max_gone=1.0), stream)
    assert issue is not None and issue.code == "feed_shrank"


def test_a_first_delivery_may_be_empty() -> None:
    stream = a_stream([], keys(9), [])
    assert gone(stream) == []
    assert trips(a_feed(), stream) is None


def test_an_increment_takes_nothing_back_and_may_be_empty() -> None:
    stream = a_stream(keys(4), [], [])
    assert gone(stream, mode="increment") == []
    assert trips(a_feed("increment"), stream) is None


def test_rejected_rows_are_in_the_source() -> None:
    stream = a_stream(["a", "b", "c"], [], ["a"])
    stream.rejects.append(rejects(("bad", "b")))
    assert gone(stream) == ["c"]


def test_of_a_derived_dataset_so_are_the_rejected_rows_of_its_source() -> None:
    stream = a_stream(["a", "b", "c"], [], ["a"])
    stream.withheld.append(rejects(("bad", "b")))
    assert gone(stream) == ["c"]
    assert stream.rejected == 0


def test_a_rejected_row_without_a_key_may_be_any_of_the_missing_ones() -> None:
    stream = a_stream(["a", "b"], [], ["a"])
    stream.rejects.append(rejects(("bad", None)))
    assert gone(stream) == []
    (issue,) = stream.findings.frame.iter_rows(named=True)
    assert (issue["code"], issue["value"]) == ("gone_not_applied", "1")


def test_unless_it_was_rejected_with_the_same_content_before() -> None:
    stream = a_stream(["a", "b"], [], ["a"])
    stream.rejects.append(rejects(("bad", None)))
    assert gone(stream, pl.Series(["bad"])) == ["b"]
    assert stream.findings.by_code == {}


KEYS = st.lists(st.sampled_from([f"k{n}" for n in range(12)]), unique=True)


@given(mine=KEYS, others=KEYS, seen=KEYS, bad=KEYS)
def test_gone_is_what_this_feed_said_and_nothing_else(
    mine: list[str], others: list[str], seen: list[str], bad: list[str]
) -> None:
    others = [key for key in others if key not in mine]
    stream = a_stream(mine, others, seen)
    stream.rejects.append(rejects(*((key, key) for key in bad)))
    assert gone(stream) == sorted(set(mine) - set(seen) - set(bad))
