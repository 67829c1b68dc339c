"""Sending: what is due goes out, the most urgent first; what doesn't arrive is tried again.

An event is marked as received in a transaction of its own, right after it was. Who dies in between
sends it again with the same id (a letter: the same Message-ID), by which a receiver knows it.
"""

from __future__ import annotations

import hashlib
import logging
import random
import smtplib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, exists, select, update

from exchange_schemas.errors import HubError, Misdeclared
from hub import mail, subscription_letters, subscriptions, webhooks
from hub.database import write
from hub.instant import utc_now
from hub.subscription_intake import confirm
from hub.subscription_news import read_news
from hub.tables_of_subscriptions import (
    ASK,
    CONFIRMED,
    DUE,
    GIVEN_UP,
    MINE,
    SENT,
    STOPPED,
    subscription,
    subscription_event,
)
from publisher.library import Library
from publisher.portal.settings import Settings
from publisher.signed_links import NEVER, Link, write_link
from publisher.signers import Signer
from publisher.subscribing import CONFIRM, EMAIL, LEAVE, read_topic, topic_words

AT_ONCE = 8  # receivers that are talked to at the same time
BATCH = 500  # events of one job
FIRST_WAIT, LONGEST_WAIT = 60, 6 * 3600  # seconds until a receiver is tried again
GIVE_UP = timedelta(days=3)
GONE = 410  # by which a receiver says: no more
# A stranger's words go to a mailbox that may be somebody else's: nothing in them becomes a link.
_INERT = str.maketrans("", "", "./:@\\<>")

logger = logging.getLogger(__name__)

#: An event's columns, and those of its subscription with "to_" before them.
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs. `internal`: webhooks may stand at addresses that aren't public."""

    engine: Engine
    library: Library
    settings: Settings
    signer: Signer
    internal: bool = False

    def link(self, act: str, owner: str, until: str = NEVER) -> str:
        """The address of a signed link on the portal."""
        told = write_link(self.signer, Link(act, owner, until))
        return f"{self.settings.base_url}/subscriptions/{act}/{told}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended. `final`: no other try would end otherwise; `leave`: forget the subscriber."""

    received: bool
    answer: str
    final: bool = False
    leave: bool = False


def is_due(connection: Connection) -> bool:
    """Whether anything is to be sent now."""
    return bool(connection.scalar(select(exists().where(_due()))))


def _due() -> Any:
    event = subscription_event
    return (event.c.state == DUE) & (event.c.next_at <= utc_now())


def send_due(post: Post) -> dict[str, int]:
    """Send what is due; returns {sent, failed, given_up}."""
    with post.engine.connect() as connection:
        rows = _rows(connection)
    done = {"sent": 0, "failed": 0, "given_up": 0}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _, urgent in groupby(
            rows, lambda row: row["urgency"]
        ):  # nobody overtakes a withdrawal
            several = list(urgent)
            outcomes = pool.map(lambda row: _tried(post, row), several)
            for row, outcome in zip(several, outcomes, strict=True):
                done[_note(post, row, outcome)] += 1
    return done


def _rows(connection: Connection) -> list[Row]:
    event, to = subscription_event, [one.label(f"to_{one.name}") for one in subscription.c]
    query = select(*event.c, *to).join(subscription, subscription.c.id == event.c.subscription_id)
    order = (event.c.urgency, event.c.id)
    query = query.where(_due(), subscription.c.state != STOPPED).order_by(*order).limit(BATCH)
    return [{str(n): v for n, v in row.items()} for row in connection.execute(query).mappings()]


def _tried(post: Post, row: Row) -> Outcome:
    try:
        return _mailed(post, row) if row["to_way"] == EMAIL else _pushed(post, row)
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        return Outcome(received=False, answer=f"smtp {code}", final=code >= 500)
    except Misdeclared as error:  # an address that may not be asked
        return Outcome(received=False, answer=error.issue.code, final=True)
    except HubError as error:
        return Outcome(received=False, answer=error.issue.code)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(received=False, answer=type(error).__name__)


def _mailed(post: Post, row: Row) -> Outcome:
    if mail.server() is None:
        return Outcome(received=False, answer="no mail server")
    letter = _letter(post, row)
    if letter is not None:
        letter["To"] = row["to_address"]
        host = mail.sender().rpartition("@")[2]
        letter["Message-ID"] = f"<{row['name']}@{host}>"
        mail.send(row["to_address"], letter)
    return Outcome(received=True, answer="mailed")


