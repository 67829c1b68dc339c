"""What a scoreboard counts, one by one: each row has a dataset, a department, a month, a measure, an id.

Counting groups these rows and the drill-down lists them, so the two can't differ. The ids are record
ids for `in_time`, `late`, `overdue`, `corrected_records`, `withdrawn` and `repaired`; the number of a
filing for `objections_upheld`; the number of a nil report, of a run; and run:line for rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Table, and_, case, cast, literal, select

from hub.deliveries import as_delivered
from hub.months import is_in, month_at, month_of_day
from hub.scope import Scope
from hub.states import (
    APPROVED,
    BLOCKED,
    CORRECTED,
    PENDING,
    PUBLIC,
    REPAIRED,
    REVIEWED,
    SCHEDULED,
    WITHDRAWN,
)
from hub.tables import quarantine, run
from hub.tables_of_filings import ANSWERED, GRANTED, REPAIR, filing
from hub.tables_of_reports import nil_report
from hub.tables_of_review import decision, disclosure, move
from hub.tables_of_runs import correction

# On its way to the public. What the law forbids, a person refused or was taken back isn't late.
UNDER_WAY = (BLOCKED, PENDING, REVIEWED, APPROVED, SCHEDULED)
ENDING = (
    "republish",
    "withdraw",
    "take_back",
    "repair",
)  # acts that end or replace what is public

Rows = Select[Any]  # dataset_id, department, month, measure, id


def disclosed(scope: Scope) -> Rows:
    """`in_time`, `late` and `overdue`: disclosures by the month in which they had to be public.

    A record on hold isn't overdue: the term rests while a third party is asked.
    """
    one = disclosure.c
    waits = and_(
        one.publish_by < scope.on.isoformat(), one.state.in_(UNDER_WAY), one.hold.is_(None)
    )
    measure = case(
        (one.published_on <= one.publish_by, "in_time"),
        (one.published_on.is_not(None), "late"),
        (waits, "overdue"),
    )
    return _rows(one, month_of_day(one.publish_by), measure, one.record_id).where(
        one.publish_by.between(*scope.days),
        scope.within(one.dataset_id, one.department),
        measure.is_not(None),
    )


def ended(scope: Scope) -> Rows:
    """`corrected_records`, `withdrawn`, `repaired`: public records by the month of the decision.

    A record counts once in a month for each.
    """
    at = decision.c.decided_at
    was = move.c.state_before
    measure = case(
        (move.c.state == CORRECTED, "corrected_records"),
        ((move.c.state == WITHDRAWN) & was.in_(PUBLIC), "withdrawn"),
        (move.c.state == REPAIRED, "repaired"),
    )
    rows = _rows(disclosure.c, month_at(at, scope.months), measure, disclosure.c.record_id)
    # The few decisions first, or SQLite reads all moves of the dataset instead of theirs.
    chosen = select(decision.c.id).where(is_in(at, scope.months), decision.c.act.in_(ENDING))
    return (
        rows.join_from(move, decision, move.c.decision_id == decision.c.id)
        .join(disclosure, _same_record(move))
        .where(
            move.c.decision_id.in_(chosen),
            scope.within(decision.c.dataset_id, disclosure.c.department),
            measure.is_not(None),
        )
        .distinct()
    )


def objections(scope: Scope) -> Rows:
    """`objections_upheld`: objections and requests for correction that were answered in the month,
    and not refused."""
    at = filing.c.decided_at
    rows = _rows(
        disclosure.c, month_at(at, scope.months), literal("objections_upheld"), filing.c.number
    )
    return rows.join_from(filing, disclosure, _same_record(filing)).where(
        is_in(at, scope.months),
        filing.c.state.in_((GRANTED, ANSWERED)),
        filing.c.kind != REPAIR,
        scope.within(disclosure.c.dataset_id, disclosure.c.department),
    )


def deliveries(scope: Scope) -> Rows:
    """`runs`: deliveries that were taken in the month."""
    at = run.c.started_at
    return _rows(run.c, month_at(at, scope.months), literal("runs"), cast(run.c.id, String)).where(
        *_taken(scope)
    )


def rejected_rows(scope: Scope) -> Rows:
    """`rejected`: rows that those deliveries lost."""
    place = _place(quarantine.c.run_id, quarantine.c.line)
    month = month_at(run.c.started_at, scope.months)
    rows = _rows(run.c, month, literal("rejected"), place)
    return rows.join_from(run, quarantine, quarantine.c.run_id == run.c.id).where(*_taken(scope))


def corrected_rows(scope: Scope) -> Rows:
    """`corrected_rows`: rejected rows that people corrected into records in the month."""
    at = correction.c.corrected_at
    place = _place(correction.c.rejected_run_id, correction.c.line)
    rows = _rows(run.c, month_at(at, scope.months), literal("corrected_rows"), place)
    return (
        rows.join_from(correction, run, run.c.id == correction.c.run_id)
        .where(
            is_in(at, scope.months),
            correction.c.key.is_not(None),
            scope.within(run.c.dataset_id, run.c.department),
        )
        .distinct()
    )


def nil(scope: Scope) -> Rows:
    """`nil_reports`: those that stand, by the month that they are about."""
    one = nil_report.c
    return _rows(one, one.period, literal("nil_reports"), cast(one.id, String)).where(
        one.period.between(scope.months[0], scope.months[-1]),
        one.withdrawn_at.is_(None),
        scope.within(one.dataset_id, one.department),
    )


#: measure → what lists it.
SOURCES: dict[str, Callable[[Scope], Rows]] = {
    **dict.fromkeys(("in_time", "late", "overdue"), disclosed),
    **dict.fromkeys(("corrected_records", "withdrawn", "repaired"), ended),
    "objections_upheld": objections,
    "runs": deliveries,
    "rejected": rejected_rows,
    "corrected_rows": corrected_rows,
    "nil_reports": nil,
}


def _taken(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    within = scope.within(run.c.dataset_id, run.c.department)
    return is_in(run.c.started_at, scope.months), as_delivered(), within


def _rows(
    one: Any, month: ColumnElement[str], measure: ColumnElement[Any], number: ColumnElement[str]
) -> Rows:
    return select(
        one.dataset_id.label("dataset_id"),
        one.department.label("department"),
        month.label("month"),
        measure.label("measure"),
        number.label("id"),
    )


def _same_record(table: Table) -> ColumnElement[bool]:
    return and_(
        disclosure.c.dataset_id == table.c.dataset_id,
        disclosure.c.record_id == table.c.record_id,
    )


def _place(run_id: ColumnElement[int], line: ColumnElement[int]) -> ColumnElement[str]:
    return cast(run_id, String) + ":" + cast(line, String)
