"""What people decided on price alerts, and how an alert's record says it."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from hub.bulk import select_frame
from hub.prices.records import authority
from hub.prices.tables import RELEASE, price_decision

_SCHEMA = {
    "alert_no": pl.String, "decision": pl.String, "reason": pl.String, "text": pl.String, "department": pl.String,
    "day": pl.String,
}  # fmt: skip


def latest_decisions(connection: Connection) -> pl.DataFrame:
    """The decision that counts for each alert: alert_no, decision, reason, text, department, day."""
    one = price_decision.c
    last = (
        select(one.alert_no, func.max(one.number).label("number"))
        .group_by(one.alert_no)
        .subquery()
    )
    query = select(
        one.alert_no, one.decision, one.reason, one.release_text.label("text"), one.decided_for.label("department"),
        one.decided_on.label("day"),
    ).join(last, (last.c.alert_no == one.alert_no) & (last.c.number == one.number))  # fmt: skip
    return select_frame(connection, query, _SCHEMA)


def decided(rows: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Records of price_alert with what was decided on them; the others stay as they are."""
    told = rows.join(decisions, on="alert_no", how="left", maintain_order="left")
    known = {name: authority(name) for name in decisions["department"].unique()}
    has, released = pl.col("decision").is_not_null(), pl.col("decision") == RELEASE
    by = pl.col("department").replace_strict(known, default=None, return_dtype=pl.String)
    return told.with_columns(
        release_decision=pl.when(has).then("decision").otherwise("release_decision"),
        release_decided_by=pl.when(has).then(by).otherwise("release_decided_by"),
        release_reason=pl.when(has).then("reason").otherwise("release_reason"),
        released_on=pl.when(released).then("day").when(~has).then("released_on"),
        release_text=pl.when(released).then("text").when(~has).then("release_text"),
    ).select(rows.columns)


def history(connection: Connection, alert_no: str) -> list[dict[str, Any]]:
    """Every decision on an alert, the newest first: the columns of the table."""
    mine = price_decision.c.alert_no == alert_no
    query = select(price_decision).where(mine).order_by(price_decision.c.number.desc())
    return [dict(row) for row in connection.execute(query).mappings()]