def _letter(post: Post, row: Row) -> EmailMessage | None:
    language, topic = row["to_language"], _topic(post, row)
    site = post.settings.title(language == "zh_CN")
    if row["kind"] == ASK:
        until = datetime.now(UTC) + timedelta(days=subscriptions.CONFIRM_DAYS)
        link = post.link(CONFIRM, row["to_name"], until.date().isoformat())
        return subscription_letters.to_confirm(language, topic, site, link)
    if row["kind"] == MINE:
        return subscription_letters.of_list(language, _topics(post, row), site)
    news = read_news(post.library, post.settings.base_url, row)
    if news is None:
        return None
    leave = post.link(LEAVE, row["to_name"])
    return subscription_letters.of_news(language, row, news, topic, site, leave)


def _topic(post: Post, row: Mapping[str, Any], name: str = "to_topic") -> str:
    catalogue = post.library.catalogue
    chinese = row["to_language"] == "zh_CN"
    standards = [catalogue.get(one) for one in catalogue.datasets()]
    titles = {one.dataset: one.title if chinese else one.title_en for one in standards}
    return topic_words(read_topic(row[name]), titles).translate(_INERT)


def _topics(post: Post, row: Row) -> list[tuple[str, str]]:
    mine = (subscription.c.way == EMAIL) & (subscription.c.address == row["to_address"])
    query = select(subscription.c.name, subscription.c.topic).where(
        mine, subscription.c.state == CONFIRMED
    )
    with post.engine.connect() as connection:
        found = connection.execute(query.order_by(subscription.c.id)).all()
    return [
        (_topic(post, {**row, "to_topic": one.topic}), post.link(LEAVE, one.name)) for one in found
    ]


def _pushed(post: Post, row: Row) -> Outcome:
    base, leave = post.settings.base_url, post.link(LEAVE, row["to_name"])
    asked = row["kind"] == ASK
    news = None if asked else read_news(post.library, base, row)
    if not asked and news is None:
        return Outcome(received=True, answer="nothing to tell")
    challenge = hashlib.sha256(post.signer.sign(row["name"].encode())).hexdigest()
    body = webhooks.event_body(base, row, news, leave, challenge)
    answer = webhooks.send_event(post.signer, row["to_address"], body, internal=post.internal)
    if answer.status == GONE:
        return Outcome(received=False, answer=str(GONE), leave=True)
    good = webhooks.repeats(answer, challenge) if asked else 200 <= answer.status < 300
    if good and asked:
        confirm(post.engine, post.library, row["to_name"])
    return Outcome(received=good, answer=str(answer.status))


def _note(post: Post, row: Row, outcome: Outcome) -> str:
    """Keep how a try ended; returns sent, failed or given_up."""
    mine = subscription_event.c.id == row["id"]
    values: dict[str, Any] = {"tries": row["tries"] + 1, "answer": outcome.answer}
    over = outcome.final or _age(row["created_at"]) > GIVE_UP
    with write(post.engine) as connection:
        if outcome.leave:
            subscriptions.remove(connection, row["to_name"])
            return "given_up"
        if outcome.received:
            values |= {"state": SENT, "ended_at": utc_now()}
        elif over:
            values |= {"state": GIVEN_UP, "ended_at": utc_now()}
            _stop(connection, row)
        else:
            values["next_at"] = _later(row["tries"])
        connection.execute(update(subscription_event).where(mine).values(values))
    return "sent" if outcome.received else "given_up" if over else "failed"


def _stop(connection: Connection, row: Row) -> None:
    """Send nothing more to an address at which nothing arrives; the staff's list shows it."""
    mine = subscription.c.id == row["subscription_id"]
    values = {"state": STOPPED, "stopped_at": utc_now()}
    connection.execute(update(subscription).where(mine).values(values))
    theirs = subscription_event.c.subscription_id == row["subscription_id"]
    left = {"state": GIVEN_UP, "ended_at": utc_now()}
    due = subscription_event.c.state == DUE
    connection.execute(update(subscription_event).where(theirs, due).values(left))
    logger.warning("subscription %s was stopped: nothing arrived", row["to_name"])


def _later(tries: int) -> str:
    seconds = min(FIRST_WAIT * 2**tries, LONGEST_WAIT) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads tries, guards nothing
    then = datetime.now(UTC) + timedelta(seconds=seconds)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _age(told: str) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(told)
