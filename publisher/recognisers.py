"""What private numbers look like: a pattern for candidates, and a check that tells real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from exchange_schemas.identifiers import resident_expected

# In the text every character that is neither letter nor digit stands twice, so one blank or
# hyphen between digits is two here. A letter or digit beside the number means that it is part of
# something else, such as a batch number; 第…号 is a certificate or a document.
_START, _END = r"(?:^|[^0-9A-Za-z第])", r"(?:$|[^0-9A-Za-z])"
_BLANKS, _GAP = r"\s{0,4}", r"[\s\-‐‑–—]{0,4}"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """`pattern` finds candidates; `holds` says of their digits (String → Boolean) if it is one."""

    pattern: str
    holds: Callable[[pl.Series], pl.Series]


def _digits(count: int) -> str:
    return rf"\d(?:{_BLANKS}\d){{{count - 1}}}"


def _either(*patterns: str) -> str:
    return f"{_START}(?:{'|'.join(patterns)}){_END}"


def _resident(numbers: pl.Series) -> pl.Series:
    """GB 11643: province, birth date, and for 18 characters the check digit."""
    new = rf"^{_PROVINCE}\d{{4}}(?:19|20)\d\d{_MONTH_DAY}\d{{3}}[\dX]$"
    old = rf"^{_PROVINCE}\d{{6}}{_MONTH_DAY}\d{{3}}$"
    checked = numbers.str.contains(new) & (numbers.str.slice(17, 1) == resident_expected(numbers))
    return checked.fill_null(value=False) | numbers.str.contains(old)


def _luhn(numbers: pl.Series) -> pl.Series:
    """ISO/IEC 7812: every second digit from the right doubled, sum divisible by ten."""
    backwards = numbers.str.reverse()
    total = pl.repeat(0, numbers.len(), dtype=pl.Int32, eager=True)
    for place in range(19):
        digit = backwards.str.slice(place, 1).cast(pl.Int32, strict=False).fill_null(0)
        total += digit if place % 2 == 0 else digit * 2 - (digit > 4).cast(pl.Int32) * 9
    return total % 10 == 0


def _always(numbers: pl.Series) -> pl.Series:
    return numbers.is_not_null()


# Written with blanks anywhere, or with hyphens between the groups in which such numbers are read.
RECOGNISERS = {
    "resident_id": Recogniser(
        _either(
            rf"{_digits(17)}{_BLANKS}[\dXx]",
            _digits(15),
            rf"\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx]",
            rf"\d{{6}}{_GAP}\d{{6}}{_GAP}\d{{3}}",
        ),
        _resident,
    ),
    "mobile": Recogniser(
        _either(
            rf"(?:\+{{0,2}}86{_GAP})?1{_BLANKS}[3-9]{_BLANKS}{_digits(9)}",
            rf"(?:\+{{0,2}}86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}",
        ),
        _always,
    ),
    "landline": Recogniser(_either(r"0(?:10|2\d|[3-9]\d\d)[)\s\-‐‑–—]{0,4}[2-8]\d{6,7}"), _always),
    "bank_card": Recogniser(
        _either(rf"62\d\d{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}(?:{_GAP}\d{{1,3}})?"), _luhn
    ),
}
