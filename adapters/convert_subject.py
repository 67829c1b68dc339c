"""Converters for who a record is about: its codes, and what kind of subject they tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from adapters.converter import Converted
from exchange_schemas.identifiers import USCC_ABSENT

USCC_LENGTH = 18

INDIVIDUAL, LEGAL = "individual_business", "legal_or_unincorporated"


def uscc(cells: Sequence[pl.Expr], options: Mapping[str, Any]) -> Converted:
    """A unified social credit code: half-width, upper case, no spaces or hyphens.

    The placeholder of seventeen zeros and X is null. With `mixed: true` so is anything that isn't
    18 characters long, because the column holds registration numbers of older entities too.
    """
    code = _compact(cells[0])
    absent = (code == USCC_ABSENT) | _other_length(code, options)
    return Converted(pl.when(~absent).then(code))


def reg_no(cells: Sequence[pl.Expr], options: Mapping[str, Any]) -> Converted:
    """A business registration number; with `mixed: true` only what isn't a credit code."""
    code = _compact(cells[0])
    mine = _other_length(code, options) if options.get("mixed") else pl.lit(True)
    return Converted(pl.when(mine).then(code))


def uscc_absent(cells: Sequence[pl.Expr], options: Mapping[str, Any]) -> Converted:
    """True where `uscc` gives no code for a cell that has something; null otherwise."""
    code = _compact(cells[0])
    absent = (code == USCC_ABSENT) | _other_length(code, options)
    return Converted(pl.when(absent).then(pl.lit(True)))


def org_code(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """An organisation code without its hyphen: 67473724-4 → 674737244."""
    return Converted(_compact(cells[0]))


def subject_type(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
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


def _other_length(code: pl.Expr, options: Mapping[str, Any]) -> pl.Expr:
    return code.str.len_chars() != USCC_LENGTH if options.get("mixed") else pl.lit(False)
