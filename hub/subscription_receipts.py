"""Which webhooks were told of withdrawn records, and received it: whoever answered 2xx confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, select

from hub.tables_of_subscriptions import SENT, WITHDRAWN, subscription, subscription_event
from publisher.library import Library
from publisher.news import REMOVED, changes
from publisher.subscribing import WEBHOOK

EVENTS = 10_000  # the newest of a dataset, that are counted
RECORDS = 1_000  # of one release that all of a dataset's subscribers were told of


def receipts(connection: Connection, library: Library, dataset: str) -> dict[str, tuple[int, int]]:
    """record id → how many webhooks were told that it was withdrawn, and how many confirmed it."""
    event = subscription_event
    query = (
        select(event.c.release, event.c.records, event.c.state)
        .join(subscription, subscription.c.id == event.c.subscription_id)
        .where(
            subscription.c.way == WEBHOOK, event.c.kind == WITHDRAWN, event.c.dataset == dataset
        )
        .order_by(event.c.id.desc())
        .limit(EVENTS)
    )
    told: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for release, records, state in connection.execute(query):
        ids = list(_withdrawn(library, dataset, release, records))
        told.update(ids)
        if state == SENT:
            confirmed.update(ids)
    return {name: (count, confirmed[name]) for name, count in told.items()}


def _withdrawn(library: Library, dataset: str, release: int, records: Any) -> Iterator[str]:
    if records is not None:
        yield from orjson.loads(records)
        return
    found = library.release(dataset, release)
    if found is not None:
        yield from (one.record_id for one in changes(found, REMOVED, RECORDS))


def merged(several: Iterable[dict[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """The sums of what several count, by record id."""
    sums: dict[str, tuple[int, int]] = {}
    for one in several:
        for name, (told, confirmed) in one.items():
            before = sums.get(name, (0, 0))
            sums[name] = (before[0] + told, before[1] + confirmed)
    return sums
