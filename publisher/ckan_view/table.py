"""The records of a release as a table of CKAN's datastore."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from exchange_schemas.standard import Field
from publisher.ckan_view.columns import ROW, type_of
from publisher.ckan_view.failures import Invalid, Missing, Waiting
from publisher.ckan_view.ids import row_numbers
from publisher.ckan_view.shelf import Book
from publisher.ckan_view.table_query import TableQuery
from publisher.columns import RECORD_ID, SALT
from publisher.contents import contents_of
from publisher.library import Library
from publisher.manifest import Release
from publisher.selection import Selection, condition

MOST_IDS = 100  # records that are looked up one by one
MOST_ORDERED = 100_000  # rows of a dump in another order, which are held at once


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, how many there are in all, and the cursor of the next page where there is one.

    A record lacks the columns for which it has no value.
    """

    total: int
    records: Sequence[Mapping[str, Any]]
    after: str | None = None


def page(library: Library, book: Book, fields: Mapping[str, Field], query: TableQuery) -> Page:
    """The rows that are asked for. Raises Waiting, Invalid, and Missing where the release is gone."""
    release = _readable(library, book)
    if _plain(fields, replace(query, where={})) and _few_ids(query):
        return _by_id(library, release, query)
    if not _plain(fields, query):
        if query.after:
            raise Invalid(
                {"after": ["A cursor goes on with the question that gave it, and no other"]}
            )
        return _scanned(library, book, release, fields, query)
    sort = [name for name, _ in query.sort if name != ROW]
    found = library.rows(
        release.dataset,
        where={name: list(values) for name, values in query.where.items()},
        words=query.words,
        sort=("-" if query.sort[0][1] else "") + sort[0] if sort else None,
        after=query.after,
        offset=query.offset,
        size=max(query.limit, 1),
    )
    return Page(found.total, found.records[: query.limit], found.after if query.limit else None)


def parts(
    library: Library, book: Book, fields: Mapping[str, Field], query: TableQuery
) -> Iterator[pl.DataFrame]:
    """All rows that are asked for, a part at a time. Raises Invalid, Waiting and Missing.

    Those of another order than the release's are held at once, and so they are limited.
    """
    release = _readable(library, book)
    if query.distinct or any(name != ROW or down for name, down in query.sort):
        if query.limit > MOST_ORDERED:
            raise Invalid({"limit": [f"At most {MOST_ORDERED} where sort or distinct is given"]})
        return iter([_frame(book, release, fields, query)[1]])
    return _slices(book, release, fields, query)


def _few_ids(query: TableQuery) -> bool:
    own = list(query.where) == [RECORD_ID] and len(query.where[RECORD_ID]) <= MOST_IDS
    return own and not (query.words or query.sort or query.after)


def _by_id(library: Library, release: Release, query: TableQuery) -> Page:
    ids = dict.fromkeys(query.where[RECORD_ID])
    known = (library.record(release.dataset, one) for one in ids)
    found = [one for one in known if one is not None]
    return Page(len(found), found[query.offset :][: query.limit])


def _readable(library: Library, book: Book) -> Release:
    """The release to read: the dataset's newest, which may have come since the shelf was made."""
    release = library.latest(book.release.dataset)
    if release is None:
        raise Missing
    if not library.good(release):
        raise Waiting
    return release


def _plain(fields: Mapping[str, Field], query: TableQuery) -> bool:
    """Whether the library's own paging can answer: by index, and with a cursor."""
    one_way = not query.sort or (len(query.sort) == 1 and query.sort[0] != (ROW, True))
    special = [name for name in query.where if _special(fields, name)]
    return one_way and not (special or query.inside or query.distinct)


def _special(fields: Mapping[str, Field], name: str) -> bool:
    """Whether the library's selection doesn't know the column, or compares it otherwise."""
    return name in (ROW, RECORD_ID, SALT) or _numeric(fields, name)


def _numeric(fields: Mapping[str, Field], name: str) -> bool:
    return name in fields and type_of(fields[name]) == "numeric"


def _scanned(
    library: Library, book: Book, release: Release, fields: Mapping[str, Field], query: TableQuery
) -> Page:
    try:
        total, frame = _frame(book, release, fields, query)
    except (OSError, PolarsError):
        if library.latest(release.dataset) == release:
            raise
        total, frame = _frame(book, _readable(library, book), fields, query)
    return Page(total, frame.to_dicts())


def _frame(
    book: Book, release: Release, fields: Mapping[str, Field], query: TableQuery
) -> tuple[int, pl.DataFrame]:
    """How many rows there are in all, and those of the page, with the columns of the query."""
    rows = pl.scan_parquet(contents_of(release.path).path).filter(_wanted(book, fields, query))
    if query.distinct:
        rows = _numbered(rows, query.columns).unique(maintain_order=True)
    total = int(rows.select(pl.len()).collect().item())
    keys = [name for name, _ in query.sort]
    down = [descends for _, descends in query.sort]
    if keys == [ROW]:
        rows = rows.reverse() if down[0] else rows
    elif keys:
        own = [_key(fields, name) for name in keys]
        rows = rows.sort(own, descending=down, nulls_last=True, maintain_order=True)
    rows = rows.slice(query.offset, query.limit)
    return total, (rows if query.distinct else _numbered(rows, query.columns)).collect()


def _key(fields: Mapping[str, Field], name: str) -> pl.Expr:
    if name == ROW:
        return row_numbers(pl.col(RECORD_ID))
    column = pl.col(name)
    return column.cast(pl.Float64, strict=False) if _numeric(fields, name) else column


def _slices(
    book: Book, release: Release, fields: Mapping[str, Field], query: TableQuery
) -> Iterator[pl.DataFrame]:
    skip, left = query.offset, query.limit
    wanted = _wanted(book, fields, query)
    for part in contents_of(release.path).slices():
        found = part.filter(wanted)
        rows = found.slice(skip, left)
        skip, left = max(skip - found.height, 0), left - rows.height
        if rows.height:
            yield _numbered(rows.lazy(), query.columns).collect()
        if left <= 0:
            return


def _numbered(rows: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    number = row_numbers(pl.col(RECORD_ID)).alias(ROW)
    return rows.select(number if name == ROW else pl.col(name) for name in columns)


def _wanted(book: Book, fields: Mapping[str, Field], query: TableQuery) -> pl.Expr:
    own = {n: v for n, v in query.where.items() if not _special(fields, n)}
    tests = [condition(book.standard, Selection(where=own, words=query.words))]
    tests += [_equal(fields, n, v) for n, v in query.where.items() if _special(fields, n)]
    tests += [_inside(fields[name], text) for name, text in query.inside.items()]
    return reduce(and_, (test.fill_null(value=False) for test in tests))


def _equal(fields: Mapping[str, Field], name: str, values: Sequence[str]) -> pl.Expr:
    if name == ROW:
        return row_numbers(pl.col(RECORD_ID)).cast(pl.String).is_in(list(values))
    if not _numeric(fields, name):
        return pl.col(name).is_in(list(values))
    numbers = pl.Series(values, dtype=pl.String).cast(pl.Float64, strict=False).drop_nulls()
    return pl.col(name).cast(pl.Float64, strict=False).is_in(numbers.implode())


def _inside(field: Field, text: str) -> pl.Expr:
    column = pl.col(field.name)
    whole = column.list.join("\n") if field.kind == "list" else column.cast(pl.String)
    return whole.str.contains(text, literal=True)
