"""The named formats of the standards: what each accepts.

`FORMATS` maps a JSON Schema `format` to its `Form`; `FORMAT_CHECKER` says the same to `jsonschema`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from jsonschema import FormatChecker

from exchange_schemas.days import day_verdicts
from exchange_schemas.fixed_width import MALFORMED, MISDIGITED
from exchange_schemas.identifiers import (
    ORG_FORM,
    USCC_FORM,
    org_expected,
    org_verdicts,
    reg_expected,
    reg_wrong,
    resident_expected,
    resident_wrong,
    uscc_expected,
    uscc_verdicts,
)

Check = Callable[[pl.Series], pl.Series]


@dataclass(frozen=True, slots=True)
class Form:
    """`pattern` is the form (linear-time syntax); `example` is what messages show.

    `day` gives a part that must be a real day. `wrong` says where the check digit is, `expected`
    what it should be. `judge` gives the verdicts of `fixed_width` on both at once, in less time.
    """

    example: str
    pattern: str
    day: Callable[[pl.Expr], pl.Expr] | None = None
    wrong: Check | None = None
    expected: Check | None = None
    judge: Check | None = None

    def failures(self, value: pl.Expr) -> dict[str, pl.Expr]:
        """Kind of issue → where it is; null where there is no value."""
        if self.judge is not None:
            verdict = _judged(self.judge, value, pl.UInt8)
            digit = {"check_digit": verdict == MISDIGITED} if self.expected else {}
            return {"format": verdict == MALFORMED, **digit}
        malformed = ~value.str.contains(self.pattern)
        if self.day is not None:
            day = self.day(value)
            malformed |= _judged(day_verdicts, day, pl.UInt8) == MALFORMED
        if self.wrong is None:
            return {"format": malformed}
        return {"format": malformed, "check_digit": _judged(self.wrong, value, pl.Boolean)}

    def accepts(self, value: object) -> bool:
        """The same for one value, as `jsonschema` asks; what isn't text is accepted."""
        if not isinstance(value, str):
            return True
        failed = [test.fill_null(value=False) for test in self.failures(pl.col("value")).values()]
        frame = pl.DataFrame({"value": [value]}, schema={"value": pl.String})
        return not frame.select(pl.any_horizontal(failed)).item()


def _judged(judge: Check, value: pl.Expr, dtype: type[pl.DataType]) -> pl.Expr:
    return value.map_batches(judge, return_dtype=dtype, is_elementwise=True)


def _iso_day(value: pl.Expr) -> pl.Expr:
    return value.str.slice(0, 10)


def _birthday(value: pl.Expr) -> pl.Expr:
    written = pl.when(value.str.len_bytes() == 15).then("19" + value.str.slice(6, 6))
    day = written.otherwise(value.str.slice(6, 8))
    parts = (day.str.slice(0, 4), day.str.slice(4, 2), day.str.slice(6, 2))
    return pl.concat_str(parts, separator="-")


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

FORMATS: dict[str, Form] = {
    "date": Form("2026-01-31", rf"^{_DAY}$", judge=day_verdicts),
    # RFC 3339
    "date-time": Form("2026-01-31T08:00:00+08:00", rf"^{_DAY}T{_TIME}{_ZONE}$", _iso_day),
    "decimal": Form("1234.56", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"),
    # GB 32100-2015
    "uscc": Form("91440902MA0000015X", USCC_FORM, expected=uscc_expected, judge=uscc_verdicts),
    # GB 11714-1997
    "org-code": Form("674737244", ORG_FORM, expected=org_expected, judge=org_verdicts),
    # GS 15-2006; older numbers have other lengths and no check digit
    "reg-no": Form(
        "440902600000016", r"^[\p{Han}0-9A-Za-z]{6,50}$", wrong=reg_wrong, expected=reg_expected
    ),
    # GB/T 2260 (6 digits), with statistical divisions behind it (9 or 12)
    "division-code": Form("440902", r"^[1-9][0-9]{5}(?:[0-9]{3}|[0-9]{6})?$"),
    # GB 11643-1999; numbers of 15 digits were given until 1999
    "resident-id": Form(
        "440902199001010011",
        r"^[1-9][0-9]{14}(?:[0-9]{2}[0-9X])?$",
        _birthday,
        resident_wrong,
        resident_expected,
    ),
    # As written after its brackets have been normalised
    "doc-no": Form(
        "茂市监处罚〔2023〕12号",
        r"^[\p{Han}A-Za-z（）()·]{2,40}〔[0-9]{4}〕[\p{Han}A-Za-z0-9（）()·—-]{1,30}号$",
    ),
}

FORMAT_CHECKER = FormatChecker(formats=())
for _name, _form in FORMATS.items():
    FORMAT_CHECKER.checkers[_name] = (_form.accepts, ())
