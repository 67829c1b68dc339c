"""Risk signals as they stand: what feeds and people reported, with what was decided on each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, func, select

from exchange_schemas.days import HERE
from exchange_schemas.risk_rules import RiskRule
from exchange_schemas.standard import Standard
from hub.analysis import columns
from hub.bulk import select_frame
from hub.risks.states import ACTING, ASSESSING, CODES, OPEN, WAITING
from hub.risks.tables import risk_signal, risk_step
from hub.site import Site

DATASET = "quality_risk_signal"
_DECIDED = (
    "signal_id", "entered", "state", "severity", "likelihood", "level", "rule", "assessed_at",
    "acted_at", "ended_at",
)  # fmt: skip
_STATE_OF = {code: state for state, code in CODES.items()}


def reported(site: Site, connection: Connection, standard: Standard) -> pl.DataFrame:
    """The signals of the ledger and those that people entered: the standard's fields and `_key`."""
    known = columns.scan(site, connection, standard).drop("_seq").collect()
    own = entered(connection, standard)
    return pl.concat([
        known, own.join(known.select("signal_id"), on="signal_id", how="anti").select(known.columns),
    ])  # fmt: skip


def entered(connection: Connection, standard: Standard) -> pl.DataFrame:
    """What people entered, as records of the standard, and `_key`."""
    query = select(risk_signal.c.entered).where(risk_signal.c.entered.is_not(None))
    told = [orjson.loads(one) for one in connection.scalars(query.order_by(risk_signal.c.id))]
    rows = [{name: one.get(name) for name in standard.dtypes} for one in told]
    frame = pl.DataFrame(rows, schema=standard.dtypes)
    return frame.with_columns(_key=pl.col("signal_id"))


def decided(connection: Connection) -> pl.DataFrame:
    """What was decided: `signal_id`, `was_entered`, and with `_` before their names state … ended_at."""
    opened = (
        select(func.max(risk_step.c.at))
        .where(risk_step.c.risk_id == risk_signal.c.id, risk_step.c.act == "reopen")
        .scalar_subquery()
    )
    names = [risk_signal.c[name] for name in _DECIDED]
    schema = dict.fromkeys((*_DECIDED, "_reopened_at"), pl.String)
    query = select(*names, opened.label("_reopened_at"))
    found = select_frame(connection, query, pl.Schema(schema))
    return found.select(
        "signal_id", "_reopened_at", pl.col("entered").is_not_null().alias("was_entered"),
        *(pl.col(name).alias(f"_{name}") for name in _DECIDED[2:]),
    )  # fmt: skip


def standing(
    site: Site, connection: Connection, standard: Standard, rule: RiskRule | None, day: date
) -> pl.DataFrame:
    """Every signal with `now` (its state), `_severity` … `_ended_at`, `group`, `others` (signals of the same
    product), `due_on` and `overdue` on a day."""
    rows = reported(site, connection, standard).join(
        decided(connection), on="signal_id", how="left"
    )
    told = pl.col("state").replace_strict(_STATE_OF, default=WAITING, return_dtype=pl.String)
    rows = rows.with_columns(
        now=pl.coalesce("_state", told),
        was_entered=pl.col("was_entered").fill_null(value=False),
        group=product_group(),
    )
    return _with_terms(_with_others(rows), rule, day)


def product_group(name: str = "product") -> pl.Expr:
    """By what signals are of one product: its name without blanks and signs, in small half-width letters."""
    plain = pl.col(name).fill_null("").str.normalize("NFKC")
    return plain.str.replace_all(r"[\s\p{P}]", "").str.to_lowercase()


def _with_others(rows: pl.DataFrame) -> pl.DataFrame:
    """`others`: the other signals of the product."""
    members = rows.group_by("group").agg(_all=pl.col("signal_id").sort())
    found = rows.join(members, on="group", how="left", maintain_order="left")
    alone = pl.col("_all").list.set_difference(pl.concat_list("signal_id")).list.sort()
    return found.with_columns(others=alone).drop("_all")


def _with_terms(rows: pl.DataFrame, rule: RiskRule | None, day: date) -> pl.DataFrame:
    if rule is None:
        return rows.with_columns(due_on=pl.lit(None, pl.Date), overdue=pl.lit(value=False))
    assess = pl.col("severity").replace_strict(
        dict(rule.assess_days), return_dtype=pl.Int64, default=None
    )
    level = pl.coalesce("_level", "severity")
    act = level.replace_strict(dict(rule.act_days), return_dtype=pl.Int64, default=None)
    received = pl.max_horizontal(day_of(pl.col("received_at")), day_of(pl.col("_reopened_at")))
    assessed = pl.coalesce(
        day_of(pl.col("_assessed_at")), pl.col("assessed_on").str.to_date(strict=False)
    )
    due = (
        pl.when(pl.col("now").is_in([WAITING, ASSESSING]))
        .then(received + pl.duration(days=assess))
        .when(pl.col("now") == ACTING)
        .then(assessed + pl.duration(days=act))
    )
    late = (pl.lit(day) > pl.col("due_on")) & pl.col("now").is_in(list(OPEN))
    return rows.with_columns(due_on=due).with_columns(overdue=late.fill_null(value=False))


def day_of(moment: pl.Expr) -> pl.Expr:
    """The day in Shanghai of an instant with its offset, or in UTC."""
    told = moment.str.to_datetime(time_zone="UTC", strict=False)
    return told.dt.convert_time_zone(str(HERE)).dt.date()


def state_of(record: dict[str, Any]) -> str:
    """The state in which a feed brings a signal."""
    return _STATE_OF.get(record.get("state") or "", WAITING)


def here(moment: datetime) -> str:
    """An instant as records write it: 2026-01-31T08:30:00+08:00."""
    return moment.astimezone(HERE).isoformat(timespec="seconds")
