"""Whose a record is: the subject that each record of a dataset belongs to."""

from __future__ import annotations

import polars as pl

from hub.analysis.inputs import Inputs
from hub.subjects import index
from hub.subjects.parties import parties_of


def linked(inputs: Inputs, dataset: str, part: str | None = None) -> pl.LazyFrame:
    """`subject` (String, never null) and `_key` of the records that belong to a subject, each record once.

    It is the first party's that `hub.subjects.parties` has for the dataset; with `part` (the field of its
    name, such as sampled_unit) another one's. A record that the index of subjects doesn't have yet is its
    credit code's; an index that was thrown away is built before what reads its results is computed
    (`Analysis.wanting`). Raises Misdeclared (dataset_unknown).
    """
    parties = parties_of(inputs.catalogue.get(dataset))
    party = next((one for one in parties if part in (None, one.name)), None)
    if party is None:
        return pl.LazyFrame(schema={"subject": pl.String, "_key": pl.String})
    own = inputs.scan(dataset).select("_key", code=party.code)
    mine = (pl.col("dataset") == dataset) & (pl.col("part") == party.name)
    known = index.read(inputs.site).scan("mentions", mine).select("key", "subject")
    told = own.join(known, left_on="_key", right_on="key", how="left")
    return told.select(subject=pl.coalesce("subject", "code"), _key="_key").drop_nulls("subject")
