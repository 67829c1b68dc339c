"""Messages on their way: claimed by one process, sent, and tried again for a day.

A process that dies between sending and noting it leaves a claim that ends; the message then goes out a second
time, with the same id.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, select, update

from hub.database import write
from hub.instant import instant_of
from hub.monitoring.alert_posting import Message, Outcome, post
from hub.monitoring.tables import CLAIMED, DUE, GIVEN_UP, SENT, alert_message

CLAIM = timedelta(minutes=2)  # longer than any way may take
FIRST_WAIT, LONGEST_WAIT = 60, 3600  # seconds until a way is tried again
GIVE_UP = timedelta(days=1)
MOST = 10  # messages by one way in one go: the robots take twenty a minute

logger = logging.getLogger(__name__)


def send_due(engine: Engine, place: str, now: datetime | None = None) -> dict[str, int]:
    """Send what is due; returns {sent, failed, given_up}."""
    done, tried = {"sent": 0, "failed": 0, "given_up": 0}, dict[str, int]()
    with engine.connect() as connection:
        rows = connection.execute(
            select(alert_message).where(_due(now)).order_by(alert_message.c.id)
        ).all()
    for row in rows:
        if tried.get(row.way, 0) >= MOST or not _claim(engine, row, now):
            continue
        tried[row.way] = tried.get(row.way, 0) + 1
        outcome = post(row.way, Message(row.name, row.created_at, place, json.loads(row.content)))
        done[_note(engine, row, outcome, now)] += 1
    return done


def _due(now: datetime | None) -> ColumnElement[bool]:
    has = alert_message.c
    return has.state.in_((DUE, CLAIMED)) & (has.next_at <= instant_of(now or datetime.now(UTC)))


def _claim(engine: Engine, row: Row[Any], now: datetime | None) -> bool:
    until = instant_of((now or datetime.now(UTC)) + CLAIM)
    mine = (alert_message.c.id == row.id) & (alert_message.c.tries == row.tries) & _due(now)
    taken = {"state": CLAIMED, "next_at": until, "tries": row.tries + 1}
    with write(engine) as connection:
        return connection.execute(update(alert_message).where(mine).values(taken)).rowcount == 1


def _note(engine: Engine, row: Row[Any], outcome: Outcome, now: datetime | None) -> str:
    moment = now or datetime.now(UTC)
    values: dict[str, Any] = {"answer": outcome.answer}
    over = moment - datetime.fromisoformat(row.created_at) >= GIVE_UP
    if outcome.taken:
        values |= {"state": SENT, "ended_at": instant_of(moment)}
    elif over:
        values |= {"state": GIVEN_UP, "ended_at": instant_of(moment)}
    else:
        wait = min(FIRST_WAIT * 2**row.tries, LONGEST_WAIT)
        values |= {"state": DUE, "next_at": instant_of(moment + timedelta(seconds=wait))}
    if not outcome.taken:
        way = row.way.partition(":")[0]
        logger.warning("alert not delivered by %s: %s", way, outcome.answer)
    mine = (alert_message.c.id == row.id) & (alert_message.c.tries == row.tries + 1)
    with write(engine) as connection:
        connection.execute(update(alert_message).where(mine).values(values))
    return "sent" if outcome.taken else "given_up" if over else "failed"
