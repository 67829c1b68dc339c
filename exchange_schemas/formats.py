"""The named formats of the standards: what each accepts.

`FORMATS` maps a JSON Schema `format` to its `Form`; `FORMAT_CHECKER` says the same to `jsonschema`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from jsonschema import FormatChecker

from exchange_schemas.identifiers import (
    ORG_FORM,
    USCC_FORM,
    org_expected,
    org_wrong,
    reg_expected,
    reg_wrong,
    resident_expected,
    resident_wrong,
    uscc_expected,
    uscc_wrong,
)

Check = Callable[[pl.Series], pl.Series]


@dataclass(frozen=True, slots=True)
class Form:
    """`pattern` is the form (linear-time syntax); `example` is what messages show.

    `day` gives a part that must be a real date. `wrong` says where the check digit is, `expected`
    what it should be.
    """

    example: str
    pattern: str
    day: Callable[[pl.Expr], pl.Expr] | None = None
    wrong: Check | None = None
    expected: Check | None = None

    def malformed(self, value: pl.Expr) -> pl.Expr:
        """True where a value doesn't have the form; null where there is no value."""
        wrong = ~value.str.contains(self.pattern)
        if self.day is not None:
            wrong |= value.is_not_null() & self.day(value).is_null()
        return wrong

    def misdigited(self, value: pl.Expr) -> pl.Expr | None:
        """True where the check digit is wrong; None where the format has none."""
        if self.wrong is None:
            return None
        return value.map_batches(self.wrong, return_dtype=pl.Boolean, is_elementwise=True)

    def accepts(self, value: object) -> bool:
        """The same for one value, as `jsonschema` asks; what isn't text is accepted."""
        if not isinstance(value, str):
            return True
        column = pl.col("value")
        tests = [self.malformed(column), self.misdigited(column)]
        failed = [test.fill_null(value=False) for test in tests if test is not None]
        frame = pl.DataFrame({"value": [value]}, schema={"value": pl.String})
        return not frame.select(pl.any_horizontal(failed)).item()


def _iso_day(value: pl.Expr) -> pl.Expr:
    return value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _birthday(value: pl.Expr) -> pl.Expr:
    old = pl.concat_str(pl.lit("19"), value.str.slice(6, 6))
    new = value.str.slice(6, 8)
    return (
        pl.when(value.str.len_chars() == 15)
        .then(old)
        .otherwise(new)
        .str.to_date("%Y%m%d", strict=False)
    )


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

FORMATS: dict[str, Form] = {
    "date": Form("2026-01-31", rf"^{_DAY}$", _iso_day),
    # RFC 3339
    "date-time": Form("2026-01-31T08:00:00+08:00", rf"^{_DAY}T{_TIME}{_ZONE}$", _iso_day),
    "decimal": Form("1234.56", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"),
    # GB 32100-2015
    "uscc": Form("91440902MA0000015X", USCC_FORM, wrong=uscc_wrong, expected=uscc_expected),
    # GB 11714-1997
    "org-code": Form("674737244", ORG_FORM, wrong=org_wrong, expected=org_expected),
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
