"""The analysis `risks`: what people entered and decided comes back into the ledger.

Signals that were entered become records of `quality_risk_signal`; how each signal stands is a record of
`risk_assessment`. A feed's own record stays as it was delivered: its next delivery would undo a revision of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.dated_rules import rule_on
from exchange_schemas.risk_rules import load_risk_rules
from hub.analysis.inputs import Inputs, Result
from hub.bulk import select_frame
from hub.risks import signals
from hub.risks.states import CLOSED, CODES
from hub.risks.steps import LONGEST_REASON
from hub.risks.tables import risk_signal, risk_step

WRITES = "risk_assessment"
NO_ACTION = (
    "未采取措施："  # before the reason of who closed a signal on which nothing had to be done
)
_STEPS = {"signal_id": pl.String, "act": pl.String, "department": pl.String, "reason": pl.String}


def compute(inputs: Inputs) -> Iterator[Result]:
    """Entered signals, then how all signals stand on the day."""
    standard = inputs.catalogue.get(signals.DATASET)
    rule = rule_on(load_risk_rules(inputs.site.law), inputs.day)
    with inputs.engine.connect() as connection:
        own = signals.entered(connection, standard)
        standing = signals.standing(inputs.site, connection, standard, rule, inputs.day)
        steps = last_words(connection)
    told = _told(standing.join(steps, on="signal_id", how="left"))
    yield Result(signals.DATASET, _as_signals(own, told))
    yield Result(WRITES, told)


def last_words(connection: Connection) -> pl.DataFrame:
    """`signal_id` with the last words on it: said_reason, said_by (the department that assessed), said_action,
    said_closing."""
    query = (
        select(
            risk_signal.c.signal_id, risk_step.c.act, risk_step.c.department, risk_step.c.reason
        )
        .join(risk_signal, risk_signal.c.id == risk_step.c.risk_id)
        .order_by(risk_step.c.risk_id, risk_step.c.number)
    )
    steps = select_frame(connection, query, pl.Schema(_STEPS))

    def last(column: str, act: str) -> pl.Expr:
        return pl.col(column).filter(pl.col("act") == act).last()

    return steps.group_by("signal_id").agg(
        said_reason=last("reason", "assess"),
        said_by=last("department", "assess"),
        said_action=last("reason", "record"),
        said_closing=pl.col("reason").filter(pl.col("act").is_in(["close", "dismiss"])).last(),
    )


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Records of `risk_assessment`."""
    days = {
        name: signals.day_of(pl.col(column)).dt.strftime("%Y-%m-%d")
        for name, column in (
            ("assessed_on", "_assessed_at"), ("acted_on", "_acted_at"), ("ended_on", "_ended_at"),
        )
    }  # fmt: skip
    ended = pl.col("_ended_at").is_not_null()
    return rows.select(
        "signal_id", "product", "brand", "channel", "hazard", "received_at", "division_code",
        reported_severity="severity",
        state=pl.col("now").replace_strict(dict(CODES), return_dtype=pl.String),
        severity="_severity", likelihood="_likelihood", level="_level", rule="_rule",
        reason="said_reason", assessed_by="said_by",
        action=pl.when(pl.col("_acted_at").is_not_null()).then("said_action"),
        closing=pl.when(ended).then("said_closing"),
        **days,
        due_on=pl.col("due_on").dt.strftime("%Y-%m-%d"), overdue="overdue", entered="was_entered",
        same_product=pl.when(pl.col("others").list.len() > 0).then("others"),
        sources=pl.concat_list(pl.concat_list("_key"), "others").list.eval(
            pl.lit(f"{signals.DATASET}:") + pl.element()
        ),
    )  # fmt: skip


def _as_signals(own: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """What was entered, with the state that it has now. The standard wants an action of each that is closed,
    and the day of those alone."""
    closed = pl.col("state") == CODES[CLOSED]
    nothing = (pl.lit(NO_ACTION) + pl.col("closing")).str.head(LONGEST_REASON)
    now = told.select(
        "signal_id", _now="state", _reason="reason", _assessed="assessed_on",
        _action=pl.coalesce("action", pl.when(closed).then(nothing)),
        _ended=pl.when(closed).then("ended_on"),
    )  # fmt: skip
    return own.join(now, on="signal_id", how="left").with_columns(
        state=pl.col("_now"), assessment=pl.col("_reason"), assessed_on=pl.col("_assessed"),
        action=pl.col("_action"), closed_on=pl.col("_ended"),
    )  # fmt: skip
