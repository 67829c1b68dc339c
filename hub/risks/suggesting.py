"""What might be a risk that nobody reported: products that failed a test, and what many complain about.

Suggestions only: a person looks at each and enters a signal, or doesn't.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from hub.risks.signals import product_group

UNQUALIFIED, HOT_SPOT = "unqualified_product", "complaint_hot_spot"
MOST = 30
Scan = Callable[[str], pl.LazyFrame]
_SCHEMA = {
    "product": pl.String, "channel": pl.String, "hazard": pl.String, "sample_no": pl.String,
    "count": pl.Int64, "last": pl.String, "dataset": pl.String, "key": pl.String,
}  # fmt: skip


def suggestions(scan: Scan, datasets: frozenset[str], signals: pl.DataFrame) -> pl.DataFrame:
    """At most `MOST` products that no signal (`group`) is about: product, channel, hazard, sample_no, count,
    last, and of the last record its dataset and key; the most frequent first.

    `datasets` are those of the catalogue; `scan` gives their records.
    """
    found = [pl.DataFrame(schema=_SCHEMA)]
    if UNQUALIFIED in datasets:
        found.append(_unqualified(scan(UNQUALIFIED)))
    if HOT_SPOT in datasets:
        found.append(_hot_spots(scan(HOT_SPOT)))
    every = pl.concat(found).with_columns(group=product_group())
    fresh = every.filter(pl.col("group") != "").join(
        signals.select("group"), on="group", how="anti"
    )
    return fresh.sort(["count", "last"], descending=True, nulls_last=True).head(MOST).drop("group")


def _unqualified(rows: pl.LazyFrame) -> pl.DataFrame:
    """Products by name: how often they failed."""
    told = rows.with_columns(
        _day=pl.col("announced_on"),
        _hazard=pl.col("item_name") + pl.lit("不合格"),
        _sample=pl.col("sample_no"),
    ).sort("_day", nulls_last=False)
    return _grouped(told, "product_name", "主动监测", UNQUALIFIED)


def _hot_spots(rows: pl.LazyFrame) -> pl.DataFrame:
    """Hot spots that name a product; nothing where the dataset has no such field."""
    names = rows.collect_schema().names()
    product = next((one for one in ("product", "goods_or_service", "topic") if one in names), None)
    if product is None:
        return pl.DataFrame(schema=_SCHEMA)
    told = rows.with_columns(
        _day=pl.lit(None, pl.String),
        _hazard=pl.lit(None, pl.String),
        _sample=pl.lit(None, pl.String),
    )
    return _grouped(told, product, "申投诉举报", HOT_SPOT)


def _grouped(rows: pl.LazyFrame, product: str, channel: str, dataset: str) -> pl.DataFrame:
    groups = (
        rows.drop_nulls(product).with_columns(_group=product_group(product)).group_by("_group")
    )
    found = groups.agg(
        product=pl.col(product).last(),
        hazard=pl.col("_hazard").drop_nulls().last(),
        sample_no=pl.col("_sample").drop_nulls().last(),
        count=pl.len().cast(pl.Int64),
        last=pl.col("_day").drop_nulls().last(),
        key=pl.col("_key").last(),
    )
    told = found.with_columns(channel=pl.lit(channel), dataset=pl.lit(dataset))
    return told.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items()).collect()
