"""How each target stands: how far it is, what is open, what isn't delivered and why."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, func, select

from exchange_schemas.issue import Issue
from hub.outbound import outbox
from hub.outbound.desk import state_of
from hub.outbound.preparing import issues_json
from hub.outbound.still_held import still_held
from hub.outbound.tables import (
    ENTRY_STATES,
    QUARANTINED,
    REFUSED,
    target_delivery,
    target_entry,
    target_record,
)
from hub.outbound.target import Target

_SHOWN = 200  # entries


def standing(connection: Connection, target: Target) -> dict[str, Any]:
    """One target in numbers: cursor, held (records at the province), deliveries by state, entries by
    state, still_held (taken back and not deleted there), failure, not_before, sent_at."""
    state = state_of(connection, target.name)
    has = target_entry.c
    entries = dict.fromkeys(ENTRY_STATES, 0)
    query = select(has.state, func.count()).where(has.target == target.name).group_by(has.state)
    entries.update({name: int(count) for name, count in connection.execute(query)})
    known = target_record.c
    held = (known.target == target.name) & (known.held == 1)
    records = connection.scalar(select(func.count()).select_from(target_record).where(held))
    told = ("cursor", "failure", "not_before", "sent_at")
    return {
        "target": target.name,
        "dataset": target.dataset,
        "consumer": target.consumer,
        "way": target.way,
        **{name: state[name] if state else None for name in told},
        "held": int(records or 0),
        "deliveries": outbox.counts(connection, target.name),
        "entries": entries,
        "still_held": len(still_held(connection, target)),
    }


def undelivered(connection: Connection, target: Target) -> list[dict[str, Any]]:
    """The first entries that the province doesn't have because they can't be written or it refused
    them: {seq, key, state, code, reason, at, issues}."""
    has = target_entry.c
    mine = (has.target == target.name) & has.state.in_((QUARANTINED, REFUSED))
    query = select(has.seq, has.key, has.state, has.code, has.reason, has.issues, has.at)
    rows = connection.execute(query.where(mine).order_by(has.seq).limit(_SHOWN)).mappings()
    return [{**row, "issues": issues_of_entry(row["issues"])} for row in rows]


def issues_of_entry(text: str | None) -> list[Issue]:
    """What is wrong with a quarantined entry."""
    return [
        Issue(
            str(one["code"]),
            field=None if one["field"] is None else str(one["field"]),
            value=None if one["value"] is None else str(one["value"]),
            params=json.loads(str(one["params"] or "{}")),
        )
        for one in issues_json(text)
    ]


def deliveries(connection: Connection, target: str, count: int = 20) -> list[dict[str, Any]]:
    """The newest deliveries, without their content."""
    has = target_delivery.c
    columns = [column for column in target_delivery.columns if column.name != "content"]
    query = select(*columns).where(has.target == target).order_by(has.id.desc()).limit(count)
    return [{str(n): v for n, v in row.items()} for row in connection.execute(query).mappings()]
