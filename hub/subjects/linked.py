"""Whose a record is: the subject that each record of a dataset belongs to."""

from __future__ import annotations

import polars as pl

from hub.analysis.inputs import Inputs


def linked(inputs: Inputs, dataset: str) -> pl.LazyFrame:
    """`subject` (String, never null) and `_key` of the records that belong to a subject."""
    rows = inputs.scan(dataset)
    code = inputs.catalogue.get(dataset).roles.code or "uscc"
    return rows.select(subject=code, _key="_key").drop_nulls("subject")
