"""Records of one release chosen by words and values, as a condition on its columns.

The library chooses by its index (`tables.chosen`); where both can answer they mean the same, which a
test holds them to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

import polars as pl

from exchange_schemas.standard import Field, Standard
from publisher.bigrams import folded
from publisher.columns import hub_fields
from publisher.query import Filters

DAY = 10  # characters of 2026-01-31
DIVISION = 6  # digits of a county's code
_FILTERED = ("department", "county", "kind")
_SEARCHED = ("name", "code", "document", "product", "batch")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records: `filters` by roles, `where` by field (any of the values), `words` by search."""

    filters: Filters = field(default_factory=Filters)
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    words: str = ""

    def __bool__(self) -> bool:
        """Whether it leaves out anything at all."""
        chosen = (getattr(self.filters, name) for name in (*_FILTERED, "since", "until"))
        return bool(self.where or self.words.split() or any(chosen))


def condition(
    standard: Standard, selection: Selection, columns: Collection[str] | None = None
) -> pl.Expr:
    """True in rows (columns raw, as in rows.parquet) that are chosen.

    What names a role that the standard lacks, or a field that isn't public, chooses nothing; so does
    a field that the release doesn't have, where `columns` says which it has.
    """
    return reduce(and_, _conditions(standard, selection, columns), pl.lit(value=True))


def _conditions(
    standard: Standard, selection: Selection, columns: Collection[str] | None
) -> Iterator[pl.Expr]:
    filters = selection.filters
    for role in _FILTERED:
        wanted = getattr(filters, role)
        if wanted:
            yield _of_role(standard, role, wanted)
    day = role_field(standard, "date")
    if filters.since or filters.until:
        shown = pl.col(day.name).str.slice(0, DAY) if day else None
        yield _false() if shown is None else _between(shown, filters.since, filters.until)
    for name, values in selection.where.items():
        known = public_fields(standard).get(name)
        there = known is not None and (columns is None or name in columns)
        yield _is(known, values) if known and there else _false()
    yield from (_has(standard, word) for word in selection.words.split())


def public_fields(standard: Standard) -> dict[str, Field]:
    """The fields of a release, by name: the standard's public ones, then the hub's."""
    return {**standard.fields_for("public"), **hub_fields(standard)}


def role_field(standard: Standard, role: str) -> Field | None:
    """The public field that has the role; None where none has."""
    name = getattr(standard.roles, role)
    return standard.fields_for("public").get(name) if name else None


def _of_role(standard: Standard, role: str, wanted: str) -> pl.Expr:
    known = role_field(standard, role)
    if known is None:
        return _false()
    if role == "county":
        return (_division(known) == wanted).fill_null(value=False)
    return _is(known, [wanted])


def _is(known: Field, values: Sequence[str]) -> pl.Expr:
    column = pl.col(known.name)
    if known.kind == "list":
        found = reduce(or_, (column.list.contains(value) for value in values), _false())
        return found.fill_null(value=False)
    if known.kind == "boolean":
        wanted = [value == "true" for value in values]
        return column.is_in(wanted).fill_null(value=False)
    return column.cast(pl.String).is_in(list(values)).fill_null(value=False)


def _between(day: pl.Expr, since: str | None, until: str | None) -> pl.Expr:
    after = day >= since if since else pl.lit(value=True)
    before = day <= until if until else pl.lit(value=True)
    return (after & before).fill_null(value=False)


def _has(standard: Standard, word: str) -> pl.Expr:
    """Where a word of a search is in one of the fields that are searched."""
    names = [getattr(standard.roles, role) for role in _SEARCHED] + [*standard.roles.parties]
    public = standard.fields_for("public")
    fields = [public[name] for name in dict.fromkeys(names) if name in public]
    wanted = pl.select(folded(pl.lit(word))).item()
    if not wanted:
        return pl.lit(value=True)
    return reduce(or_, (_contains(one, wanted) for one in fields), _false())


def _contains(one: Field, wanted: str) -> pl.Expr:
    if one.kind == "list":
        text = pl.col(one.name).list.eval(folded(pl.element())).list.join("\n")
    else:
        text = folded(pl.col(one.name).cast(pl.String))
    return text.str.contains(wanted, literal=True).fill_null(value=False)


def _division(known: Field) -> pl.Expr:
    return pl.col(known.name).str.slice(0, DIVISION)


def _false() -> pl.Expr:
    return pl.lit(value=False)
