"""Food samplings as a city has them, with the names and codes of real companies: what search is for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from tests.bench.data import rows

DATASET = "food_sampling_result"
SLICE = 50_000

_TOWNS = ["高州市", "化州市", "信宜市", "茂南区", "电白区", "茂名市"]
_BRANDS = [
    "鑫源",
    "粤海",
    "金穗",
    "福临",
    "百味",
    "明珠",
    "大地",
    "绿洲",
    "康泰",
    "顺发",
    "天源",
    "丰收",
]
_SORTS = [
    "有机",
    "散装",
    "精制",
    "五香",
    "原味",
    "香辣",
    "农家",
    "手工",
    "特级",
    "冷冻",
    "低糖",
    "",
]
_GOODS = [
    "大米", "花生油", "腊肠", "桂圆干", "豆腐", "米粉", "白酒", "酱油", "矿泉水", "月饼", "鱼丸", "虾米",
    "荔枝干", "陈皮", "红茶", "绿茶", "糕点", "饼干", "面包", "牛肉干", "奶粉", "蜂蜜", "香菇", "粽子",
]  # fmt: skip
_CATEGORIES = [
    "粮食加工品",
    "食用油",
    "肉制品",
    "水果制品",
    "豆制品",
    "酒类",
    "调味品",
    "糕点",
    "茶叶",
]


def write(target: Path, source: Path, count: int) -> None:
    """`count` records in the order of a release: newest first."""
    rng = np.random.default_rng(5)
    known = [row for number, row in enumerate(rows(source)) if number]
    names, codes = (pl.Series([row[column] for row in known]) for column in (0, 1))

    def picked(values: list[str] | pl.Series) -> pl.Series:
        every = pl.Series(values, dtype=pl.String)
        return every.gather(rng.integers(0, len(every), count).astype(np.uint32))

    which = rng.integers(0, len(names), count).astype(np.uint32)
    ages = np.sort(rng.integers(0, 3_650, count)).astype("timedelta64[D]")
    days = pl.Series((np.datetime64("2026-11-20") - ages).astype("datetime64[D]"))
    days = days.dt.strftime("%Y-%m-%d")
    number = pl.Series(rng.integers(0, 10**8, count)).cast(pl.String).str.zfill(8)
    pl.DataFrame(
        {
            "record_id": pl.select(pl.format("{}", pl.int_range(count) + 10**15)).to_series(),
            "product_name": picked(_BRANDS) + picked(_SORTS) + picked(_GOODS),
            "nominal_producer": names.gather(which),
            "nominal_producer_uscc": codes.gather(which),
            "sampled_unit": picked(_TOWNS) + picked(names).str.slice(0, 8) + "食品店",
            "sample_no": "DC" + days.str.slice(2, 2) + "4409" + number + "ZX",
            "production_date_or_batch": days + "/B" + number.str.slice(0, 5),
            "announced_on": days,
            "authority": picked(_TOWNS) + "市场监督管理局",
            "division_code": picked(["440981", "440982", "440983", "440902", "440904", "440900"]),
            "product_category": picked(_CATEGORIES),
            "published_on": days,
        }
    ).write_parquet(target, row_group_size=SLICE)
