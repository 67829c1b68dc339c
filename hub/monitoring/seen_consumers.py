"""Consumers: how many entries each hasn't fetched and for how long, overdue receipts, failing webhooks; streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from exchange_schemas.days import today
from exchange_schemas.issue import Issue
from hub.consumers.tables_of_webhooks import ACTIVE, DUE, STOPPED, consumer_hint, consumer_webhook
from hub.exchange.tables import exchange_view
from hub.exchange.tables_of_receipts import receipt_alarm
from hub.grants.grant import living
from hub.grants.tables import consumer_grant
from hub.monitoring.line import FAULT, OK, WARNING, Line, age
from hub.monitoring.looking import Looking
from hub.tables import consumer, dataset, exchange_log, revision, run
from hub.tables_of_subscriptions import STOPPED as ENDED
from hub.tables_of_subscriptions import subscription, subscription_event

SLOW, STUCK = 24, 72  # hours that entries may lie: then a warning, then a fault
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Behind:
    """What a consumer may have and hasn't fetched: `entries`, the oldest of them there since `since`."""

    consumer: str
    dataset: str
    entries: int
    since: str | None


@dataclass(frozen=True, slots=True)
class ConsumersSeen:
    """`streams`: (dataset, view) → (entries, entries that are sealed). `receipts`: consumer → (streams
    with overdue receipts, since when). `webhooks`: (kind, trouble) → how many; trouble is failing or stopped."""

    behind: list[Behind]
    streams: Mapping[tuple[str, str], tuple[int, int]]
    receipts: Mapping[str, tuple[int, str]]
    webhooks: Mapping[tuple[str, str], int]


def see(at: Looking) -> ConsumersSeen:
    """A few rows of indexes for each grant. Overdue receipts are those that the daily job has found."""
    view = exchange_view.c
    query = select(dataset.c.name, view.name.label("view"), view.size, view.sealed)
    rows = at.connection.execute(query.join(dataset, dataset.c.id == view.dataset_id))
    streams = {(row.name, row.view): (int(row.size), int(row.sealed)) for row in rows}
    alarms = (
        select(consumer.c.name, func.count(), func.min(receipt_alarm.c.since))
        .join_from(receipt_alarm, consumer, consumer.c.id == receipt_alarm.c.consumer_id)
        .group_by(consumer.c.name)
    )
    receipts = {name: (int(n), since) for name, n, since in at.connection.execute(alarms)}
    return ConsumersSeen([_behind(at, row) for row in _grants(at)], streams, receipts, _hooks(at))


def _grants(at: Looking) -> list[Row[Any]]:
    public = (
        select(func.max(exchange_view.c.size))
        .where(exchange_view.c.dataset_id == dataset.c.id, exchange_view.c.audience == PUBLIC)
        .scalar_subquery()
    )
    query = (
        select(consumer.c.id, consumer.c.name, consumer_grant.c.audience, dataset.c.seq)
        .add_columns(dataset.c.id.label("number"), dataset.c.name.label("dataset"))
        .add_columns(public.label("public_size"))
        .join_from(consumer_grant, consumer, consumer.c.id == consumer_grant.c.consumer_id)
        .join(dataset, dataset.c.name == consumer_grant.c.dataset)
        .where(living(today()), consumer.c.revoked_at.is_(None))
        .order_by(consumer.c.name, dataset.c.name)
    )
    return list(at.connection.execute(query))


def _behind(at: Looking, row: Row[Any]) -> Behind:
    """Streams are numbered as the ledger is, but for the public one."""
    log, public = exchange_log.c, row.audience == PUBLIC
    mine = (log.consumer_id == row.id) & (log.dataset_id == row.number)
    same = (exchange_view.c.audience == PUBLIC) == public
    query = (
        select(log.last_seq, log.at)
        .join_from(exchange_log, exchange_view, exchange_view.c.id == log.view_id)
        .where(mine, same)
        .order_by(log.last_seq.desc())
        .limit(1)
    )
    fetched = at.connection.execute(query).one_or_none()
    last = int(fetched.last_seq) if fetched else 0
    left = max(int((row.public_size if public else row.seq) or 0) - last, 0)
    since = None
    if left:
        since = fetched.at if fetched and public else _there_since(at, row.number, last + 1)
    return Behind(row.name, row.dataset, left, since)


def _there_since(at: Looking, number: int, seq: int) -> str | None:
    found = (revision.c.dataset_id == number) & (revision.c.seq == seq)
    ended = select(run.c.ended_at).join_from(revision, run, run.c.id == revision.c.run_id)
    text = at.connection.scalar(ended.where(found))
    return None if text is None else str(text)


def _hooks(at: Looking) -> dict[tuple[str, str], int]:
    hook, hint = consumer_webhook.c, consumer_hint.c
    one, told = subscription.c, subscription_event.c
    asked = {
        ("consumer", "stopped"): select(func.count()).where(hook.state == STOPPED),
        ("consumer", "failing"): select(func.count(func.distinct(hint.webhook_id)))
        .join(consumer_webhook, hook.id == hint.webhook_id)
        .where(hint.state == DUE, hint.tries > 0, hook.state == ACTIVE),
        ("subscription", "stopped"): select(func.count()).where(one.state == ENDED),
        ("subscription", "failing"): select(func.count(func.distinct(told.subscription_id))).where(
            told.state == DUE, told.tries > 0
        ),
    }
    return {key: int(at.connection.scalar(query) or 0) for key, query in asked.items()}


def lines(found: ConsumersSeen, now: datetime) -> Iterator[Line]:
    """One for each consumer and dataset, for overdue receipts, and for consumers' webhooks."""
    for one in found.behind:
        hours = round((age(one.since, now) or 0) / 3600, 1)
        level = FAULT if hours >= STUCK else WARNING if hours >= SLOW else OK
        words = {"entries": str(one.entries), "dataset": one.dataset, "hours": str(hours)}
        issue = Issue("watch_consumer_behind", value=one.consumer, params=words)
        figures = {"entries": one.entries, "hours": hours}
        told = None if level == OK else issue
        name = f"{one.consumer}/{one.dataset}"
        yield Line("consumer", name, level, told, one.since, one.entries, figures)
    for name, (count, since) in sorted(found.receipts.items()):
        issue = Issue("watch_receipts", value=name, params={"since": since})
        yield Line("receipts", name, FAULT, issue, since, count, {"streams": count})
    stopped = found.webhooks["consumer", "stopped"]
    failing = found.webhooks["consumer", "failing"]
    level = FAULT if stopped else WARNING if failing else OK
    words = {"failing": str(failing)}
    issue = Issue("watch_webhooks", value=str(stopped), params=words)
    told = None if level == OK else issue
    figures = {"stopped": stopped, "failing": failing}
    yield Line("webhooks", "consumers", level, told, None, stopped or failing, figures)
