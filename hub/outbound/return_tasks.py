"""The tasks that follow from what the province returned: listed, and closed by who dealt with them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select, update

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.instant import utc_now
from hub.outbound.tables import DONE, provincial_task
from hub.states import HANDLER
from hub.tables_of_filings import filing


def listing(
    connection: Connection, department: str | None = None, *, closed: bool = False
) -> list[dict[str, Any]]:
    """The open tasks, or all, the oldest first: the columns of `provincial_task`, with `corrections` as
    a mapping and `filing`, the number of the application that it stands in."""
    query = (
        select(provincial_task, filing.c.number.label("filing"))
        .join(filing, filing.c.id == provincial_task.c.filing_id, isouter=True)
        .order_by(provincial_task.c.id)
    )
    if not closed:
        query = query.where(provincial_task.c.state != DONE)
    if department is not None:
        query = query.where(provincial_task.c.department == department)
    return [
        {**{str(n): v for n, v in row.items()}, "corrections": json.loads(row["corrections"])}
        for row in connection.execute(query).mappings()
    ]


def close(connection: Connection, number: int, actor: str, note: str) -> None:
    """Somebody who handles for the department says what was done.

    Raises Misdeclared (return_task_unknown), Refused (return_task_closed, role_missing).
    """
    mine = provincial_task.c.id == number
    query = select(provincial_task).where(mine).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Misdeclared(Issue("return_task_unknown", value=str(number)))
    if row["state"] == DONE:
        raise Refused(Issue("return_task_closed", value=str(number)))
    people.check(connection, actor, HANDLER, row["department"])
    values = {"state": DONE, "closed_by": actor, "closed_at": utc_now(), "note": note}
    connection.execute(update(provincial_task).where(mine).values(values))
