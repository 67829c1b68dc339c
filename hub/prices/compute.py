"""The analysis `prices`: from the prices of price_monitoring to records of price_alert.

An alert that was issued stays: what it says is not rewritten, only that it was lifted, and what people decided on
its release. New ones are those that stand on the day and were observed not long before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from exchange_schemas.days import HERE, today
from exchange_schemas.price_rules import PriceRules, rules_on
from hub.analysis.inputs import Inputs, Result
from hub.prices.corrected import corrected
from hub.prices.decided import decided, latest_decisions
from hub.prices.detection import Found, detect
from hub.prices.episodes import QUIET
from hub.prices.records import GONE, LIFTED, SYSTEM, records
from hub.prices.series import Series, series_of, step_of
from publisher.prices.quotes import quotes

PRICES, ALERTS = "price_monitoring", "price_alert"


def compute(inputs: Inputs) -> Iterator[Result]:
    """What price_alert is to say on `inputs.day`."""
    standard = inputs.catalogue.get(ALERTS)
    rules = rules_on(inputs.day, inputs.site.law)
    inputs.progress.step("prices")
    quoted = quotes(inputs.scan(PRICES), inputs.day, "_key").collect()
    before = (
        inputs.scan(ALERTS)
        .filter(pl.col("source_system") == SYSTEM)
        .drop("_key", "_seq")
        .collect()
    )
    known = series_of(quoted.drop("_key"), rules)
    found = detect(known, rules)
    now = _rested(found.alerts, found, known, inputs.day, rules)
    new = _to_issue(now, before, inputs.day, rules)
    made = records(new, known.about, quoted, rules, _issued_at(inputs.day), standard.department)
    issued = pl.concat([before, made], how="diagonal_relaxed").select(
        pl.col(name).cast(dtype)
        if name in made.columns or name in before.columns
        else pl.lit(None, dtype).alias(name)
        for name, dtype in standard.dtypes.items()
    )
    stands = before.filter(pl.col("lifted_on").is_null())
    lost = stands.join(now.select("alert_no"), on="alert_no", how="anti")
    with inputs.engine.connect() as connection:
        decisions = latest_decisions(connection)
        gone = corrected(connection, lost, inputs.scan(PRICES).select("_key", "_seq"))
    rows = lifted(
        decided(issued, decisions), _kept(now, lost, gone, inputs.day, rules), inputs.day
    )
    known_numbers = rows["alert_no"].implode()
    there = pl.col("earlier_alert_no").is_in(known_numbers)
    yield Result(
        ALERTS, rows.with_columns(earlier_alert_no=pl.when(there).then("earlier_alert_no"))
    )


def _issued_at(day: date) -> str:
    moment = (
        datetime.now(HERE) if day == today() else datetime.combine(day, datetime.min.time(), HERE)
    )
    return moment.isoformat(timespec="seconds")


def _rested(
    alerts: pl.DataFrame, found: Found, known: Series, day: date, rules: PriceRules
) -> pl.DataFrame:
    """Alerts of series that report no more are over a while after their last signal."""
    last = found.signals.group_by("series").agg(signal=pl.col("t").max())
    quiet = {name: one.quiet for name, one in rules.periods.items()}
    told = alerts.join(last, on="series", how="left", maintain_order="left").join(
        known.about.select("series", "period"), on="series", maintain_order="left"
    )
    told = told.with_columns(pl.lit(day).alias("today")).with_columns(
        at=step_of("period", "today")
    )
    wait = pl.col("period").replace_strict(quiet, return_dtype=pl.Int64)
    over = pl.col("lifted_on").is_null() & (pl.col("at") - pl.col("signal") > wait)
    return told.with_columns(
        lifted_on=pl.when(over).then(pl.lit(day)).otherwise("lifted_on"),
        why_lifted=pl.when(over).then(pl.lit(QUIET)).otherwise("why_lifted"),
    ).select(alerts.columns)


def _kept(
    now: pl.DataFrame, lost: pl.DataFrame, corrected_ones: pl.Series, day: date, rules: PriceRules
) -> pl.DataFrame:
    """`now`, and the alerts that are found no more though their prices are what they were: other rules, or more
    series of that day, don't take back what was issued. They are over when they would have been quiet."""
    quiet = {name: one.quiet for name, one in rules.periods.items()}
    mine = lost.filter(~pl.col("alert_no").is_in(corrected_ones.implode())).select(
        "alert_no", "period", today=pl.lit(day), observed=pl.col("observed_on").str.to_date()
    )
    steps = mine.select(step_of("period", "today") - step_of("period", "observed")).to_series()
    wait = mine["period"].replace_strict(quiet, default=max(quiet.values()), return_dtype=pl.Int64)
    over = pl.when(steps > wait)
    rows = mine.select(
        "alert_no",
        lifted_on=over.then(pl.lit(day)),
        why_lifted=over.then(pl.lit(QUIET, pl.String)),
    )
    return pl.concat([now.select(rows.columns), rows], how="vertical_relaxed")


def _to_issue(
    now: pl.DataFrame, before: pl.DataFrame, day: date, rules: PriceRules
) -> pl.DataFrame:
    earliest = day - timedelta(days=rules.issue_within_days)
    fresh = now.filter(pl.col("lifted_on").is_null() & (pl.col("observed_on") >= earliest))
    return fresh.join(before.select("alert_no"), on="alert_no", how="anti", maintain_order="left")


def lifted(rows: pl.DataFrame, now: pl.DataFrame, day: date) -> pl.DataFrame:
    """With `lifted_on` and why, where an alert that stood is over by now. Never before the days on which it was
    issued and released; one that the prices as corrected since don't give any more is lifted today."""
    over = now.select(
        "alert_no",
        new_day=pl.col("lifted_on").dt.to_string("%Y-%m-%d"),
        new_why=pl.col("why_lifted").replace_strict(LIFTED, default=None, return_dtype=pl.String),
        found=pl.lit(value=True),
    )
    told = rows.join(over, on="alert_no", how="left", maintain_order="left")
    lost = pl.col("found").is_null()
    when = pl.when(lost).then(pl.lit(str(day))).otherwise("new_day")
    least = pl.max_horizontal(when, pl.col("issued_at").str.head(10), pl.col("released_on"))
    stands = pl.col("lifted_on").is_null() & when.is_not_null()
    return told.with_columns(
        lifted_on=pl.when(stands).then(least).otherwise("lifted_on"),
        lift_reason=pl.when(stands)
        .then(pl.when(lost).then(pl.lit(GONE)).otherwise("new_why"))
        .otherwise("lift_reason"),
    ).select(rows.columns)
