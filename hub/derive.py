"""Records of one dataset that follow from another's, e.g. unqualified products from samplings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.standard import Derivation, Standard


def derive(standard: Standard, rows: pl.DataFrame) -> Batch:
    """The rows that `standard` takes from accepted rows of its source dataset, as its fields.

    `rows` are normalised rows of `standard.derivation.dataset`; the standard must have a derivation.
    """
    derivation = standard.derivation
    if derivation is None:
        raise ValueError(f"{standard.dataset} isn't derived from another dataset")
    chosen = rows.filter(_holds(derivation))
    columns = [
        _source(derivation.fields.get(name)).cast(dtype).alias(name)
        for name, dtype in standard.dtypes.items()
    ]
    return Batch(chosen.select(LINE, *columns))


def _holds(derivation: Derivation) -> pl.Expr:
    tests = [pl.col(name) == value for name, value in derivation.where.items()]
    return pl.all_horizontal(tests)


def _source(declared: Any) -> pl.Expr:
    if declared is None:
        return pl.lit(None)
    if isinstance(declared, Mapping):
        return pl.lit(declared["value"])
    return pl.col(str(declared))
