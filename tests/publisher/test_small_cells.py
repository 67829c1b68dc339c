"""Small numbers: hidden, and not to be had by subtracting what is shown from totals."""

from __future__ import annotations

import itertools
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.small_cells import FLOOR, suppress, totals

GROUPS = ["department", "month"]


def table(*counts: list[int]) -> pl.DataFrame:
    """Departments down, months across."""
    rows = [(d, m, count) for d, row in enumerate(counts) for m, count in enumerate(row)]
    return pl.DataFrame(rows, schema=[*GROUPS, "received"], orient="row")


def shown(*counts: list[int]) -> list[list[int | None]]:
    cells = suppress(table(*counts), GROUPS, ["received"])["received"].to_list()
    width = len(counts[0])
    return [cells[n : n + width] for n in range(0, len(cells), width)]


@pytest.mark.parametrize(
    ("counts", "left"),
    [
        ([[9, 9], [9, 9]], [[9, 9], [9, 9]]),  # nothing small: all of it
        # one small cell takes its row's, its column's, and the one where those two meet
        ([[4, 9, 30], [8, 20, 40], [50, 60, 70]], [[None, None, 30], [None, None, 40], [50, 60, 70]]),
        ([[5, 5], [5, 5]], [[5, 5], [5, 5]]),  # the floor itself is shown
        ([[0, 9], [9, 9]], [[None, None], [None, None]]),  # nothing at all is a small number, too
        # two that come to less than five together would tell that each does: a third is hidden
        ([[1, 2, 30, 40], [1, 2, 30, 40]], [[None, None, None, 40], [None, None, None, 40]]),
    ],
)  # fmt: skip
def test_what_is_left(counts: list[list[int]], left: list[list[int | None]]) -> None:
    assert shown(*counts) == left


def test_one_group_and_several_counts() -> None:
    frame = pl.DataFrame({"month": [1, 2, 3], "received": [3, 10, 20], "closed": [7, 8, 9]})
    hidden = suppress(frame, ["month"], ["received", "closed"])
    assert hidden["received"].to_list() == [None, None, 20]
    assert hidden["closed"].to_list() == [7, 8, 9]
    assert totals(frame, ["month"], ["received", "closed"], "month").row(0) == (33, 24)


def test_a_total_that_is_small_or_stands_for_one_cell_is_not_shown() -> None:
    frame = table([1, 2], [30, 40], [50, 60]).filter(
        ~((pl.col("department") == 2) & (pl.col("month") == 1))
    )
    by_department = totals(frame, GROUPS, ["received"], "month")
    assert by_department["received"].to_list()[0] is None  # 3
    assert by_department["received"].null_count() >= 2  # … or it would follow from the sum of all


def test_a_cell_between_two_blocks_follows_from_all_totals_together() -> None:
    # Each line has two hidden cells or none, and still the middle one (row 2, column 2) would be
    # the rows' sum less the columns'.
    counts = [
        [1, 4, 90, 90, 90], [4, 1, 90, 90, 90], [90, 1, 4, 90, 90], [90, 90, 90, 1, 4], [90, 90, 1, 4, 3],
    ]  # fmt: skip
    cells = table(*counts)
    assert computable(cells, suppress(cells, GROUPS, ["received"]), GROUPS) == []


@st.composite
def tables(draw: st.DrawFn) -> tuple[pl.DataFrame, list[str]]:
    """A table of one to three groups, some of its cells missing; most numbers are small."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    places = list(itertools.product(*(range(size) for size in sizes)))
    kept = draw(st.lists(st.sampled_from(places), min_size=1, unique=True))
    number = st.integers(0, 9) | st.integers(0, 200)
    names = [f"g{n}" for n in range(len(sizes))]
    rows = [(*place, draw(number)) for place in sorted(kept)]
    return pl.DataFrame(rows, schema=[*names, "received"], orient="row"), names


def equations(frame: pl.DataFrame, hidden: pl.DataFrame, groups: list[str]) -> list[list[int]]:
    """Of the hidden cells, those of each line whose total is shown, as rows of zeros and ones."""
    lost = hidden["received"].is_null().to_list()
    places = [row for row, gone in zip(frame.select(groups).rows(), lost, strict=True) if gone]
    found = []
    for over in groups:
        others = [name for name in groups if name != over]
        for row in totals(frame, groups, ["received"], over).iter_rows(named=True):
            if row["received"] is not None:
                mine = [all(p[groups.index(o)] == row[o] for o in others) for p in places]
                found.append([int(one) for one in mine])
    return found


def computable(frame: pl.DataFrame, hidden: pl.DataFrame, groups: list[str]) -> list[int]:
    """Numbers of the hidden cells that have one solution only, by exact elimination."""
    rows = [[Fraction(one) for one in row] for row in equations(frame, hidden, groups)]
    width, done = hidden["received"].null_count(), 0
    for column in range(width):
        pivot = next((n for n in range(done, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [one / rows[done][column] for one in rows[done]]
        for n, row in enumerate(rows):
            if n != done and row[column]:
                rows[n] = [a - row[column] * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    return [row.index(1) for row in rows if sum(1 for one in row if one) == 1]


@settings(max_examples=300, deadline=None)
@given(tables())
def test_no_hidden_cell_can_be_computed(made: tuple[pl.DataFrame, list[str]]) -> None:
    frame, groups = made
    hidden = suppress(frame, groups, ["received"])
    left = hidden["received"].drop_nulls()
    assert left.is_empty() or left.min() >= FLOOR  # type: ignore[operator]
    kept = hidden["received"].is_null() | (hidden["received"] == frame["received"])
    assert kept.all()
    assert computable(frame, hidden, groups) == []


@given(tables())
@settings(max_examples=100, deadline=None)
def test_a_total_is_the_right_one_and_not_small(made: tuple[pl.DataFrame, list[str]]) -> None:
    frame, groups = made
    for over in groups:
        others = [name for name in groups if name != over]
        found = totals(frame, groups, ["received"], over)
        right = (
            frame.group_by(others, maintain_order=True).agg(pl.col("received").sum())
            if others
            else frame.select(pl.col("received").sum())
        )
        for told, true in zip(found["received"], right["received"], strict=True):
            assert told is None or told == true >= FLOOR


def test_a_hundred_thousand_cells_take_seconds() -> None:
    frame = (
        pl.DataFrame({"department": range(100)})
        .join(pl.DataFrame({"month": range(1_000)}), how="cross")
        .with_columns(received=(pl.int_range(pl.len()) * 7919) % 1_000)
    )
    assert suppress(frame, GROUPS, ["received"])["received"].drop_nulls().min() == FLOOR
