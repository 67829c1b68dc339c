"""Alerts as they are kept: any number of processes may look, and each change is told once.

A change is kept by comparing what it was made of (`told_at`, `gone_at`, `over_at`) in the statement that
replaces it; whoever comes second changes no row, and tells nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from exchange_schemas.issue import Issue
from hub.database import write
from hub.instant import instant_of
from hub.monitoring.alert_rules import BACK, GONE, NEW, OVER, TOLD, Change, Key, Known, changes
from hub.monitoring.status import PARTS_OF, Status
from hub.monitoring.tables import DUE, alert, alert_message


def known(connection: Connection) -> dict[Key, Known]:
    """Every alert that there ever was, as it stands."""
    return {
        (row.part, row.name): Known(
            Issue(row.code, value=row.value, params=json.loads(row.params)),
            row.told_size, row.began_at, row.told_at, row.gone_at, row.over_at,
        )
        for row in connection.execute(select(alert).order_by(alert.c.began_at))
    }  # fmt: skip


def note(engine: Engine, status: Status, ways: Sequence[str], now: datetime) -> list[Change]:
    """Keep what has changed, with a message for each way in the same transaction; returns what is told."""
    unseen = {part for name in status.facts.failed for part in PARTS_OF.get(name, ())}
    try:
        with write(engine) as connection:
            have = known(connection)
            found = changes(have, status.lines, unseen, now)
            kept = [one for one in found if _keep(connection, have.get(one.key), one, now)]
            told = [one for one in kept if one.event in TOLD]
            queue(connection, ways, told, now)
    except IntegrityError:  # another process has noted a new one in this moment, and tells it
        return []
    return told


def queue(
    connection: Connection, ways: Sequence[str], told: Iterable[Change], now: datetime
) -> None:
    """A message of all these changes for each way."""
    content = [content_of(one) for one in told]
    if not content:
        return
    text, at = json.dumps(content, ensure_ascii=False), instant_of(now)
    rows = [
        {"name": str(uuid.uuid4()), "way": way, "content": text, "state": DUE, "next_at": at,
         "created_at": at}
        for way in ways
    ]  # fmt: skip
    if rows:
        connection.execute(insert(alert_message), rows)


def content_of(one: Change) -> dict[str, Any]:
    """A change as it is told."""
    return {
        "event": one.event,
        "part": one.key[0],
        "name": one.key[1],
        "code": one.issue.code,
        "since": one.began_at,
        "size": one.size,
        "message": one.issue.message("zh_CN"),
        "message_en": one.issue.message("en"),
    }


def _keep(connection: Connection, before: Known | None, one: Change, now: datetime) -> bool:
    """Whether the change was made by this one and no other."""
    part, name = one.key
    values = _values(one, instant_of(now))
    if before is None:
        connection.execute(insert(alert).values(part=part, name=name, **values))
        return True
    has = alert.c
    mine = (has.part == part) & (has.name == name) & (has.told_at == before.told_at)
    same = mine & has.gone_at.is_not_distinct_from(before.gone_at)
    same &= has.over_at.is_not_distinct_from(before.over_at)
    return connection.execute(update(alert).where(same).values(values)).rowcount == 1


def _values(one: Change, now: str) -> dict[str, Any]:
    if one.event == GONE:
        return {"gone_at": now}
    if one.event == BACK:
        return {"gone_at": None}
    if one.event == OVER:
        return {"over_at": now, "told_at": now}
    told = {
        "code": one.issue.code,
        "value": one.issue.value,
        "params": json.dumps(dict(one.issue.params), ensure_ascii=False),
        "told_size": one.size,
        "told_at": now,
        "gone_at": None,
    }
    return told | {"began_at": one.began_at, "over_at": None} if one.event == NEW else told
