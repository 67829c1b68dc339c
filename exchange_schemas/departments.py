"""The city's departments: which one a name means on a day, and which one does its work later.

`codes/departments.csv` has the departments with the days of their existence, their successors and
their credit codes (column `uscc`, empty where not known); `codes/department_names.csv` has further
names of theirs. The city's own departments are written with its name or without: 茂名市民政局 is
市民政局. A district's department (茂名市茂南区…, 高州市…) is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from exchange_schemas.code_list import Code, CodeList
from exchange_schemas.codes import load_codes
from exchange_schemas.divisions import city_prefix

_CITY = "市"  # what its departments' names begin with in the list


@dataclass(frozen=True, slots=True)
class Department:
    """A department, with the days of its existence (None: not known) and its credit code."""

    code: str
    title: str
    title_en: str
    valid_from: date | None
    valid_to: date | None
    uscc: str | None

    def valid_on(self, day: date) -> bool:
        """Whether the department existed on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class _Named:
    """A department under one name, on the days from `begin` to `end` (ISO, both included)."""

    begin: str
    end: str
    department: Department


def department_named(name: str, day: date | None = None) -> Department | None:
    """The department that had the name on that day; without a day, the last that had it.

    None where no department of the city had it. Raises Misdeclared (codelist_invalid).
    """
    iso = None if day is None else day.isoformat()
    names = _names(load_codes("departments"), load_codes("department_names"))
    for named in names.get(_plain(name), ()):
        if iso is None or named.begin <= iso <= named.end:
            return named.department
    return None


def department_code(name: str, day: date | None = None) -> str | None:
    """The credit code of the department that had the name on that day; None where not known."""
    found = department_named(name, day)
    return found.uscc if found else None


def successors(code: str, day: date) -> tuple[Department, ...]:
    """The departments that do a department's work on that day, the accountable one first.

    It is the department itself while it exists, and nobody before.
    """
    departments = load_codes("departments")
    own = departments.on(code, day)
    return tuple(map(_department, [own] if own else departments.later(code, day)))


def successor(code: str, day: date) -> Department | None:
    """The department that is accountable for a department's work on that day."""
    return next(iter(successors(code, day)), None)


def departments_named(name: pl.Expr, day: pl.Expr, column: str = "code") -> pl.Expr:
    """The same as `department_named` for columns: `code` or `uscc` of the department, or null.

    `name` and `day` (ISO) are Strings; where there is no day, the last department that had the name.
    """
    plain = name.str.strip_chars().str.replace(city_prefix(), _CITY)
    names = _names(load_codes("departments"), load_codes("department_names"))
    found = []
    for rank in range(max(map(len, names.values()), default=1)):
        at = {text: rows[rank] for text, rows in names.items() if rank < len(rows)}
        told = {text: getattr(named.department, column) for text, named in at.items()}
        begun = day >= _look_up(plain, {text: named.begin for text, named in at.items()})
        lasts = day <= _look_up(plain, {text: named.end for text, named in at.items()})
        on = (begun & lasts).fill_null(value=True)
        found.append(pl.when(on).then(_look_up(plain, told)))
    return pl.coalesce(found)


def _look_up(value: pl.Expr, table: Mapping[str, str | None]) -> pl.Expr:
    return value.replace_strict(table, default=None, return_dtype=pl.String)


def _plain(name: str) -> str:
    """A name as the list has it: 广东省茂名市民政局 → 市民政局."""
    return re.sub(city_prefix(), _CITY, name.strip())


@lru_cache(maxsize=2)
def _names(departments: CodeList, further: CodeList) -> dict[str, list[_Named]]:
    """The departments by name; of several with one name, the last one first."""
    found: dict[str, list[_Named]] = {}
    for rows in departments.periods.values():
        for row in rows:
            found.setdefault(row.title, []).append(_named(row, row))
    for rows in further.periods.values():
        for row in rows:
            code = row.more["department"]
            found.setdefault(row.code, []).extend(
                _named(row, one) for one in departments.periods[code]
            )
    for named in found.values():
        named.sort(key=lambda one: one.begin, reverse=True)
    return found


def _named(name: Code, of: Code) -> _Named:
    """A department has a name on the days on which there is both the name and the department."""
    begin = max(name.valid_from or date.min, of.valid_from or date.min)
    end = min(name.valid_to or date.max, of.valid_to or date.max)
    return _Named(begin.isoformat(), end.isoformat(), _department(of))


def _department(code: Code) -> Department:
    return Department(
        code.code, code.title, code.title_en, code.valid_from, code.valid_to, code.more.get("uscc")
    )
