"""Canaries: values that stand nowhere else, in the form that a field asks for.

A text is given two characters of CJK extension A that no other canary has beside each other, and a
word of its own, so that a part of it is found too: in an index of pairs, or after a cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from typing import Any

import polars as pl

from exchange_schemas.identifiers import resident_expected, uscc_check_digit
from exchange_schemas.standard import Field

Record = dict[str, Any]

_RARE = [chr(0x3400 + number) for number in range(0, 4000, 7)]
_FAR = date(2103, 1, 1)  # of no sample, and after every other day of a record
_LONG_AGO = date(1703, 1, 1)
_MANY = 1_000_000  # numbers, of which a canary is one
_DAYS = 40_000  # more than there are canaries: two of one day would be taken for each other


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted value: where it was planted, and the texts of which each gives it away.

    A `private` one is a number inside a text that may be public without it.
    """

    dataset: str
    field: str
    tier: str
    needles: tuple[str, ...]
    private: bool = False

    @property
    def word(self) -> str:
        """What a person would search for."""
        return self.needles[0]


@dataclass
class Mint:
    """Makes canaries, and knows all that it made."""

    made: list[Canary] = field(default_factory=list)
    _pairs: Iterator[tuple[str, str]] = field(default_factory=lambda: product(_RARE, repeat=2))

    def value(self, dataset: str, one: Field, before: Any = None, *, hidden: bool = True) -> Any:
        """A value for the field with a canary in it; of what isn't hidden it follows `before`.

        None where the field takes nothing of its own: yes or no, a code, a place.
        """
        form = one.schema.get("format")
        if one.kind == "list":
            text = None if "enum" in one.schema["items"] else self._text(dataset, one, "", 40)
            return None if text is None else [text]
        if one.kind == "boolean" or form in _KNOWN or not has_room(one):
            return None
        number = len(self.made)
        if one.kind == "string" and form is None:
            return self._string(dataset, one, "" if hidden else str(before or ""))
        made = _FORMS[form or one.kind](number, one.schema.get("maximum"))
        self._keep(dataset, one, (str(made),))
        return made

    @property
    def first_far(self) -> str:
        """The first day in the future that a canary may have."""
        return _FAR.isoformat()

    def past(self, dataset: str, one: Field) -> str:
        """A day of no sample, before every other day of a record."""
        made = (_LONG_AGO + timedelta(days=len(self.made) % _DAYS)).isoformat()
        self._keep(dataset, one, (made,))
        return made

    def private(self, dataset: str, one: Field) -> str:
        """An identity number and a telephone, as they stand in a text."""
        number, phone = resident_id(len(self.made)), mobile(len(self.made))
        self.made.append(Canary(dataset, one.name, one.tier, (number, phone), private=True))
        return f"身份证{number}，手机{phone}"

    def _string(self, dataset: str, one: Field, before: str) -> str | None:
        most = int(one.schema.get("maxLength", 1000))
        number = len(self.made)
        for ending, make in _NUMBERS.items():
            if one.name.endswith(ending):
                made = make(number)
                self._keep(dataset, one, (made,))
                return made
        return self._text(dataset, one, before, most)

    def _text(self, dataset: str, one: Field, before: str, most: int) -> str | None:
        pair = "".join(next(self._pairs))
        word = f"ZQ{len(self.made):05d}Q"
        if most < len(pair + word):
            return None
        self._keep(dataset, one, (pair, word))
        return before[: most - len(pair + word)] + pair + word

    def _keep(self, dataset: str, one: Field, needles: tuple[str, ...]) -> None:
        self.made.append(Canary(dataset, one.name, one.tier, needles))


def has_room(one: Field) -> bool:
    """Whether a field takes values of its own: one with a few codes, or a small count, doesn't."""
    return "enum" not in one.schema and one.schema.get("maximum", _MANY) >= _MANY


def resident_id(number: int) -> str:
    """A well-formed number of a person who doesn't exist."""
    day = date(1905, 1, 1) + timedelta(days=number % 30_000)
    body = f"440902{day:%Y%m%d}{number // 30_000:03d}"
    return body + str(resident_expected(pl.Series([body + "0"]))[0])


def mobile(number: int) -> str:
    """A well-formed number of a mobile telephone."""
    return f"1917{number * 7:07d}"


def credit_code(number: int) -> str:
    """A well-formed credit code."""
    body = f"91440902MQ{number:07d}"
    return body + uscc_check_digit(body)


_KNOWN = ("division-code", "reg-no", "doc-no", "org-code")
_FORMS: Mapping[str, Any] = {
    "uscc": lambda number, _: credit_code(number),
    "date": lambda number, _: (_FAR + timedelta(days=number % _DAYS)).isoformat(),
    "date-time": lambda number, _: (
        f"{_FAR + timedelta(days=number % _DAYS)}T0{number % 10}:17:43+08:00"
    ),
    "decimal": lambda number, _: f"{7310000 + number}.{number % 90 + 10}7",
    "integer": lambda number, most: 910_000 + number if most else 73_100_000 + number,
}
_NUMBERS = {
    "cert_no": resident_id,
    "phone": mobile,
    "email": lambda number: f"zq{number:05d}@canary.example",
}
