"""Alerts as records of price_alert, in words that an officer of the price department reads."""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from exchange_schemas.codes import load_codes
from exchange_schemas.price_rules import JUMP, LEVELS, START, TREND, PriceRules, Steps
from hub.prices.episodes import BACK, QUIET, RAISED, TURNED
from hub.prices.series import EVERY_POINT, step_of
from publisher.prices.quotes import ITEM

SYSTEM = "价格监测预警分析"  # source_system of the alerts that this analysis makes
LIFTED = {
    BACK: "价格回落",
    RAISED: "已升级",
    QUIET: "已平稳",
    TURNED: "反向变动",
}  # code list price_lift_reasons
WAITING = "待定"  # code list release_decisions
GONE = "数据更正"


def authority(department: str) -> str:
    """Who issues and decides: the department's title in the code list."""
    return load_codes("departments").codes[department].title


def records(
    alerts: pl.DataFrame,
    about: pl.DataFrame,
    quoted: pl.DataFrame,
    rules: PriceRules,
    issued_at: str,
    department: str,
) -> pl.DataFrame:
    """The fields of price_alert for `alerts` (columns of ALERTS): not decided on, with the keys of the prices
    that each follows from (`quoted`: quotes with `_key`)."""
    named = alerts.join(about, on="series", maintain_order="left")
    named = named.join(
        _observed(named, quoted, rules), on="alert_no", how="left", maintain_order="left"
    )
    told = named.with_columns(
        percent=(pl.col("change").exp() - 1) * 100,
        usual=(pl.col("centre").exp() - 1) * 100,
        around=(pl.col("spread").exp() - 1) * 100,
        place=pl.when(pl.col("point") == EVERY_POINT)
        .then(pl.lit("各监测点中位价"))
        .otherwise("point_name"),
        observed=pl.col("observed_on").dt.to_string("%Y-%m-%d"),
    )
    return told.select(
        "alert_no", "item_code", "item_name", "category", "unit", "grade_spec", "point_code", "point_name", "price_type",
        "period", "division_code", "observations", "earlier",
        alert_level="level", movement="kind", trigger_rule=_rule(rules), observed_on="observed",
        current_price=_decimal("price", 4), reference_price=_decimal("reference", 4),
        change_pct=_decimal("percent", 2), issued_at=pl.lit(issued_at), authority=pl.lit(authority(department)),
        source_unit=pl.lit(authority(department)), source_system=pl.lit(SYSTEM), analysis=_analysis(),
        score=_decimal("score", 2), usual_change_pct=_decimal("usual", 2), usual_spread_pct=_decimal("around", 2),
        compared_count="known", rule_version=pl.lit(rules.version), release_decision=pl.lit(WAITING),
        lifted_on=pl.col("lifted_on").dt.to_string("%Y-%m-%d"),
        lift_reason=pl.col("why_lifted").replace_strict(LIFTED, default=None, return_dtype=pl.String),
        earlier_alert_no="earlier",
    ).drop("earlier")  # fmt: skip


def _decimal(name: str, digits: int) -> pl.Expr:
    """As text without an exponent, two decimals at least; -0.0 is 0.0."""
    text = (pl.col(name).round(digits) + 0.0).cast(pl.Decimal(20, digits)).cast(pl.String)
    return text.str.replace(r"(\.\d{2}\d*?)0+$", "${1}")


def _rule(rules: PriceRules) -> pl.Expr:
    told: dict[str, str] = {}
    for kind, movement in rules.kinds.items():
        for name in LEVELS:
            if name in movement.levels:
                one = movement.levels[name]
                told[kind + name] = f"{_either_way(one.change)}，异常程度{one.score:g}以上"
            else:
                whole = rules.kinds[JUMP].levels[name].change
                told[kind + name] = f"本轮累计{_either_way(whole)}"
    words = (pl.col("kind") + pl.col("level")).replace_strict(told, return_dtype=pl.String)
    return pl.format(
        "{}波动，{}色：{}（规则版本 {}）", "kind", "level", words, pl.lit(rules.version)
    )


def _either_way(change: float) -> str:
    """A change of logarithms as the rise and the fall that it is."""
    return f"上涨{math.expm1(change) * 100:.0f}%以上或者下跌{-math.expm1(-change) * 100:.0f}%以上"


def _analysis() -> pl.Expr:
    way = pl.when(pl.col("change") > 0).then(pl.lit("上涨")).otherwise(pl.lit("下跌"))
    base = pl.col("kind").replace_strict(
        {JUMP: "前期通常价格", TREND: "四周（期）前价格", START: "三周（期）前价格"},
        return_dtype=pl.String,
    )
    return pl.format(
        "{}，{}（{}，{}）{}价格为{}（{}），比{}{}{}{}%。近期和往年同期同样时间内的变动以{}%为中位数，通常相差{}%以内；"
        "本次相当于其{}倍（比较了{}个历史变动）。",
        "observed", "item_name", "grade_spec", "place", "price_type", _short("price"), "unit", base,
        _short("reference"), way, pl.col("percent").abs().round(1), pl.col("usual").round(1),
        pl.col("around").round(1), pl.col("score").abs().round(1), "known",
    )  # fmt: skip


def _short(name: str) -> pl.Expr:
    return pl.col(name).round(2)


def windows(kind: str, one: Steps) -> list[tuple[int, int]]:
    """The steps, counted back from the alert's, whose prices it compares: [(first, last)], both included."""
    spans: Mapping[str, list[tuple[int, int]]] = {
        JUMP: [(one.confirm + one.base - 1, 0)],
        TREND: [(one.long + one.week - 1, one.long), (one.week - 1, 0)],
        START: [(4 * one.week - 1, 0)],
    }
    return spans[kind]


def _observed(named: pl.DataFrame, quoted: pl.DataFrame, rules: PriceRules) -> pl.DataFrame:
    """(alert_no, observations): the keys of the prices in the steps that are compared."""
    keys = [*ITEM, "point"]
    mine = quoted.join(named.select(ITEM).unique(), on=ITEM, how="semi", nulls_equal=True)
    mine = mine.select(*keys, "_key", at=step_of("period", "day"))
    spans = [
        {"kind": kind, "period": period, "from_t": first, "to_t": last}
        for kind in rules.kinds
        for period, one in rules.periods.items()
        for first, last in windows(kind, one)
    ]
    asked = named.select("alert_no", *ITEM, "t", "kind", whose="point").join(
        pl.DataFrame(spans), on=["kind", "period"]
    )
    pairs = asked.join(mine, on=ITEM, nulls_equal=True).filter(
        ((pl.col("whose") == EVERY_POINT) | (pl.col("whose") == pl.col("point")))
        & (pl.col("at") >= pl.col("t") - pl.col("from_t"))
        & (pl.col("at") <= pl.col("t") - pl.col("to_t"))
    )
    return pairs.group_by("alert_no").agg(observations=pl.col("_key").unique().sort())
