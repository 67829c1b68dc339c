"""What might be a risk that nobody reported: products that failed a test, and what many complain about.

Suggestions only: a person looks at each and enters a signal, or doesn't.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from exchange_schemas.catalogue import Catalogue
from hub.risks.signals import product_group

UNQUALIFIED, HOT_SPOT = "unqualified_product", "complaint_hot_spot"
MOST = 30
_PRODUCTS = ("product_name", "product", "goods_or_service")  # where no role says which field it is
Scan = Callable[[str], pl.LazyFrame]
_SCHEMA = {
    "product": pl.String, "channel": pl.String, "hazard": pl.String, "sample_no": pl.String,
    "count": pl.Int64, "last": pl.String, "dataset": pl.String, "key": pl.String,
}  # fmt: skip


def named_in(catalogue: Catalogue) -> dict[str, str]:
    """Dataset → its field with the product's name, of the datasets that there are and that have one."""
    found: dict[str, str] = {}
    for name in (UNQUALIFIED, HOT_SPOT):
        if name in catalogue.datasets():
            standard = catalogue.get(name)
            fields = (standard.roles.product, *_PRODUCTS)
            known = [one for one in fields if one is not None and one in standard.fields]
            found |= {name: known[0]} if known else {}
    return found


def suggestions(scan: Scan, products: Mapping[str, str], signals: pl.DataFrame) -> pl.DataFrame:
    """At most `MOST` products that no signal (`group`) is about: product, channel, hazard, sample_no, count,
    last, and of the last record its dataset and key; the most frequent first.

    `products` says which field of a dataset names the product (`named_in`); `scan` gives its records.
    """
    found = [pl.DataFrame(schema=_SCHEMA)]
    if UNQUALIFIED in products:
        found.append(_unqualified(scan(UNQUALIFIED)))
    if HOT_SPOT in products:
        found.append(_hot_spots(scan(HOT_SPOT), products[HOT_SPOT]))
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


def _hot_spots(rows: pl.LazyFrame, product: str) -> pl.DataFrame:
    """What many complain about, by the product that hot spots name."""
    nothing = pl.lit(None, pl.String)
    told = rows.with_columns(_day=nothing, _hazard=nothing, _sample=nothing)
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
