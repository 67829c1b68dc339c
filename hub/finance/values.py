"""Values that don't fit: a jump beyond robust limits, rates that contradict the values, another unit, sums
that don't come out. A finding asks for a look; it isn't an error of the record, and is as confidential as
the strictest of the values that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

import polars as pl

from exchange_schemas.finance_rules import FinanceRule
from hub.finance.levels import rank, strictest
from hub.finance.periods import PER_YEAR
from hub.finance.series import OF_SERIES, SERIES, rounded, source

JUMP, YOY, MOM, UNIT, SUM = "异常波动", "同比不符", "环比不符", "单位变化", "分项不符"
LONGEST_PARTS = (
    40  # characters of the names of parts in a note; the note is part of a finding's number
)
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
    # the first of the earlier changes is from the value before it
    used = rank().rolling_max(int(rule.most) + 2, min_samples=1).over(SERIES)
    rows = rows.with_columns(
        _usual=pl.col("_earlier").list.median(), confidential_level=strictest(used)
    )
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
            confidential_level=strictest(rank(), pl.col("_before_rank")),
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
    rows = series.with_columns(
        _unit=pl.col("unit").shift(1).over(SERIES),
        confidential_level=strictest(rank(), rank().shift(1).over(SERIES)),
    )
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
            _sum=pl.col("exact").sum(),
            _count=pl.len(),
            _keys=source().sort(),
            _rank=rank().max(),
        )
        found = whole.join(added.filter(pl.col("_count") == len(names)), on=on).filter(
            (pl.col("exact") - pl.col("_sum")).abs().cast(pl.Float64)
            > pl.col("number").abs() * rule.tolerance
        )
        found = found.with_columns(confidential_level=strictest(rank(), pl.col("_rank")))
        yield _told(
            found, SUM, expected=pl.col("_sum").cast(pl.String), note=pl.lit(_note(of, names)),
            records=pl.concat_list(pl.concat_list(source()), "_keys"),
        )  # fmt: skip


def _note(of: str, names: Sequence[str]) -> str:
    """Which parts a total was compared with: a total may be divided in several ways."""
    text = "、".join(names)
    if len(text) > LONGEST_PARTS:
        digest = sha256(text.encode()).hexdigest()[:8]
        text = f"{text[:LONGEST_PARTS]}…（{len(names)} 项，{digest}）"
    return f"{of}：{text}"


def _with_before(series: pl.DataFrame, steps: int | None, name: str) -> pl.DataFrame:
    """`name`: the value `steps` periods before (None: a year before) in the same unit; `_before_key` and
    `_before_rank`, of its level."""
    back = (
        pl.col("cycle").replace_strict(PER_YEAR, return_dtype=pl.Int64) if steps is None else steps
    )
    earlier = series.select(
        *SERIES, "unit", (pl.col("index") + back).alias("index"),
        pl.col("number").alias(name), _before_key="_key", _before_rank=rank(),
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
