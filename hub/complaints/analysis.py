"""The analysis `complaints`: groups of near-duplicates, hot spots, and statistics for publication."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from hub.analysis.inputs import Inputs, Result
from hub.complaints import hot_spots, near_duplicates
from hub.complaints.routing import DATASET
from hub.complaints.statistic import statistics
from hub.complaints.tickets import received, tickets
from publisher.portal.tiles import counties

STATISTIC, HOT_SPOT, GROUP = "complaint_statistic", "complaint_hot_spot", "complaint_group"
ALIKE_DAYS = 90  # before the day: tickets that are compared with each other


def compute(inputs: Inputs) -> Iterator[Result]:
    """All months; the hot spots of the last complete weeks, beside those of earlier ones; the groups of the
    last `ALIKE_DAYS` days."""
    rows = tickets(inputs)
    inputs.progress.step(GROUP)
    yield Result(GROUP, _groups(inputs))
    inputs.progress.step(HOT_SPOT)
    yield _hot_spots(inputs, rows)
    inputs.progress.step(STATISTIC)
    here = tuple(counties(inputs.day))
    city = f"{here[0][:4]}00" if here else "440900"
    yield Result(STATISTIC, statistics(rows, inputs.day, city, here))


def _hot_spots(inputs: Inputs, rows: pl.DataFrame) -> Result:
    """What is said of earlier weeks stays; of these weeks what is none any more is gone."""
    found = hot_spots.hot_spots(rows, inputs.day)
    before = inputs.frame(HOT_SPOT, "hot_spot_no", "period_to")
    mine = before.filter(pl.col("period_to") == str(hot_spots.period_before(inputs.day).last))
    gone = mine.join(found.select("hot_spot_no"), on="hot_spot_no", how="anti")
    return Result(HOT_SPOT, found, gone["_key"])


def _groups(inputs: Inputs) -> pl.DataFrame:
    """Records of complaint_group. The texts are sealed: read here, and nowhere else once this is done."""
    since = inputs.day - timedelta(days=ALIKE_DAYS)
    texts = (
        inputs.scan(DATASET)
        .filter(pl.col("split_from").is_null())
        .select("ticket_no", pl.col("facts").alias("text"), received().dt.date().alias("on"))
        .filter(pl.col("on") >= since)
        .collect()
    )
    alike = near_duplicates.groups(texts.select("ticket_no", "text"))
    dated = alike.join(texts.select("ticket_no", "on"), on="ticket_no").sort(
        "group_no", "ticket_no"
    )
    # two decimals, never rounded up to 1.00 where texts differ
    shown = (pl.col("similarity") * 100 + 1e-9).floor().cast(pl.Int64)
    share = pl.format("{}.{}", shown // 100, (shown % 100).cast(pl.String).str.zfill(2))
    return dated.group_by("group_no", maintain_order=True).agg(
        pl.col("representative").first(),
        pl.col("ticket_no").alias("tickets"),
        share.alias("similarities"),
        pl.len().cast(pl.Int64).alias("size"),
        pl.col("on").min().cast(pl.String).alias("first_received_on"),
        pl.col("on").max().cast(pl.String).alias("last_received_on"),
    )
