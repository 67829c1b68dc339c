"""Hidden cells of a table that follow from the totals of its lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

_ALMOST = 1 - 1e-6  # a projection's diagonal is 1 where a cell is told, up to rounding


def line_of(groups: Sequence[str], over: str) -> list[pl.Expr]:
    """What the cells of a line over the group `over` have in common."""
    others: list[pl.Expr] = [pl.col(name) for name in groups if name != over]
    return others or [pl.lit(0)]


def solvable(cells: pl.DataFrame, groups: Sequence[str], floor: int) -> pl.Series:
    """Which cells are hidden, and have one value only that fits all totals (Boolean).

    `cells` has `groups`, `_count` and `_hidden` (Boolean). The totals are those of lines with more
    than one cell that come to `floor` at least; others aren't shown.
    """
    told = np.zeros(cells.height, dtype=bool)
    if len(groups) > 1 and cells["_hidden"].any():
        lines = _lines(cells, groups, floor)
        for part in lines.partition_by("part"):
            names = [name for name in lines.columns if name.startswith("line_")]
            told[part["cell"].to_numpy()] = _follows(part.select(names))
    return pl.Series("told", told)


def _lines(cells: pl.DataFrame, groups: Sequence[str], floor: int) -> pl.DataFrame:
    """cell (row number), line_0 … (number of the line over each group, null: without a total) and
    `part` of the hidden cells: cells of different parts have no line in common."""
    numbered = [
        pl.when((pl.len() > 1) & (pl.col("_count").sum() >= floor))
        .then(pl.col("cell").min())
        .over(line_of(groups, over))
        .alias(f"line_{n}")
        for n, over in enumerate(groups)
    ]
    hidden = cells.with_row_index("cell").with_columns(numbered).filter("_hidden")
    parts = hidden.with_columns(pl.col("cell").alias("part"))
    before = None
    while before is None or not before.equals(parts["part"]):
        before = parts["part"]
        for n in range(len(groups)):
            near = pl.col("part").min().over(f"line_{n}")
            linked = pl.col(f"line_{n}").is_not_null()
            parts = parts.with_columns(pl.when(linked).then(near).otherwise("part").alias("part"))
    return parts


def _follows(lines: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Of the cells of one part, which are told: whose unit vector the equations span."""
    equations = [
        (column.to_numpy()[None, :] == column.drop_nulls().unique().to_numpy()[:, None])
        for column in lines.iter_columns()
    ]
    matrix = np.vstack(equations).astype(float)
    if not matrix.size:
        return np.zeros(lines.height, dtype=bool)
    return np.asarray(np.diag(np.linalg.pinv(matrix) @ matrix) > _ALMOST)
