"""What became of tickets, back to the platform: entries in order, each with a receipt.

An entry has the ticket's number and what the department decided; nothing of who reported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.complaints.tables import complaint_position, complaint_return
from hub.instant import utc_now
from hub.terms import day_of

LONGEST_WHY = 500


def add(connection: Connection, row: Mapping[str, Any], step: Mapping[str, Any]) -> int:
    """Note what the platform is to be told; returns its number, which has no gap before it."""
    mine = complaint_position.c.id == 1
    next_one = complaint_position.c.returned + 1
    taken = update(complaint_position).where(mine).values(returned=next_one)
    seq = connection.scalar(taken.returning(complaint_position.c.returned))
    if seq is None:  # a ticket without a position row can't be: routing makes it first
        raise ValueError("no ticket was ever taken")
    content = json.dumps(_content(row, step), ensure_ascii=False)
    made = {"seq": seq, "ticket_id": row["id"], "content": content, "made_at": utc_now()}
    connection.execute(insert(complaint_return).values(made))
    return int(seq)


def _content(row: Mapping[str, Any], step: Mapping[str, Any]) -> dict[str, Any]:
    day = day_of(str(step["at"]))
    told: dict[str, Any] = {"ticket_no": row["ticket_no"], "department": row["department"]}
    told |= {"act": step["act"], "on": day}
    more = {
        "accept": {"accept_decision": "受理", "accept_decided_on": day},
        "refuse": {
            "accept_decision": "不予受理",
            "accept_decided_on": day,
            "refuse_reason": step["ground"],
        },
        "decide": {"filing_decision": step["decision"], "filing_decided_on": day},
        "close": {"closed_on": day, "mediation_result": step["mediation"]},
        "tell": {"reporter_told_on": day},
    }
    told |= more.get(str(step["act"]), {}) | {"result_text": step["reason"]}
    return {name: value for name, value in told.items() if value is not None}


def page(connection: Connection, after: int, limit: int) -> list[dict[str, Any]]:
    """At most `limit` entries with a number above `after`: {seq, made_at, received_at, …content}."""
    query = select(complaint_return).where(complaint_return.c.seq > after)
    rows = connection.execute(query.order_by(complaint_return.c.seq).limit(limit)).mappings()
    kept = ("seq", "made_at", "received_at", "refused")
    return [{**{name: row[name] for name in kept}, **json.loads(row["content"])} for row in rows]


def receipt(connection: Connection, seq: int, by: str, refused: str | None = None) -> None:
    """The platform has it, or says why it doesn't take it; the last word counts.

    Raises Misdeclared (return_unknown).
    """
    why = None if refused is None else refused[:LONGEST_WHY]
    values = {"received_at": utc_now(), "received_by": by, "refused": why}
    mine = complaint_return.c.seq == seq
    if connection.execute(update(complaint_return).where(mine).values(values)).rowcount == 0:
        raise Misdeclared(Issue("return_unknown", value=str(seq)))
