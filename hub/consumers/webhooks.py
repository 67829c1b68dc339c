"""Webhooks of consumers: who is told that there are new entries, and at which address.

A hint says that there is something to pull and never what. It goes out once for each size of a stream;
a newer one takes the place of one that hasn't arrived.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, RowMapping, case, delete, exists, func, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer, consumer_named, list_consumers
from hub.consumers.tables_of_webhooks import (
    ACTIVE,
    DUE,
    GIVEN_UP,
    NEEDLESS,
    SENT,
    STOPPED,
    consumer_hint,
    consumer_webhook,
)
from hub.exchange import stream
from hub.exchange.views import View, view_for
from hub.grants.grant import grant_of
from hub.instant import utc_now
from hub.tables import consumer as consumer_table
from publisher.subscribing import SUBSCRIBE, WEBHOOK, Wish, good_address


def named(connection: Connection, name: str) -> Consumer:
    """The living consumer with this name; raises Misdeclared (consumer_unknown)."""
    one = consumer_named(connection, name)
    if one.revoked_at is not None:
        raise Misdeclared(Issue("consumer_unknown", value=name))
    return one


def add(
    connection: Connection, catalogue: Catalogue, name: str, dataset: str, url: str
) -> dict[str, Any]:
    """Tell a consumer of what is new in a dataset from now on; returns {consumer, dataset, url, view,
    size}.

    Raises Misdeclared: consumer_unknown, dataset_unknown, consumer_webhook_useless (it has no living
    grant of the dataset), consumer_webhook_exists, subscription_url.
    """
    if not good_address(Wish(SUBSCRIBE, WEBHOOK, url)):
        raise Misdeclared(Issue("subscription_url", value=url))
    one = named(connection, name)
    view = view_of(connection, catalogue, one, catalogue.get(dataset).dataset)
    if view is None:
        words = {"consumer": name}
        raise Misdeclared(Issue("consumer_webhook_useless", value=dataset, params=words))
    mine = (consumer_webhook.c.consumer_id == one.id) & (consumer_webhook.c.dataset == dataset)
    if connection.scalar(select(exists().where(mine))):
        words = {"consumer": name}
        raise Misdeclared(Issue("consumer_webhook_exists", value=dataset, params=words))
    size = stream.size(connection, view)
    row = {
        "consumer_id": one.id, "dataset": dataset, "url": url, "state": ACTIVE,
        "told_size": size, "created_at": utc_now(),
    }  # fmt: skip
    connection.execute(insert(consumer_webhook).values(row))
    return {"consumer": name, "dataset": dataset, "url": url, "view": view.name, "size": size}


def remove(connection: Connection, name: str, dataset: str) -> None:
    """Tell a consumer no longer; raises Misdeclared (consumer_webhook_unknown)."""
    number = find(connection, name, dataset)["id"]
    connection.execute(delete(consumer_hint).where(consumer_hint.c.webhook_id == number))
    connection.execute(delete(consumer_webhook).where(consumer_webhook.c.id == number))


def find(connection: Connection, name: str, dataset: str) -> dict[str, Any]:
    """The webhook's row; raises Misdeclared (consumer_webhook_unknown)."""
    query = (
        select(consumer_webhook)
        .join(consumer_table, consumer_table.c.id == consumer_webhook.c.consumer_id)
        .where(consumer_table.c.name == name, consumer_webhook.c.dataset == dataset)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        words = {"consumer": name}
        raise Misdeclared(Issue("consumer_webhook_unknown", value=dataset, params=words))
    return dict(row)


def listing(connection: Connection) -> list[dict[str, Any]]:
    """All webhooks, by consumer and dataset: {consumer, dataset, url, state, told_size, sent, due,
    given_up, answer, stopped_at}; `answer` is the last one of the receiver's."""
    hint = consumer_hint.c
    counts = [
        func.sum(case((hint.state == state, 1), else_=0)).label(state)
        for state in (SENT, DUE, GIVEN_UP)
    ]
    other = consumer_hint.alias()
    last = (
        select(other.c.answer)
        .where(other.c.webhook_id == consumer_webhook.c.id, other.c.answer.is_not(None))
        .order_by(other.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            consumer_webhook.c.id,
            consumer_table.c.name.label("consumer"),
            *(
                consumer_webhook.c[n]
                for n in ("dataset", "url", "state", "told_size", "stopped_at")
            ),
            *counts,
            last.label("answer"),
        )
        .join(consumer_table, consumer_table.c.id == consumer_webhook.c.consumer_id)
        .join(consumer_hint, hint.webhook_id == consumer_webhook.c.id, isouter=True)
        .group_by(consumer_webhook.c.id, consumer_table.c.name)
        .order_by(consumer_table.c.name, consumer_webhook.c.dataset)
    )
    return [
        {str(n): v for n, v in row.items() if n != "id"}
        for row in connection.execute(query).mappings()
    ]


def view_of(
    connection: Connection, catalogue: Catalogue, one: Consumer, dataset: str
) -> View | None:
    """The stream that the consumer may pull today; None where it may not."""
    grant = grant_of(connection, one, dataset, today())
    return None if grant is None else view_for(connection, catalogue, one, grant)


def is_behind(connection: Connection, catalogue: Catalogue) -> bool:
    """Whether anybody who may pull has to be told of anything."""
    return any(
        stream.has_grown(connection, view, hook["told_size"])
        for hook, view in _told(connection, catalogue)
    )


def streams(connection: Connection, catalogue: Catalogue) -> list[View]:
    """The streams of which somebody wants to be told and that have grown."""
    told = _told(connection, catalogue)
    grown = {v.id: v for hook, v in told if stream.has_grown(connection, v, hook["told_size"])}
    return [grown[number] for number in sorted(grown)]


def _told(connection: Connection, catalogue: Catalogue) -> Iterator[tuple[RowMapping, View]]:
    """The active webhooks of those who may pull today, each with its stream."""
    query = select(consumer_webhook).where(consumer_webhook.c.state == ACTIVE)
    rows = connection.execute(query.order_by(consumer_webhook.c.id)).mappings().all()
    living = {o.id: o for o in list_consumers(connection) if o.revoked_at is None} if rows else {}
    for row in rows:
        one = living.get(row["consumer_id"])
        view = one and view_of(connection, catalogue, one, row["dataset"])
        if view:
            yield row, view


def spread(connection: Connection, catalogue: Catalogue) -> int:
    """Make a hint for each webhook whose stream has grown; returns how many.

    Whose grant has ended isn't told; from when it lives again it is.
    """
    made = 0
    for hook, view in _told(connection, catalogue):
        size = stream.size(connection, view)
        if size > hook["told_size"]:
            _hint(connection, hook["id"], view, hook["told_size"], size)
            made += 1
    return made


def _hint(connection: Connection, hook: int, view: View, after: int, size: int) -> None:
    now = utc_now()
    mine = (consumer_hint.c.webhook_id == hook) & (consumer_hint.c.state == DUE)
    older = connection.execute(select(consumer_hint.c.after_seq).where(mine)).scalars().all()
    gone = {"state": NEEDLESS, "ended_at": now}
    connection.execute(update(consumer_hint).where(mine).values(gone))
    row = {
        "webhook_id": hook, "name": str(uuid.uuid4()), "view": view.name, "size": size,
        "after_seq": min([after, *older]), "state": DUE, "next_at": now, "created_at": now,
    }  # fmt: skip
    connection.execute(insert(consumer_hint).values(row))
    told = update(consumer_webhook).where(consumer_webhook.c.id == hook).values(told_size=size)
    connection.execute(told)


def stop(connection: Connection, hook: int) -> None:
    """Send nothing more to where nothing arrives; the list shows it."""
    now = utc_now()
    mine = consumer_webhook.c.id == hook
    connection.execute(update(consumer_webhook).where(mine).values(state=STOPPED, stopped_at=now))
    due = (consumer_hint.c.webhook_id == hook) & (consumer_hint.c.state == DUE)
    left = {"state": GIVEN_UP, "ended_at": now}
    connection.execute(update(consumer_hint).where(due).values(left))
