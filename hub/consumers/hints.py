"""The job of consumers' webhooks: bring streams up to date, and send the hints that are due.

A hint is marked as received after it was, in a transaction of its own: who dies in between sends it again
with the same id, by which a receiver knows it.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, exists, select, update

from adapters.push import push
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError, Misdeclared
from hub import jobs
from hub.consumers import webhooks as consumer_webhooks
from hub.consumers.tables_of_webhooks import (
    ACTIVE,
    DUE,
    GIVEN_UP,
    SENT,
    consumer_hint,
    consumer_webhook,
)
from hub.database import create_tables, write
from hub.exchange import checkpoints, stream
from hub.exchange.views import View, find_view
from hub.heartbeat import heartbeat
from hub.instant import utc_now
from hub.jobs import Lease
from hub.message_signature import signed_headers
from hub.progress import Progress
from hub.site import Site
from hub.subscribing import INTERNAL
from hub.subscription_key import show_public_key, subscription_signer
from publisher.portal.settings import read_settings
from publisher.signers import Signer

KIND = TOPIC = "consumer_hints"
MEDIA_TYPE = "application/cloudevents+json"
GROWN, TRIAL = "cn.exchange-hub.entries.new", "cn.exchange-hub.entries.test"
SECONDS = 10  # that a receiver may take
AT_ONCE = 8  # receivers that are talked to at the same time
BATCH = 500  # hints of one job
FIRST_WAIT, LONGEST_WAIT = 30, 3600  # seconds until a receiver is tried again
GIVE_UP = timedelta(days=3)
GONE = 410  # by which a receiver says: no more

logger = logging.getLogger(__name__)

#: A hint's columns, with dataset and url of its webhook.
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs. `internal`: webhooks may stand at addresses that aren't public."""

    site: Site
    engine: Engine
    signer: Signer
    base: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended. `final`: no other try would end otherwise."""

    received: bool
    answer: str
    final: bool = False


def enqueue(connection: Connection, catalogue: Catalogue) -> list[int]:
    """A job where there is something to tell or to send and none waits for it."""
    if jobs.waiting(connection, TOPIC):
        return []
    if _is_due(connection) or consumer_webhooks.is_behind(connection, catalogue):
        return [jobs.submit(connection, KIND, {}, TOPIC)]
    return []


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Tell what is new in the streams, once."""
    progress.step("consumer_hints")
    create_tables(engine)
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = tell(site, engine, site.catalogue())
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def tell(site: Site, engine: Engine, catalogue: Catalogue) -> dict[str, int]:
    """Bring streams up to date, make hints of what is new and send what is due; returns {hints, sent,
    failed, given_up}."""
    with write(engine) as connection:
        grown = consumer_webhooks.streams(connection, catalogue)
    for view in grown:
        stream.extend(engine, catalogue, view, site=site)
    with write(engine) as connection:
        made = consumer_webhooks.spread(connection, catalogue)
    return {"hints": made, **_send_due(post_of(site, engine))}


def post_of(site: Site, engine: Engine) -> Post:
    """Raises Misdeclared where portal.yml is wrong, Refused (signing_key_unreadable)."""
    signer = subscription_signer(site)
    show_public_key(site, signer)
    settings = read_settings(site.portal_settings, os.environ)
    return Post(site, engine, signer, settings.base_url, os.environ.get(INTERNAL) == "1")


def try_now(post: Post, hook: Mapping[str, Any], view: View) -> Outcome:
    """Send a webhook's receiver a message that says that it is a trial; nothing is kept of it."""
    with post.engine.connect() as connection:
        size = stream.size(connection, view)
    named = {"name": f"test-{time.time_ns()}", "created_at": utc_now(), "kind": TRIAL}
    told = {"view": view.name, "size": size, "after_seq": size}
    return _tried(post, {**hook, **named, **told})


def _is_due(connection: Connection) -> bool:
    return bool(connection.scalar(select(exists().where(_due()))))


def _due() -> Any:
    return (consumer_hint.c.state == DUE) & (consumer_hint.c.next_at <= utc_now())


