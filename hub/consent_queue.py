"""Third parties who are asked, a page of them at a time, for the departments of who looks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from exchange_schemas.days import today
from hub.filing_queue import PAGE, days_left
from hub.tables import dataset
from hub.tables_of_filings import AGREED, consent
from hub.tables_of_review import disclosure

SHOWN = ("id", "record_id", "asked_on", "due", "answer", "decision")
_SETTLED = or_(func.coalesce(consent.c.answer, "") == AGREED, consent.c.decision.is_not(None))
_RECORD = and_(
    disclosure.c.dataset_id == consent.c.dataset_id, disclosure.c.record_id == consent.c.record_id
)


def page(
    connection: Connection, departments: Collection[str], after: str = "", *, closed: bool = False
) -> tuple[list[dict[str, Any]], str]:
    """`SHOWN` with dataset, department and days_left (negative: overdue; None: answered) of those that are
    open, most urgent first, or of those that are settled, the last first; and the place of the next page."""
    wanted = disclosure.c.department.in_(sorted(departments)) & (_SETTLED if closed else ~_SETTLED)
    due, _, number = after.partition("_")
    if number.isdecimal():
        later = or_(consent.c.due > due, and_(consent.c.due == due, consent.c.id > int(number)))
        wanted &= consent.c.id < int(number) if closed else later
    query = (
        select(*(consent.c[name] for name in SHOWN), dataset.c.name.label("dataset"))
        .add_columns(disclosure.c.department)
        .select_from(consent)
        .join(dataset, dataset.c.id == consent.c.dataset_id)
        .join(disclosure, _RECORD)
        .where(wanted)
        .order_by(*((consent.c.id.desc(),) if closed else (consent.c.due, consent.c.id)))
    )
    rows = connection.execute(query.limit(PAGE + 1)).mappings().all()
    day = today()
    told = [
        {**row, "days_left": None if row["answer"] else days_left(row["due"], day)}
        for row in rows[:PAGE]
    ]
    last = told[-1] if len(rows) > PAGE else None
    return told, f"{last['due']}_{last['id']}" if last else ""
