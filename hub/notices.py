"""What the owners of feeds are told: kept for everybody to see, and mailed where there is an address.

Mail goes out after the transaction that made the notice, so that nothing is told that didn't happen;
what couldn't be sent stays unsent and is tried again with the next.
"""

from __future__ import annotations

import json
import logging
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Connection, Engine, Select, exists, insert, select, update

from adapters.feed import Feed
from exchange_schemas.issue import Issue
from hub import mail, runs
from hub.database import write
from hub.instant import utc_now
from hub.tables import feed as feed_table
from hub.tables_of_runs import notice

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """`issue` says it in both languages."""

    number: int
    feed: str
    run_id: int | None
    issue: Issue
    created_at: str
    sent_to: str | None


def tell(connection: Connection, one: Feed, issue: Issue, run_id: int | None = None) -> None:
    """Note that the feed's owner is to be told."""
    tell_feed(connection, runs.feed_id(connection, one.name), issue, run_id)


def tell_feed(
    connection: Connection, feed_id: int, issue: Issue, run_id: int | None = None
) -> None:
    """As `tell`, of the feed with this number."""
    row = {
        "feed_id": feed_id,
        "run_id": run_id,
        "code": issue.code,
        "value": issue.value,
        "params": json.dumps(dict(issue.params), ensure_ascii=False),
        "created_at": utc_now(),
    }
    connection.execute(insert(notice).values(row))


def told_since(connection: Connection, feed_name: str, code: str, since: str) -> bool:
    """Whether the owner was told this since then (ISO 8601, UTC)."""
    mine = (notice.c.code == code) & (notice.c.created_at >= since)
    number = select(feed_table.c.id).where(feed_table.c.name == feed_name).scalar_subquery()
    return bool(connection.scalar(select(exists().where(mine, notice.c.feed_id == number))))


def list_notices(connection: Connection, unsent: bool = False) -> list[Notice]:
    """The newest notices first; with `unsent` only those that no mail carried yet."""
    query = (
        select(notice, feed_table.c.name)
        .join(feed_table, feed_table.c.id == notice.c.feed_id)
        .order_by(notice.c.id.desc())
    )
    if unsent:
        query = query.where(notice.c.sent_to.is_(None))
    return _notices(connection, query)


def of_feed(
    connection: Connection, feed_name: str, run_id: int | None = None, limit: int = 20
) -> list[Notice]:
    """The newest notices of one feed; of one of its runs only where `run_id` names it."""
    mine = select(feed_table.c.id).where(feed_table.c.name == feed_name).scalar_subquery()
    query = (
        select(notice, feed_table.c.name)
        .join(feed_table, feed_table.c.id == notice.c.feed_id)
        .where(notice.c.feed_id == mine)
        .order_by(notice.c.id.desc())
        .limit(limit)
    )
    return _notices(
        connection, query if run_id is None else query.where(notice.c.run_id == run_id)
    )


def _notices(connection: Connection, query: Select[Any]) -> list[Notice]:
    return [
        Notice(
            row["id"], row["name"], row["run_id"],
            Issue(row["code"], value=row["value"], params=json.loads(row["params"])),
            row["created_at"], row["sent_to"],
        )
        for row in connection.execute(query).mappings()
    ]  # fmt: skip


def send_to(engine: Engine, one: Feed) -> int:
    """Mail the feed's unsent notices to its contact; returns how many went out.

    Does nothing without `contact:` in the feed or `HUB_SMTP_URL`. A mail server that can't be
    reached is logged and stops nobody.
    """
    address = one.contact
    if not address or not mail.server():
        return 0
    with engine.connect() as connection:
        unsent = [n for n in list_notices(connection, unsent=True) if n.feed == one.name]
    if not unsent:
        return 0
    try:
        mail.send(address, _message(one, address, unsent))
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("notices of feed %s not mailed: %s", one.name, type(error).__name__)
        return 0
    with write(engine) as connection:
        mine = notice.c.id.in_([n.number for n in unsent])
        connection.execute(update(notice).where(mine).values(sent_to=address))
    return len(unsent)


def _message(one: Feed, address: str, unsent: list[Notice]) -> EmailMessage:
    message = EmailMessage()
    message["To"], message["From"] = address, mail.sender()
    message["Subject"] = f"[{one.name}] {one.title['zh']} / {one.title['en']}"
    lines = [
        f"{n.created_at}\n{n.issue.message('zh_CN')}\n{n.issue.message('en')}" for n in unsent
    ]
    message.set_content("\n\n".join(lines))
    return message