def _send_due(post: Post) -> dict[str, int]:
    with post.engine.connect() as connection:
        rows = _rows(connection)
    done = {"sent": 0, "failed": 0, "given_up": 0}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for row, outcome in zip(rows, pool.map(lambda r: _tried(post, r), rows), strict=True):
            done[_note(post, row, outcome)] += 1
    return done


def _rows(connection: Connection) -> list[Row]:
    hook = consumer_webhook.c
    query = (
        select(*consumer_hint.c, hook.dataset, hook.url)
        .join(consumer_webhook, hook.id == consumer_hint.c.webhook_id)
        .where(_due(), hook.state == ACTIVE)
        .order_by(consumer_hint.c.id)
        .limit(BATCH)
    )
    return [{str(n): v for n, v in row.items()} for row in connection.execute(query).mappings()]


def _tried(post: Post, row: Row) -> Outcome:
    try:
        body = orjson.dumps(_event(post, row))
        headers = signed_headers(post.signer, row["url"], body, MEDIA_TYPE, int(time.time()))
        answer = push(row["url"], body, headers, internal=post.internal, seconds=SECONDS)
    except Misdeclared as error:  # an address that may not be asked
        return Outcome(received=False, answer=error.issue.code, final=True)
    except HubError as error:
        return Outcome(received=False, answer=error.issue.code)
    except OSError as error:
        return Outcome(received=False, answer=type(error).__name__)
    good = 200 <= answer.status < 300
    return Outcome(good, str(answer.status), final=answer.status == GONE)


def _event(post: Post, row: Row) -> dict[str, Any]:
    """CloudEvents 1.0: how far the stream goes and where its entries are, and nothing of them."""
    entries = f"{post.base}/exchange/v1/datasets/{row['dataset']}/entries"
    return {
        "specversion": "1.0",
        "id": row["name"],
        "source": post.base or "/exchange",
        "type": row.get("kind", GROWN),
        "time": row["created_at"],
        "datacontenttype": "application/json",
        "subject": row["dataset"],
        "data": {
            "dataset": row["dataset"],
            "view": row["view"],
            "size": row["size"],
            "checkpoint": _checkpoint(post, row),
            "entries": f"{entries}?after={row['after_seq']}",
        },
    }


def _checkpoint(post: Post, row: Row) -> str | None:
    """The signed note of that size; None where the site's key can't be used just now: the consumer
    asks for the checkpoint itself before it believes anything."""
    if not row["size"]:
        return None
    try:
        with post.engine.connect() as connection:
            view = find_view(connection, row["dataset"], row["view"])
        return checkpoints.checkpoint(post.site, post.engine, view, row["size"])
    except HubError as error:
        logger.warning("no checkpoint in a hint: %s", error.issue.code)
        return None


def _note(post: Post, row: Row, outcome: Outcome) -> str:
    """Keep how a try ended; returns sent, failed or given_up."""
    mine = (consumer_hint.c.id == row["id"]) & (consumer_hint.c.state == DUE)
    values: dict[str, Any] = {"tries": row["tries"] + 1, "answer": outcome.answer}
    over = outcome.final or _age(row["created_at"]) > GIVE_UP
    with write(post.engine) as connection:
        if outcome.received:
            values |= {"state": SENT, "ended_at": utc_now()}
        elif over:
            values |= {"state": GIVEN_UP, "ended_at": utc_now()}
            consumer_webhooks.stop(connection, row["webhook_id"])
            logger.warning("the webhook of %s for a consumer was stopped", row["dataset"])
            mine = consumer_hint.c.id == row["id"]
        else:
            values["next_at"] = _later(row["tries"])
        connection.execute(update(consumer_hint).where(mine).values(values))
    return "sent" if outcome.received else "given_up" if over else "failed"


def _later(tries: int) -> str:
    seconds = min(FIRST_WAIT * 2**tries, LONGEST_WAIT) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads tries, guards nothing
    then = datetime.now(UTC) + timedelta(seconds=seconds)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _age(told: str) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(told)
