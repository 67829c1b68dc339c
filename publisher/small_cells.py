"""Small numbers in statistics: below 5 a number may tell of persons, and isn't shown.

Nor is one shown by which a small one could be computed. The floor of five is the hub's rule, as the
standard complaint_statistic has it; it follows from the personal information protection law, art. 4
(what is anonymised can't be traced to anybody).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from publisher.solvable import line_of, solvable

FLOOR = 5


def suppress(
    frame: pl.DataFrame, groups: Sequence[str], counts: Sequence[str], floor: int = FLOOR
) -> pl.DataFrame:
    """`frame` with null for every number of `counts` that is below `floor` or would tell one.

    `frame` has one row for each combination of `groups` that there is; `counts` are integers from
    0, without nulls. A line is a set of cells that differ in one group only, and whose total is
    shown (`totals`). Where a line has one hidden cell, or hidden ones that are below `floor`
    together, its next smallest is hidden, too; so is, in turn, whatever keeps a hidden cell from
    following from all totals together.
    """
    kept = [(name, _hidden(frame, groups, name, floor)) for name in counts]
    return frame.with_columns(pl.when(~hidden).then(name).alias(name) for name, hidden in kept)


def totals(
    frame: pl.DataFrame,
    groups: Sequence[str],
    counts: Sequence[str],
    over: str,
    floor: int = FLOOR,
) -> pl.DataFrame:
    """The totals over the group `over` of `frame` (as `suppress` takes it): a row for each
    combination of the other groups, `counts` null where a total may not be shown.

    That is where it is below `floor`, where it stands for a single hidden cell, and where another
    such total would follow from it.
    """
    others = [name for name in groups if name != over]
    hidden = {name: _hidden(frame, groups, name, floor).alias(f"_{name}") for name in counts}
    marked = frame.with_columns(*hidden.values())
    alone = [(pl.col(f"_{name}").sum() == 1).alias(f"_{name}") for name in counts]
    lines = _summed(marked, others, [*(pl.col(name).sum() for name in counts), *alone])
    kept = [(name, _hidden(lines, others, name, floor, lines[f"_{name}"])) for name in counts]
    shown = lines.with_columns(pl.when(~series).then(name).alias(name) for name, series in kept)
    return shown.select(*others, *counts)


def _summed(frame: pl.DataFrame, others: list[str], sums: list[pl.Expr]) -> pl.DataFrame:
    return frame.group_by(others, maintain_order=True).agg(sums) if others else frame.select(sums)


def _hidden(
    frame: pl.DataFrame,
    groups: Sequence[str],
    name: str,
    floor: int,
    also: pl.Series | None = None,
) -> pl.Series:
    """Which cells of one count aren't shown (Boolean); `also` are some that mustn't be."""
    small = pl.col("_count") < floor
    cells = frame.select(*groups, pl.col(name).alias("_count")).with_columns(
        pl.col("_count").rank("ordinal").alias("_rank"),
        (small if also is None else small | also).alias("_hidden"),
    )
    before = -1
    while before != (before := int(cells["_hidden"].sum())):
        cells = _paired(cells, groups, floor)
        told = solvable(cells, groups, floor)
        if told.any():
            cells = _joined(cells.with_columns(told.alias("_told")), groups)
            stuck = before == int(cells["_hidden"].sum())
            if stuck:  # nothing is left to hide beside it
                return pl.repeat(value=True, n=cells.height, dtype=pl.Boolean, eager=True)
    return cells["_hidden"]


def _paired(cells: pl.DataFrame, groups: Sequence[str], floor: int) -> pl.DataFrame:
    """No line with one hidden cell, or with hidden ones that are below `floor` together."""
    before = -1
    while before != (before := int(cells["_hidden"].sum())):
        for over in groups:
            line = line_of(groups, over)
            number = pl.col("_hidden").sum().over(line)
            together = pl.col("_count").filter("_hidden").sum().over(line)
            cells = _next_hidden(cells, line, (number == 1) | ((number > 0) & (together < floor)))
    return cells


def _joined(cells: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """One more cell hidden in every line that has a cell that is told (`_told`)."""
    for over in groups:
        line = line_of(groups, over)
        cells = _next_hidden(cells, line, pl.col("_told").any().over(line))
    return cells.drop("_told")


def _next_hidden(cells: pl.DataFrame, line: list[pl.Expr], where: pl.Expr) -> pl.DataFrame:
    """The smallest cell that is shown of each line hidden, `where` that is wanted."""
    least = pl.col("_rank").filter(~pl.col("_hidden")).min().over(line)
    more = where & ~pl.col("_hidden") & (pl.col("_rank") == least)
    return cells.with_columns((pl.col("_hidden") | more.fill_null(value=False)).alias("_hidden"))
