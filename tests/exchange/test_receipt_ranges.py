"""Ranges against their model: what was said last of each number, and sets of numbers."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.exchange.given import LOGGED, covers, spans_of
from hub.exchange.receipt_ranges import Range, count, joined, merged, overlay, without

SAID = st.sampled_from(
    [("taken", None, None), ("erased", None, None), ("refused", "a", None), ("refused", "b", "x")]
)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    first = draw(st.integers(1, 40))
    return Range(first, first + draw(st.integers(0, 15)), *draw(SAID))


SPAN = st.tuples(st.integers(1, 40), st.integers(0, 12)).map(lambda s: (s[0], s[0] + s[1]))


def model(said: list[Range]) -> dict[int, tuple[str, str | None, str | None]]:
    word: dict[int, tuple[str, str | None, str | None]] = {}
    for one in said:
        word |= dict.fromkeys(range(one.first, one.last + 1), one.said)
    return word


def numbers(spans: list[tuple[int, int]]) -> set[int]:
    return {n for first, last in spans for n in range(first, last + 1)}


@given(st.lists(st.lists(ranges(), max_size=8), max_size=6))
@settings(max_examples=300)
def test_the_latest_word_on_each_entry_counts_in_as_few_ranges_as_say_it(
    messages: list[list[Range]],
) -> None:
    standing: list[Range] = []
    for message in messages:
        standing = overlay(standing, message)
    every = [one for message in messages for one in message]
    assert model(standing) == model(every)
    assert standing == sorted(standing, key=lambda one: one.first)
    for one, other in pairwise(standing):
        assert one.last < other.first
        assert one.last + 1 < other.first or one.said != other.said
    assert overlay([], every) == standing
    assert overlay(standing, standing) == standing == joined(standing)


@given(st.lists(SPAN), st.lists(SPAN), st.lists(SPAN))
@settings(max_examples=300)
def test_spans_are_sets_of_numbers(
    one: list[tuple[int, int]], other: list[tuple[int, int]], part: list[tuple[int, int]]
) -> None:
    whole, gone = merged(one), merged(other)
    assert numbers(whole) == numbers(one)
    assert count(whole) == len(numbers(one))
    left = without(whole, gone)
    assert numbers(left) == numbers(one) - numbers(other)
    assert left == merged(left)
    assert covers(whole, part) == (numbers(part) <= numbers(one))
    frame = pl.DataFrame([(*s, "") for s in one], schema=LOGGED, orient="row")
    assert spans_of(frame) == whole


def test_many_ranges_take_no_time() -> None:
    said = [Range(n, n, "taken" if n % 3 else "erased") for n in range(1, 60_001)]
    found = overlay(said, [Range(1, 60_000, "taken"), Range(30_000, 30_000, "refused", "x")])
    assert [(r.first, r.last, r.state) for r in found] == [
        (1, 29_999, "taken"), (30_000, 30_000, "refused"), (30_001, 60_000, "taken"),
    ]  # fmt: skip
