"""Which sheets of a workbook a feed takes, and their tables one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase

import polars as pl

from adapters.feed import Feed, Format
from adapters.sheet import Sheet
from adapters.sheet_table import read_table
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

EACH_SHEET = (
    10_000_000  # the rows of the second sheet count from here, of the third from twice that
)
SHEET = "#sheet"  # the column with the sheet's name, where a feed takes several


def choose(told: Format, names: Sequence[str], file: str) -> list[str]:
    """The sheets that the feed names, in the workbook's order; the first where it names none.

    Raises SourceUnreadable (sheet_missing).
    """
    one, several = told.get("sheet"), told.get("sheets")
    if several is not None:
        patterns = [several] if isinstance(several, str) else several
        found = [name for name in names if any(fnmatchcase(name, p) for p in patterns)]
        wanted = "、".join(patterns)
    else:
        found = list(names[:1]) if one is None else [name for name in names if name == one]
        wanted = one or ""
    if not found:
        params = {"found": "、".join(names)}
        raise SourceUnreadable(Issue("sheet_missing", value=wanted, file=file, params=params))
    return found


def read_sheets(
    feed: Feed, file: str, names: Sequence[str], open_one: Callable[[str], Sheet]
) -> Iterator[Batch]:
    """The tables of the sheets that the feed takes; `names` are all that the workbook has.

    Of several sheets all have the columns of the first and `#sheet`; what another has besides is
    told. Raises SourceUnreadable as `read_table` does, sheet_missing, and column_missing where a
    sheet lacks a column that the feed needs.
    """
    chosen = choose(feed.format, names, file)
    if "sheets" not in feed.format.options:
        yield from read_table(open_one(chosen[0]), feed, file)
        return
    columns: list[str] = []
    for place, name in enumerate(chosen):
        batches = read_table(open_one(name), feed, f"{file} [{name}]")
        for number, batch in enumerate(batches):
            columns = columns or [*_extended(batch.rows.columns, feed)]
            told = _tell(batch, columns, feed, f"{file} [{name}]") if place and not number else []
            yield _placed(batch, columns, place * EACH_SHEET, name, told)


def _extended(columns: Sequence[str], feed: Feed) -> Iterator[str]:
    """The first sheet's columns, and those that the feed takes where they exist."""
    yield from columns
    needed = {c for rule in feed.fields.values() if not rule.optional for c in rule.columns}
    yield from (c for c in feed.columns if c not in columns and c not in needed and c != SHEET)


def _tell(batch: Batch, columns: Sequence[str], feed: Feed, file: str) -> list[Issue]:
    """Columns that one of the further sheets has and the first hasn't; stops where one is missing."""
    there = batch.rows.columns
    for rule in feed.fields.values():
        absent = [c for c in rule.columns if c not in there and c != SHEET]
        if absent and not rule.optional:
            params = {"found": "、".join(name for name in there if name != LINE)}
            value = "、".join(absent)
            raise SourceUnreadable(Issue("column_missing", value=value, file=file, params=params))
    new = [name for name in there if name not in columns and name not in feed.ignore]
    return [Issue("column_unknown", value=name) for name in new]


def _placed(
    batch: Batch, columns: Sequence[str], offset: int, sheet: str, told: list[Issue]
) -> Batch:
    empty = [pl.lit(None, pl.String).alias(c) for c in columns if c not in batch.rows.columns]
    rows = batch.rows.with_columns(pl.col(LINE) + offset, *empty).select(columns)
    issues = batch.issues.with_columns(pl.col("line") + offset)
    named = rows.with_columns(pl.lit(sheet).alias(SHEET))
    return Batch(named, pl.concat([issues_frame(told), issues]), batch.unreadable)
