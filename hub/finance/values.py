"""Values that don't fit: a jump beyond robust limits, rates that contradict the values, another unit, sums
that don't come out. A finding asks for a look; it isn't an error of the record."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from exchange_schemas.finance_rules import FinanceRule
from hub.finance.periods import PER_YEAR
from hub.finance.series import OF_SERIES, SERIES, rounded, source

JUMP, YOY, MOM, UNIT, SUM = "异常波动", "同比不符", "环比不符", "单位变化", "分项不符"
MAD = 1.4826  # of a normal distribution: standard deviation / median absolute deviation


def jumps(series: pl.DataFrame, rule: FinanceRule) -> pl.DataFrame:
    """Changes (in percent of the period before) that differ from the median change of the periods before by
    more than `limit` robust deviations and more than `floor_pct` percentage points."""
    rows = _with_before(series, 1, "before").with_columns(
        change=(pl.col("number") - pl.col("before")) / pl.col("before").abs() * 100
    )
    rows = rows.with_columns(change=pl.when(pl.col("change").is_finite()).then("change"))
    earlier = [pl.col("change").shift(n).over(SERIES) for n in range(1, int(rule.most) + 1)]
    rows = rows.with_columns(_earlier=pl.concat_list(earlier).list.drop_nulls())
    rows = rows.with_columns(_usual=pl.col("_earlier").list.median())
    apart = [(one - pl.col("_usual")).abs() for one in earlier]
    rows = rows.with_columns(_apart=pl.concat_list(apart).list.drop_nulls().list.median() * MAD)
    room = pl.max_horizontal(pl.col("_apart") * rule.limit, pl.lit(float(rule.floor_pct)))
    enough = pl.col("_earlier").list.len() >= int(rule.least)
    found = rows.with_columns(_room=room).filter(
        enough, (pl.col("change") - pl.col("_usual")).abs() > pl.col("_room")
    )
    return _told(
        found, JUMP,
        before=rounded(pl.col("before")),
        deviation=rounded(pl.col("change"), 2),
        lower=rounded(pl.col("_usual") - pl.col("_room"), 2),
        upper=rounded(pl.col("_usual") + pl.col("_room"), 2),
    )  # fmt: skip


def rates(series: pl.DataFrame, rule: FinanceRule) -> Iterator[pl.DataFrame]:
    """Rates as supplied (yoy_pct, mom_pct) that differ from those of the values by more than the tolerance."""
    for check, column in ((YOY, "yoy_pct"), (MOM, "mom_pct")):
        rows = _with_before(series, None if check == YOY else 1, "before")
        expected = (pl.col("number") / pl.col("before") - 1) * 100
        rows = rows.with_columns(
            _expected=pl.when(pl.col("before") > 0).then(expected),
            _given=pl.col(column).cast(pl.Float64, strict=False),
        )
        apart = (pl.col("_given") - pl.col("_expected")).abs()
        found = rows.filter(apart > rule.tolerance_pct + 1e-9)
        yield _told(
            found, check,
            before=rounded(pl.col("before")), deviation=column,
            expected=rounded(pl.col("_expected"), 2),
        )  # fmt: skip


def units(series: pl.DataFrame) -> pl.DataFrame:
    """Values in another unit than the period before."""
    rows = series.with_columns(_unit=pl.col("unit").shift(1).over(SERIES))
    found = rows.filter(pl.col("_unit") != pl.col("unit"))
    return _told(found, UNIT, note=pl.format("{} → {}", "_unit", "unit"))


def sums(series: pl.DataFrame, rule: FinanceRule) -> Iterator[pl.DataFrame]:
    """Totals that their parts don't make, where the rule declares which these are and all of them are there."""
    for total in rule.totals:
        whole = series.filter(pl.col("indicator_code") == total["indicator"])
        if "parts" in total:
            names = [str(one) for one in total["parts"]]
            parts = series.filter(pl.col("indicator_code").is_in(names))
            on = ["cycle", "index", "division_code", "holder", "unit"]
            of = "分项"
        else:
            names = [str(one) for one in total["divisions"]]
            parts = whole.filter(pl.col("division_code").is_in(names))
            whole = whole.filter(pl.col("division_code") == str(total["division"]))
            on = ["cycle", "index", "holder", "unit"]
            of = "分地区"
        added = parts.group_by(on).agg(
            _sum=pl.col("exact").sum(), _count=pl.len(), _keys=source().sort()
        )
        found = whole.join(added.filter(pl.col("_count") == len(names)), on=on).filter(
            (pl.col("exact") - pl.col("_sum")).abs().cast(pl.Float64)
            > pl.col("number").abs() * rule.tolerance
        )
        yield _told(
            found, SUM, expected=pl.col("_sum").cast(pl.String), note=pl.lit(of),
            records=pl.concat_list(pl.concat_list(source()), "_keys"),
        )  # fmt: skip


def _with_before(series: pl.DataFrame, steps: int | None, name: str) -> pl.DataFrame:
    """`name`: the value `steps` periods before (None: a year before) in the same unit; `_before_key`."""
    back = (
        pl.col("cycle").replace_strict(PER_YEAR, return_dtype=pl.Int64) if steps is None else steps
    )
    earlier = series.select(
        *SERIES, "unit", (pl.col("index") + back).alias("index"),
        pl.col("number").alias(name), _before_key="_key",
    )  # fmt: skip
    joined = series.join(earlier, on=[*SERIES, "unit", "index"], how="left")
    return joined.sort(*SERIES, "index")


def _told(rows: pl.DataFrame, check: str, **more: pl.Expr | str) -> pl.DataFrame:
    if "records" not in more:
        sources = [source()]
        if "_before_key" in rows.columns:
            sources.append(source("_before_key"))
        more["records"] = pl.concat_list(sources).list.drop_nulls()
    told = {**more, "check": pl.lit(check)}
    return rows.select(*OF_SERIES, "period", "period_to", "value", **told)
