"""The queues of filings: a page of them at a time, most urgent first, for the departments of who looks.

Nothing personal is in them, nor a filing's number, which is its party's secret: staff name it by its id.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.tables import dataset
from hub.tables_of_filings import OPEN, filing
from hub.tables_of_review import disclosure

PAGE = 50
MOST = 10_000  # that are counted; more are "more than that many"
NEVER = "9999-12-31"  # stands for the last day of what has none
SHOWN = (
    "id",
    "kind",
    "record_id",
    "state",
    "filed_on",
    "due",
    "handler",
    "outcome",
    "answered_on",
)

_due = func.coalesce(filing.c.due, NEVER)
_RECORD = and_(
    disclosure.c.dataset_id == filing.c.dataset_id, disclosure.c.record_id == filing.c.record_id
)


def page(
    connection: Connection,
    departments: Collection[str],
    kind: str,
    after: str = "",
    limit: int = PAGE,
) -> tuple[list[dict[str, Any]], str]:
    """The open filings of a kind after the place `after`, as `SHOWN` with dataset, department and days_left
    (negative: overdue; None: no term), and the place of the next page; "" where there is none."""
    order = (_due, filing.c.id)
    due, _, number = after.partition("_")
    wanted = _mine(departments, kind) & filing.c.state.in_(OPEN)
    if number.isdecimal():
        wanted &= or_(_due > due, and_(_due == due, filing.c.id > int(number)))
    return _page(connection, wanted, order, limit)


def closed(
    connection: Connection,
    departments: Collection[str],
    kind: str,
    after: str = "",
    limit: int = PAGE,
) -> tuple[list[dict[str, Any]], str]:
    """As `page`, of those that were answered, the last first."""
    number = after.rpartition("_")[2]
    wanted = _mine(departments, kind) & ~filing.c.state.in_(OPEN)
    if number.isdecimal():
        wanted &= filing.c.id < int(number)
    return _page(connection, wanted, (filing.c.id.desc(),), limit)


def count(connection: Connection, departments: Collection[str], kind: str) -> int:
    """How many are open, up to `MOST` + 1."""
    mine = _joined(filing.c.id).where(_mine(departments, kind), filing.c.state.in_(OPEN))
    return int(
        connection.scalar(select(func.count()).select_from(mine.limit(MOST + 1).subquery())) or 0
    )


def department_of(connection: Connection, number: int) -> str | None:
    """Whose record the filing with this id is about; None where there is no such filing."""
    found = connection.scalar(_joined(disclosure.c.department).where(filing.c.id == number))
    return None if found is None else str(found)


def named(connection: Connection, number: int) -> str:
    """The number of the filing with this id; raises Misdeclared (filing_unknown)."""
    found = connection.scalar(select(filing.c.number).where(filing.c.id == number))
    if found is None:
        raise Misdeclared(Issue("filing_unknown", value=str(number)))
    return str(found)


def days_left(due: str | None, day: date) -> int | None:
    """Days until the last one; negative where it is over, None where there is none."""
    return None if due is None else (date.fromisoformat(due) - day).days


def _page(
    connection: Connection, wanted: ColumnElement[bool], order: tuple[Any, ...], limit: int
) -> tuple[list[dict[str, Any]], str]:
    columns = (*(filing.c[name] for name in SHOWN), dataset.c.name.label("dataset"))
    query = _joined(*columns, disclosure.c.department).where(wanted).order_by(*order)
    rows = connection.execute(query.limit(limit + 1)).mappings().all()
    day = today()
    told = [{**row, "days_left": _left(row, day)} for row in rows[:limit]]
    last = told[-1] if len(rows) > limit else None
    return told, f"{last['due'] or NEVER}_{last['id']}" if last else ""


def _left(row: RowMapping, day: date) -> int | None:
    return days_left(row["due"], day) if row["state"] in OPEN else None


def _mine(departments: Collection[str], kind: str) -> ColumnElement[bool]:
    return disclosure.c.department.in_(sorted(departments)) & (filing.c.kind == kind)


def _joined(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(filing)
        .join(dataset, dataset.c.id == filing.c.dataset_id)
        .join(disclosure, _RECORD)
    )
