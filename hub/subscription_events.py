"""Releases into events: who is to be told of what, decided once for each release.

The release up to which a dataset was told of moves on in the transaction that adds the events, so that
nobody is told twice or not at all, whenever a process dies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, Engine, delete, insert, select, update

from hub.database import write
from hub.subscription_intake import matches
from hub.subscriptions import event_row
from hub.tables_of_subscriptions import (
    CONFIRMED,
    PUBLISHED,
    WITHDRAWN,
    subscription,
    subscription_event,
    subscription_match,
    subscription_release,
)
from publisher.deltas import DELTA, read_delta
from publisher.library import Library
from publisher.manifest import Release
from publisher.news import ADDED, CHANGED, REMOVED
from publisher.subscribing import Topic, read_topic


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A confirmed subscription: its topic, the records that it matches now, and those it knew."""

    number: int
    topic: Topic
    now: frozenset[str]
    known: frozenset[str]


def is_behind(connection: Connection, library: Library) -> bool:
    """Whether a dataset has a release that nobody was told of."""
    told = _told(connection)
    return any(told.get(one.dataset) != one.number for one in library.datasets())


def spread(engine: Engine, library: Library) -> int:
    """Add the events of all releases that nobody was told of; returns how many events.

    The first time nothing is told of what is there already; datasets that come later begin with
    their first release.
    """
    with engine.connect() as connection:
        told = _told(connection)
    if not told:
        _begin(engine, library)
        return 0
    made = 0
    for current in library.datasets():
        last = told.get(current.dataset)
        if last == current.number or not library.good(current):
            continue
        made += _spread(engine, library, current, last)
    return made


def _begin(engine: Engine, library: Library) -> None:
    rows = [{"dataset": one.dataset, "release": one.number} for one in library.datasets()]
    with write(engine) as connection:
        if rows and not _told(connection):
            connection.execute(insert(subscription_release), rows)


def _told(connection: Connection) -> dict[str, int]:
    query = select(subscription_release.c.dataset, subscription_release.c.release)
    return {row.dataset: row.release for row in connection.execute(query)}


def _spread(engine: Engine, library: Library, current: Release, last: int | None) -> int:
    dataset = current.dataset
    new = range((last or 0) + 1, current.number + 1)
    releases = [one for number in new if (one := library.release(dataset, number)) is not None]
    people = _subscribers(engine, library, dataset) if releases else []
    rows = [row for release in releases for row in _events(release, people)]
    with write(engine) as connection:
        if not _move_on(connection, dataset, last, current.number):
            return 0  # another process was quicker
        left = set(connection.scalars(select(subscription.c.id)))  # some may have gone since
        rows = [row for row in rows if row["subscription_id"] in left]
        if rows:
            connection.execute(insert(subscription_event), rows)
        _note_new(connection, dataset, [one for one in people if one.number in left])
        _forget_withdrawn(connection, dataset, rows)
    return len(rows)


def _move_on(connection: Connection, dataset: str, last: int | None, number: int) -> bool:
    table = subscription_release
    mine = table.c.dataset == dataset
    known = connection.scalar(select(table.c.release).where(mine))
    if known != last:
        return False
    if last is None:
        connection.execute(insert(table).values(dataset=dataset, release=number))
    else:
        connection.execute(update(table).where(mine).values(release=number))
    return True


def _subscribers(engine: Engine, library: Library, dataset: str) -> list[Subscriber]:
    """The confirmed subscriptions that a dataset may concern."""
    table = subscription_match
    with engine.connect() as connection:
        query = select(subscription.c.id, subscription.c.topic)
        rows = connection.execute(query.where(subscription.c.state == CONFIRMED)).all()
        query = select(table.c.subscription_id, table.c.record_id)
        known: dict[int, set[str]] = {}
        for row in connection.execute(query.where(table.c.dataset == dataset)):
            known.setdefault(row.subscription_id, set()).add(row.record_id)
    made = []
    for number, told in rows:
        topic = read_topic(told)
        if topic.dataset in (None, dataset):
            now = frozenset(name for _, name in matches(library, topic, dataset))
            made.append(Subscriber(number, topic, now, frozenset(known.get(number, ()))))
    return made


def _events(release: Release, people: Iterable[Subscriber]) -> list[dict[str, Any]]:
    path = release.path / DELTA
    delta = read_delta(path) if path.is_file() else None
    rows = []
    for one in people:
        for kind, records in _concerned(release, delta, one).items():
            told = None if records is None else orjson.dumps(sorted(records)).decode()
            more = {"dataset": release.dataset, "release": release.number, "records": told}
            rows.append(event_row(one.number, kind, **more))
    return rows


def _concerned(
    release: Release, delta: pl.DataFrame | None, one: Subscriber
) -> Mapping[str, set[str] | None]:
    """Kind of event → the records it is about; None: all of the release."""
    if one.topic.whole:
        counts = release.counts
        kinds = {PUBLISHED: counts["added"] + counts["changed"], WITHDRAWN: counts["removed"]}
        return {kind: None for kind, count in kinds.items() if count}
    if delta is None:
        return {}
    mine = delta.filter(pl.col("record_id").is_in(list(one.now | one.known)))
    ids = {
        kind: set(mine.filter(pl.col("change") == kind)["record_id"])
        for kind in (ADDED, CHANGED, REMOVED)
    }
    found = {PUBLISHED: (ids[ADDED] & one.now) | ids[CHANGED], WITHDRAWN: ids[REMOVED] & one.known}
    return {kind: records for kind, records in found.items() if records}


def _note_new(connection: Connection, dataset: str, people: Iterable[Subscriber]) -> None:
    """Remember which records match now and didn't before."""
    rows = [
        {"subscription_id": one.number, "dataset": dataset, "record_id": name}
        for one in people
        for name in one.now - one.known
    ]
    if rows:
        connection.execute(insert(subscription_match), rows)


def _forget_withdrawn(connection: Connection, dataset: str, rows: list[dict[str, Any]]) -> None:
    """Who is told that a record was withdrawn needn't know of it any longer."""
    table = subscription_match
    for row in rows:
        if row["kind"] == WITHDRAWN and row["records"]:
            gone = table.c.record_id.in_(orjson.loads(row["records"]))
            mine = (table.c.subscription_id == row["subscription_id"]) & (
                table.c.dataset == dataset
            )
            connection.execute(delete(table).where(mine, gone))
