"""The job of receipts: departments are mailed what was refused, and once a day the operator what is
overdue, and who still uses records that stopped being public."""

from __future__ import annotations

import logging
import os
import smtplib
from datetime import UTC, datetime, time
from email.message import EmailMessage
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from exchange_schemas.days import HERE, today
from exchange_schemas.issue import Issue
from hub import jobs, mail, notices
from hub.database import create_tables, write
from hub.exchange.overdue import Overdue, overdue
from hub.exchange.still_used import StillUsed, still_used
from hub.exchange.tables_of_receipts import receipt_alarm
from hub.feeds import list_feeds
from hub.grants.tables import consumer_grant
from hub.instant import utc_now
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site
from hub.tables import job
from hub.tables_of_review import holder_notice
from hub.tables_of_runs import notice

KIND = TOPIC = "receipts"
ADDRESS = "HUB_OPERATOR_MAIL"  # who is mailed of overdue receipts; none: nobody
OVERDUE = "回执逾期 / receipts overdue"  # subjects of mails
UNCONFIRMED = "停用未确认 / not confirmed as no longer used"
REFUSED = "entries_refused"

logger = logging.getLogger(__name__)


def enqueue(connection: Connection) -> list[int]:
    """A job where a refusal isn't mailed yet, and one a day where receipts may be overdue."""
    if jobs.waiting(connection, TOPIC) or not (_untold(connection) or _days_first(connection)):
        return []
    return [jobs.submit(connection, KIND, {}, TOPIC)]


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Mail and log; returns {mailed, overdue, still_used}."""
    progress.step("receipts")
    create_tables(engine)
    mailed = sum(notices.send_to(engine, one) for one in list_feeds(site.feeds))
    late, used = raise_alarm(engine), remind(engine)
    result = {"mailed": mailed, "overdue": len(late), "still_used": len(used)}
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def raise_alarm(engine: Engine) -> list[Overdue]:
    """Log what is overdue, keep since when, and mail the operator what he hasn't been told.

    Returns all that is overdue.
    """
    with engine.connect() as connection:
        late = overdue(connection)
    for one in late:
        logger.warning(
            "receipts of consumer %s overdue: %s, %d entries since %s",
            one.consumer_id, one.dataset, one.entries, one.since,
        )  # fmt: skip
    with write(engine) as connection:
        untold = _kept(connection, late)
    if untold and _mailed(OVERDUE, [one.issue for one in untold]):
        with write(engine) as connection:
            for one in untold:
                connection.execute(update(receipt_alarm).where(_of(one)).values(told_at=utc_now()))
    return late


def remind(engine: Engine) -> list[StillUsed]:
    """Log who hasn't confirmed, and mail the operator with the day's first job; returns all of them."""
    with engine.connect() as connection:
        found = still_used(connection)
        first = (connection.scalar(_of_today(func.count())) or 0) <= 1
    for one in found:
        logger.warning(
            "consumer %s hasn't confirmed that %d records of %s aren't used any more, since %s",
            one.consumer_id, one.records, one.dataset, one.since,
        )  # fmt: skip
    if found and first:
        _mailed(UNCONFIRMED, [one.issue for one in found])
    return found


def _kept(connection: Connection, late: list[Overdue]) -> list[Overdue]:
    """Forget the alarms that are over; those of `late` that nobody was mailed yet."""
    known = {
        (row.consumer_id, row.view_id): row
        for row in connection.execute(select(receipt_alarm)).all()
    }
    now = {(one.consumer_id, one.view_id): one for one in late}
    for consumer_id, view_id in set(known) - set(now):
        gone = (receipt_alarm.c.consumer_id == consumer_id) & (receipt_alarm.c.view_id == view_id)
        connection.execute(delete(receipt_alarm).where(gone))
    rows = [
        {"consumer_id": one.consumer_id, "view_id": one.view_id, "since": one.since}
        for key, one in now.items()
        if key not in known
    ]
    if rows:
        connection.execute(insert(receipt_alarm), rows)
    return [one for key, one in now.items() if key not in known or known[key].told_at is None]


def _mailed(subject: str, issues: list[Issue]) -> bool:
    """Whether the operator was mailed; a mail server that is away is logged, and asked again."""
    address = os.environ.get(ADDRESS)
    if not address or not mail.server():
        return False
    message = EmailMessage()
    message["To"], message["From"] = address, mail.sender()
    message["Subject"] = f"{subject}: {len(issues)}"
    texts = [f"{one.message('zh_CN')}\n{one.message('en')}" for one in issues]
    message.set_content("\n\n".join(texts))
    try:
        mail.send(address, message)
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("overdue receipts not mailed: %s", type(error).__name__)
        return False
    return True


def _of(one: Overdue) -> Any:
    return (receipt_alarm.c.consumer_id == one.consumer_id) & (
        receipt_alarm.c.view_id == one.view_id
    )


def _untold(connection: Connection) -> bool:
    """Whether a refusal was noted since the last job: a feed without an address isn't tried again
    with every look at the job table."""
    if not mail.server():
        return False
    last = select(job.c.created_at).where(job.c.kind == KIND).order_by(job.c.id.desc()).limit(1)
    since = connection.scalar(last) or ""
    fresh = (notice.c.code == REFUSED) & notice.c.sent_to.is_(None)
    return bool(connection.scalar(select(exists().where(fresh, notice.c.created_at >= since))))


def _days_first(connection: Connection) -> bool:
    owed = consumer_grant.c.receipts_within_hours.is_not(None)
    told = holder_notice.c.confirmed_at.is_(None)
    if not connection.scalar(select(or_(exists().where(owed), exists().where(told)))):
        return False
    return not connection.scalar(_of_today(func.count()))


def _of_today(what: Any) -> Select[Any]:
    midnight = datetime.combine(today(), time(), HERE).astimezone(UTC).isoformat()
    return select(what).where(job.c.kind == KIND, job.c.created_at >= midnight[:19])
