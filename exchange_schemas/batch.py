"""The unit in which data moves: a table of rows with the source line of every row."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from exchange_schemas.issue import empty_issues

LINE = "_line"  # Int64 column of every batch: line of the source where the row starts, 1-based


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as they are in the source, or normalised to a standard's fields.

    `rows` has the Int64 column `_line`. Raw: all other columns are String, named as in the source.
    Normalised: columns are the standard's field names in the types of `Field.dtype`.
    `issues` has `issue.ISSUE_COLUMNS`; its lines refer to `rows` or to rows that couldn't be read.
    `unreadable` counts source rows that are not in `rows` because they couldn't be split into fields.
    """

    rows: pl.DataFrame
    issues: pl.DataFrame = field(default_factory=empty_issues)
    unreadable: int = 0
