"""Subscriptions: begun, confirmed, left, and forgotten where nobody confirmed them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.instant import utc_now
from hub.tables_of_subscriptions import (
    ASK,
    CONFIRMED,
    DUE,
    KINDS,
    MINE,
    WAITING,
    subscription,
    subscription_event,
    subscription_match,
)
from publisher.subscribing import EMAIL, Wish

CONFIRM_DAYS = 7  # after which an address that nobody confirmed is forgotten
MOST_ASKED = 3  # unanswered letters to one address in a day, whoever asked for them


def subscribe(connection: Connection, wish: Wish) -> bool:
    """Begin a subscription and ask its owner to confirm it; whether there is something to send.

    Whoever asks again for what is confirmed, or asks too often, changes nothing: nobody learns from
    the portal who subscribes to what, and nobody's mailbox is filled by others.
    """
    mine = (subscription.c.way == wish.way) & (subscription.c.address == wish.address)
    same = mine & (subscription.c.topic == wish.topic.as_text())
    known = connection.execute(select(subscription).where(same)).mappings().one_or_none()
    if known is not None and known["state"] == CONFIRMED:
        return False
    waiting = subscription.c.state == WAITING
    recent = subscription.c.created_at > ago(days=1)
    asked = select(func.count()).select_from(subscription).where(mine, waiting, recent)
    if int(connection.scalar(asked) or 0) >= MOST_ASKED:
        return False
    if known is not None:
        if known["state"] == WAITING and known["created_at"] > ago(days=1):
            return False
        remove(connection, known["name"])
    row = {
        "name": secrets.token_hex(16),
        "way": wish.way,
        "address": wish.address,
        "topic": wish.topic.as_text(),
        "language": wish.language,
        "state": WAITING,
        "created_at": utc_now(),
    }
    key = connection.execute(insert(subscription).values(row)).inserted_primary_key
    add_event(connection, int(key[0]) if key else 0, ASK)
    return True


def confirm(connection: Connection, name: str) -> RowMapping | None:
    """The subscription, confirmed now; None where it isn't one that waits for it."""
    mine = (subscription.c.name == name) & (subscription.c.state == WAITING)
    values = {"state": CONFIRMED, "confirmed_at": utc_now()}
    if not connection.execute(update(subscription).where(mine).values(values)).rowcount:
        return None
    query = select(subscription).where(subscription.c.name == name)
    return connection.execute(query).mappings().one()


def remove(connection: Connection, name: str) -> bool:
    """Forget a subscription with its address and all that was kept for it."""
    query = select(subscription.c.id).where(subscription.c.name == name)
    number = connection.scalar(query)
    if number is None:
        return False
    for table in (subscription_event, subscription_match):
        connection.execute(delete(table).where(table.c.subscription_id == number))
    connection.execute(delete(subscription).where(subscription.c.id == number))
    return True


def remove_named(connection: Connection, name: str) -> None:
    """As `remove`; raises Misdeclared (subscription_unknown)."""
    if not remove(connection, name):
        raise Misdeclared(Issue("subscription_unknown", value=name))


def ask_for_list(connection: Connection, address: str) -> bool:
    """Have the owner of a mailbox told of all its subscriptions, once an hour at most."""
    mine = (subscription.c.way == EMAIL) & (subscription.c.address == address)
    query = select(subscription.c.id).where(mine, subscription.c.state == CONFIRMED)
    first = connection.scalar(query.order_by(subscription.c.id).limit(1))
    if first is None:
        return False
    hour = int(datetime.now(UTC).timestamp() // 3600)
    event = subscription_event
    asked = (event.c.subscription_id == first) & (event.c.kind == MINE) & (event.c.release == hour)
    if connection.scalar(select(event.c.id).where(asked)) is not None:
        return False
    add_event(connection, first, MINE, release=hour)
    return True


def add_event(connection: Connection, number: int, kind: str, **more: Any) -> None:
    """Something that a subscriber is to be told; `more` are columns of the event."""
    connection.execute(insert(subscription_event).values(event_row(number, kind, **more)))


def event_row(number: int, kind: str, **more: Any) -> dict[str, Any]:
    """The row of a new event."""
    moment = utc_now()
    return {
        "name": str(uuid4()),
        "subscription_id": number,
        "kind": kind,
        "dataset": "",
        "release": 0,
        "records": None,
        "urgency": KINDS.index(kind),
        "state": DUE,
        "next_at": moment,
        "created_at": moment,
        **more,
    }


def forget_unconfirmed(connection: Connection) -> int:
    """Remove what nobody confirmed in time; returns how many."""
    old = (subscription.c.state == WAITING) & (subscription.c.created_at < ago(days=CONFIRM_DAYS))
    names = list(connection.scalars(select(subscription.c.name).where(old)))
    return sum(remove(connection, name) for name in names)


def listing(connection: Connection) -> list[dict[str, Any]]:
    """All subscriptions, without addresses of mailboxes: name, way, address, topic, state, times,
    how many events are due and given up, and the last answer."""
    event = subscription_event
    mine = event.c.subscription_id == subscription.c.id
    last = select(event.c.answer).where(mine, event.c.answer.is_not(None))
    query = select(
        *(subscription.c[one] for one in ("name", "way", "address", "topic", "language", "state")),
        subscription.c.created_at,
        subscription.c.confirmed_at,
        subscription.c.stopped_at,
        *(
            select(func.count()).where(mine, event.c.state == state).scalar_subquery().label(state)
            for state in ("due", "sent", "given_up")
        ),
        last.order_by(event.c.id.desc()).limit(1).scalar_subquery().label("answer"),
    ).order_by(subscription.c.id)
    return [_shown(row) for row in connection.execute(query).mappings()]


def _shown(row: RowMapping) -> dict[str, Any]:
    told: dict[str, Any] = {str(name): value for name, value in row.items()}
    if told["way"] == EMAIL:
        told["address"] = f"…@{told['address'].rpartition('@')[2]}"
    return told


def ago(*, days: int) -> str:
    """The instant so many days before now, as the tables write instants."""
    then = datetime.now(UTC) - timedelta(days=days)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
