"""Converters for who a record is about: its codes, and what kind of subject they tell of."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adapters.converter import TEXT, Converted, Converter, Example, Options, Words
from exchange_schemas.identifiers import USCC_ABSENT

USCC_LENGTH = 18

INDIVIDUAL, LEGAL = "individual_business", "legal_or_unincorporated"


def uscc(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """A unified social credit code: half-width, upper case, no spaces or hyphens.

    The placeholder of seventeen zeros and X is null. With `mixed: true` so is anything that isn't
    18 characters long, because the column holds registration numbers of older entities too.
    """
    code = _compact(cells[0])
    absent = (code == USCC_ABSENT) | _other_length(code, options)
    return Converted(pl.when(~absent).then(code))


def reg_no(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """A business registration number; with `mixed: true` only what isn't a credit code."""
    code = _compact(cells[0])
    mine = _other_length(code, options) if options.get("mixed") else pl.lit(True)
    return Converted(pl.when(mine).then(code))


def uscc_absent(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """True where `uscc` gives no code for a cell that has something; null otherwise."""
    code = _compact(cells[0])
    absent = (code == USCC_ABSENT) | _other_length(code, options)
    return Converted(pl.when(absent).then(pl.lit(True)))


def org_code(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """An organisation code without its hyphen: 67473724-4 → 674737244."""
    return Converted(_compact(cells[0]))


def subject_type(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """individual_business where a cell is a credit code 92… or says 个体, else a legal person.

    92 is market regulation and individual business in the first two places of GB 32100-2015.
    """
    marks = [_compact(cell).str.contains(r"^92[0-9A-Z]{16}$|^个体") for cell in cells]
    individual = pl.any_horizontal(mark.fill_null(False) for mark in marks)
    given = pl.any_horizontal(cell.is_not_null() for cell in cells)
    kind = pl.when(individual).then(pl.lit(INDIVIDUAL)).otherwise(pl.lit(LEGAL))
    return Converted(pl.when(given).then(kind))


def _compact(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_all(r"[\s\-–—]", "").str.to_uppercase()


def _other_length(code: pl.Expr, options: Options) -> pl.Expr:
    return code.str.len_chars() != USCC_LENGTH if options.get("mixed") else pl.lit(False)


_MIXED = frozenset({"mixed"})

CONVERTERS = {
    "uscc": Converter(
        uscc, TEXT,
        Words(
            "统一社会信用代码，可带空格、连字符、全角和小写；17 个 0 加 X 表示没有代码",
            "a credit code, with spaces, hyphens, full-width or small letters; 17 zeros and X mean none",
        ),
        (
            Example(" 9144-0300 71526726xg ", "9144030071526726XG"), Example(USCC_ABSENT, None),
            Example("440301103097413", None, {"mixed": True}),
        ),
        takes="narrow", options=_MIXED,
    ),
    "reg_no": Converter(
        reg_no, TEXT,
        Words(
            "工商注册号；mixed: true 时只取不是 18 位的",
            "a registration number; with mixed: true only what hasn't 18 characters",
        ),
        (
            Example("440301 103097413", "440301103097413"),
            Example("9144030071526726XG", None, {"mixed": True}),
        ),
        takes="narrow", options=_MIXED,
    ),
    "uscc_absent": Converter(
        uscc_absent, ("boolean",),
        Words("与 uscc 相同的单元格；有内容而没有代码的为是", "the cells of uscc; true where they have no code"),
        (Example(USCC_ABSENT, True), Example("9144030071526726XG", None)),
        takes="narrow", options=_MIXED,
    ),
    "org_code": Converter(
        org_code, TEXT, Words("组织机构代码，可带连字符", "an organisation code, with its hyphen or not"),
        (Example("67473724-4", "674737244"),), takes="narrow",
    ),
    "subject_type": Converter(
        subject_type, TEXT,
        Words(
            "信用代码和主体类型的各列；92 开头或个体开头的为个体工商户",
            "columns with credit code and type of entity; 92… or 个体… is an individual business",
        ),
        (
            Example(("92440981MA00001B32", "N/A"), INDIVIDUAL),
            Example(("440301103097413", "有限责任公司"), LEGAL),
        ),
        takes="narrow", all_cells=True,
    ),
}  # fmt: skip
