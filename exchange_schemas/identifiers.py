"""Identifiers with check digits, whole columns at a time.

Sources: GB 32100-2015 (unified social credit code), GB 11714-1997 (organisation code),
GS 15-2006 (registration number), GB 11643-1999 (resident identity number).

Every `*_expected` function takes a String series and gives a String series: the check digit that
the body asks for, or null where the value doesn't have the identifier's form (or is null itself).
Every `*_wrong` function gives a Boolean series without nulls: true where a value has the form and
ends in another check digit. `uscc_verdicts` and `org_verdicts` judge form and check digit at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exchange_schemas.fixed_width import Adder, verdicts

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
USCC_ABSENT = "00000000000000000X"  # written in practice where no code was given
USCC_FORM = r"^[0-9A-HJ-NPQRTUWXY]{18}$"

ORG_FORM = r"^[0-9A-Z]{8}[0-9X]$"
REG_FORM = r"^[0-9]{15}$"  # older numbers of 13 or 14 digits have no check digit
RESIDENT_FORM = r"^[0-9]{17}[0-9X]$"

_DIGITS = "0123456789"
_USCC_WEIGHTS = [pow(3, place, 31) for place in range(17)]
_ORG_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]
_RESIDENT_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

Numbers = NDArray[np.int64]
Letters = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Scheme:
    """How one identifier's check digit follows from its body.

    `form` fixes the length; a character's number is its place in `letters`; `check` turns the rows
    of numbers into places in `digits`.
    """

    form: str
    letters: str
    digits: str
    check: Callable[[Numbers], Numbers]

    def expected(self, values: pl.Series) -> pl.Series:
        formed = self._formed(values)
        out = np.full(len(values), None, dtype=object)
        if formed.any():
            found = self._right(_matrix(values.filter(formed)))
            out[formed.to_numpy()] = list(found.tobytes().decode("ascii"))
        return pl.Series(values.name, out.tolist(), dtype=pl.String)

    def wrong(self, values: pl.Series) -> pl.Series:
        formed = self._formed(values)
        out = np.zeros(len(values), dtype=np.bool_)
        if formed.any():
            matrix = _matrix(values.filter(formed))
            out[formed.to_numpy()] = self._right(matrix) != matrix[:, -1]
        return pl.Series(values.name, out)

    def _formed(self, values: pl.Series) -> pl.Series:
        return values.str.contains(self.form).fill_null(value=False)

    def _right(self, matrix: Letters) -> Letters:
        places = np.zeros(256, dtype=np.int64)
        places[_codes(self.letters)] = np.arange(len(self.letters))
        right: Letters = _codes(self.digits)[self.check(places[matrix])]
        return right


def _codes(text: str) -> Letters:
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8)


def _matrix(values: pl.Series) -> Letters:
    """ASCII codes, one row per value; all values have one length."""
    return _codes(values.str.join("").item()).reshape(len(values), -1)


def _weighed(numbers: Numbers, weights: list[int]) -> Numbers:
    total: Numbers = numbers[:, : len(weights)] @ np.array(weights, dtype=np.int64)
    return total


def _mod_11_10(numbers: Numbers) -> Numbers:
    """ISO 7064 MOD 11,10 over all but the last digit."""
    state = np.full(len(numbers), 10)
    for place in range(numbers.shape[1] - 1):
        total = (state + numbers[:, place]) % 10
        state = np.where(total == 0, 10, total) * 2 % 11
    return (11 - state) % 10


_USCC = _Scheme(
    USCC_FORM, USCC_ALPHABET, USCC_ALPHABET, lambda n: (31 - _weighed(n, _USCC_WEIGHTS) % 31) % 31
)
_ORG_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TEN_AS_X = "0123456789X"
_ORG = _Scheme(
    ORG_FORM, _ORG_LETTERS, _TEN_AS_X, lambda n: (11 - _weighed(n, _ORG_WEIGHTS) % 11) % 11
)
_REG = _Scheme(REG_FORM, _DIGITS, _DIGITS, _mod_11_10)
# ISO 7064 MOD 11-2
_RESIDENT = _Scheme(
    RESIDENT_FORM, _TEN_AS_X, "10X98765432", lambda n: _weighed(n, _RESIDENT_WEIGHTS) % 11
)

uscc_expected, uscc_wrong = _USCC.expected, _USCC.wrong
#: Of organisation codes written without their hyphen.
org_expected, org_wrong = _ORG.expected, _ORG.wrong
reg_expected, reg_wrong = _REG.expected, _REG.wrong
resident_expected, resident_wrong = _RESIDENT.expected, _RESIDENT.wrong


def _adder(letters: str, digits: str, weights: list[int]) -> Adder:
    body = [{letter: n * weight for n, letter in enumerate(letters)} for weight in weights]
    return Adder([*body, {digit: n for n, digit in enumerate(digits)}])


# The check digit makes up what the body lacks to a multiple of the modulus.
_USCC_SUM = _adder(USCC_ALPHABET, USCC_ALPHABET, _USCC_WEIGHTS)
_ORG_SUM = _adder(_ORG_LETTERS, _TEN_AS_X, _ORG_WEIGHTS)


def uscc_verdicts(values: pl.Series) -> pl.Series:
    """UInt8 of `fixed_width`: whether a credit code's form and its check digit are right."""
    total = _USCC_SUM.sums(values)
    return verdicts(values, total >= _USCC_SUM.odd, total % 31 != 0)


def org_verdicts(values: pl.Series) -> pl.Series:
    """The same of organisation codes written without their hyphen."""
    total = _ORG_SUM.sums(values)
    return verdicts(values, total >= _ORG_SUM.odd, total % 11 != 0)


def uscc_check_digit(body: str) -> str:
    """The check digit of the 17 characters of one code; raises ValueError for another form."""
    found = uscc_expected(pl.Series([body + "0"]))[0]
    if found is None:
        raise ValueError(f"{body!r} isn't 17 characters of GB 32100")
    return str(found)
