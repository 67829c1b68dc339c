"""A scoreboard that the public may see: without numbers so small that they may tell of a person."""

from __future__ import annotations

import polars as pl

from hub.scoreboard import BOARD, GROUPS, with_rates
from publisher.small_cells import suppress

# The others count what departments did, and tell of nobody.
OF_PERSONS = (
    "read", "accepted", "rejected", "corrected_rows", "in_time", "late", "overdue",
    "corrected_records", "withdrawn", "repaired", "objections_upheld",
)  # fmt: skip
SUM = ("read", "accepted", "rejected")  # the first is the sum of the others


def for_public(frame: pl.DataFrame) -> pl.DataFrame:
    """A board (`BOARD`) with null for every number of `OF_PERSONS` that is below 5, or tells one.

    Of read = accepted + rejected two would tell the third, so they are shown together or not at all.
    A rate is shown where its numbers are.
    """
    hidden = suppress(frame, GROUPS, OF_PERSONS)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in SUM)
    hidden = hidden.with_columns(pl.when(whole).then(name).alias(name) for name in SUM)
    return with_rates(hidden).select(list(BOARD))
