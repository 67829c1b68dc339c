"""Deciding on the release of a price alert: a person of the price department, with a reason.

Until then an alert is for the government alone (政府信息公开条例 第十六条). The decision is kept; the alert's
record says it at once and then goes the ordinary way of review, approval and release.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, func, insert, select

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import disclosures, jobs, people
from hub.analysis import columns
from hub.analysis.asking import ask_for
from hub.analysis.inputs import Result
from hub.analysis.results import enter
from hub.analysis.work import KIND
from hub.audit.acting import tell
from hub.database import write
from hub.instant import utc_now
from hub.prices.compute import ALERTS
from hub.prices.decided import decided, latest_decisions
from hub.prices.records import SYSTEM
from hub.prices.tables import DECISIONS, RELEASE, price_decision
from hub.review import Desk
from hub.site import Site
from hub.states import APPROVER
from hub.tables import dataset

LONGEST_REASON, LONGEST_TEXT = 1000, 2000  # characters, as the standard has it


def find(site: Site, connection: Connection, desk: Desk, alert_no: str) -> dict[str, Any]:
    """An alert's record as it is now; raises Misdeclared (price_alert_unknown)."""
    mine = (pl.col("alert_no") == alert_no) & (pl.col("source_system") == SYSTEM)
    found = columns.scan(site, connection, desk.standard).filter(mine).collect()
    if found.is_empty():
        raise Misdeclared(Issue("price_alert_unknown", value=alert_no[:64]))
    return found.row(0, named=True)


def decide(
    site: Site, desk: Desk, alert_no: str, decision: str, reason: str, text: str | None
) -> dict[str, Any]:
    """Decide for the department that issues alerts; returns {alert_no, decision, number}.

    `text` is what the public reads, and is needed for a release alone. A later decision takes the place of an
    earlier one, which stays in the history. Raises Misdeclared (price_alert_unknown, price_decision_words),
    Refused (role_missing for whoever isn't an approver, price_alert_lifted).
    """
    said = _words(decision, reason, text)
    department = desk.standard.department
    with write(desk.engine) as connection:
        people.check(connection, desk.actor, APPROVER, department)
        record = find(site, connection, desk, alert_no)
        if decision == RELEASE and record["lifted_on"]:
            day = {"day": record["lifted_on"]}
            raise Refused(Issue("price_alert_lifted", value=alert_no, params=day))
        # Of two who decide at the same time, the second one's decision follows the first one's.
        held = select(dataset.c.id).where(dataset.c.name == ALERTS).with_for_update()
        connection.execute(held)
        mine = price_decision.c.alert_no == alert_no
        number = (
            int(connection.scalar(select(func.max(price_decision.c.number)).where(mine)) or 0) + 1
        )
        row = {
            "alert_no": alert_no, "number": number, "decided_for": department, "decided_by": desk.actor,
            "decided_on": str(today()), "decided_at": utc_now(), **said,
        }  # fmt: skip
        connection.execute(insert(price_decision).values(row))
        tell(alert=alert_no, decision=decision)
        # A computing that read what was decided before would say that.
        if jobs.waiting(connection, KIND):
            ask_for(connection, "prices")
    say(site, desk, alert_no)
    return {"alert_no": alert_no, "decision": decision, "number": number}


def say(site: Site, desk: Desk, alert_no: str) -> None:
    """Let the alert's record say what was decided. Safe to repeat, and the analysis does the same."""
    with desk.engine.connect() as connection:
        record = find(site, connection, desk, alert_no)
        decisions = latest_decisions(connection)
    row = pl.DataFrame([record], schema_overrides=desk.standard.dtypes).drop("_key", "_seq")
    nothing = pl.Series("_key", [], pl.String)
    enter(desk.engine, desk.catalogue, "prices", Result(ALERTS, decided(row, decisions), nothing))
    disclosures.refresh_dataset(desk.engine, desk.catalogue, desk.standard)


def _words(decision: str, reason: str, text: str | None) -> dict[str, Any]:
    reason, text = reason.strip(), (text or "").strip()
    wrong = None
    if decision not in DECISIONS:
        wrong = "the decision is 发布 or 不发布", "决定应为“发布”或“不发布”"
    elif not 0 < len(reason) <= LONGEST_REASON:
        wrong = (
            f"the reason has 1 to {LONGEST_REASON} characters",
            f"理由应为 1 至 {LONGEST_REASON} 字",
        )
    elif decision == RELEASE and not 0 < len(text) <= LONGEST_TEXT:
        wrong = (
            f"the text has 1 to {LONGEST_TEXT} characters",
            f"发布内容应为 1 至 {LONGEST_TEXT} 字",
        )
    if wrong is not None:
        words = {"reason": wrong[0], "reason_zh": wrong[1]}
        raise Misdeclared(Issue("price_decision_words", value=decision[:16], params=words))
    return {
        "decision": decision,
        "reason": reason,
        "release_text": text if decision == RELEASE else None,
    }
