"""Code lists: what each code means, and from when until when it may be used.

A list is a CSV file in `codes/`: code, title, title_en, valid_from, valid_to (days, both included,
empty: no limit); further columns are for people.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

CODES = Path(__file__).parent / "codes"


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list, with its Chinese and English title."""

    code: str
    title: str
    title_en: str
    valid_from: date | None = None
    valid_to: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the code may be used in a record of that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list's codes in the order of its file."""

    name: str
    codes: Mapping[str, Code]

    def valid_on(self, code: str, day: date) -> bool:
        """Whether `code` is in the list and may be used in a record of that day."""
        return code in self.codes and self.codes[code].valid_on(day)

    def unlisted(self, value: pl.Expr) -> pl.Expr:
        """True where a String isn't a code of the list; null where there is none."""
        return ~value.is_in(list(self.codes))

    def unlisted_division(self, value: pl.Expr) -> pl.Expr:
        """True where a division code of 6, 9 or 12 digits is of no division in the list.

        Only codes of a listed prefecture (four digits and 00) are judged: the list has the
        divisions of this city and not those of the whole country.
        """
        prefecture = pl.concat_str(value.str.slice(0, 4), pl.lit("00"))
        return ~self.unlisted(prefecture) & self.unlisted(value.str.slice(0, 6))


def code_lists(root: Path = CODES) -> list[str]:
    """The names of all lists."""
    return sorted(path.stem for path in root.glob("*.csv"))


@cache
def load_codes(name: str, root: Path = CODES) -> CodeList:
    """A list by its name; raises Misdeclared (codelist_unknown, standard_invalid)."""
    path = root / f"{name}.csv"
    if name not in code_lists(root):
        known = ", ".join(code_lists(root))
        raise Misdeclared(Issue("codelist_unknown", value=name, params={"known": known}))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            codes = [_code(row) for row in csv.DictReader(file, strict=True)]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        words = {"place": str(path), "reason": f"{type(error).__name__}: {error}"}
        raise Misdeclared(Issue("standard_invalid", params=words)) from error
    return CodeList(name, {code.code: code for code in codes})


def _code(row: Mapping[str, str]) -> Code:
    days = (
        date.fromisoformat(row[end]) if row[end] else None for end in ("valid_from", "valid_to")
    )
    return Code(row["code"], row["title"], row["title_en"], *days)
