"""Records of one dataset that follow from another's, e.g. unqualified products from samplings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.record import key_expr
from exchange_schemas.standard import Derivation, Standard
from hub.kept import own


def derive(standard: Standard, rows: pl.DataFrame) -> Batch:
    """The rows that `standard` takes from accepted rows of its source dataset, as its fields.

    `rows` are normalised rows of `standard.derivation.dataset`; the standard must have a derivation.
    """
    return Batch(derived_fields(standard, rows.filter(_holds(_derivation(standard)))))


def withheld(standard: Standard, rejects: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`rejects` (`stream.REJECT_COLUMNS`) of the source dataset, with the keys that would follow.

    `rows` are normalised and have at least those that were rejected. Whether the derivation's
    condition holds isn't asked: what it looks at may be what is wrong with the row.
    """
    keys = derived_fields(standard, rows).select(LINE, key=key_expr(standard))
    return own(rejects.drop("key").join(keys, on=LINE, how="left", maintain_order="left"))


def _derivation(standard: Standard) -> Derivation:
    if standard.derivation is None:
        raise ValueError(f"{standard.dataset} isn't derived from another dataset")
    return standard.derivation


def derived_fields(standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` of the source dataset as the derived standard's fields, whatever its condition says."""
    declared = _derivation(standard).fields
    columns = [
        _source(declared.get(name)).cast(dtype).alias(name)
        for name, dtype in standard.dtypes.items()
    ]
    return rows.select(LINE, *columns)


def _holds(derivation: Derivation) -> pl.Expr:
    tests = [pl.col(name) == value for name, value in derivation.where.items()]
    return pl.all_horizontal(tests)


def _source(declared: Any) -> pl.Expr:
    if declared is None:
        return pl.lit(None)
    if isinstance(declared, Mapping):
        return pl.lit(declared["value"])
    return pl.col(str(declared))
