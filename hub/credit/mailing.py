"""Mail about new warnings: how many of which kind, and nothing of whom; that is read in the console.

Warnings are for the government only, and mail isn't: so a letter names no subject.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine

from exchange_schemas.credit_rules import CreditRules
from exchange_schemas.days import today
from exchange_schemas.language import DEFAULT_LOCALE, translate
from hub import jobs, ledger, mail
from hub.credit import watches
from hub.credit.versions import in_force
from hub.credit.watches import DATASET, Watch
from hub.database import write
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site

KIND = "credit_mail"  # of the job, and its topic

logger = logging.getLogger(__name__)


def enqueue(connection: Connection) -> list[int]:
    """Queue the job where there is a mail server and somebody to be told."""
    if not mail.server() or jobs.waiting(connection, KIND):
        return []
    if not watches.with_mail(connection, ledger.head_seq(connection, DATASET)):
        return []
    return [jobs.submit(connection, KIND, {}, KIND)]


def do_job(site: Site, engine: Engine, lease: Lease, _progress: Progress) -> dict[str, Any]:
    """Mail everybody what is new; who can't be reached now is told the next time."""
    sent = send_all(site, engine)
    with write(engine) as connection:
        jobs.finish(connection, lease, {"sent": sent})
    return {"sent": sent}


def send_all(site: Site, engine: Engine) -> int:
    """As `do_job`; returns how many letters went out."""
    if not mail.server():
        return 0
    catalogue = site.catalogue()
    with engine.connect() as connection:
        last, rules = ledger.head_seq(connection, DATASET), in_force(connection, today())
        told = []
        for one in watches.with_mail(connection, last):
            found = watches.news(site, connection, catalogue, one, one.mailed_seq)
            fresh = watches.first_said(connection, found["_key"].to_list(), one.mailed_seq)
            told.append((one, found.filter(pl.col("_key").is_in(list(fresh)))))
    sent = 0
    for one, found in told:
        begun = found.filter(pl.col("ended_on").is_null())
        if begun.height and not _sent(one, letter(rules, one, begun)):
            continue
        sent += bool(begun.height)
        with write(engine) as connection:
            watches.mailed(connection, one.number, last)
    return sent


def _sent(one: Watch, message: EmailMessage) -> bool:
    try:
        mail.send(one.address or "", message)
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("credit warnings not mailed: %s", type(error).__name__)
        return False
    return True


def letter(rules: CreditRules, one: Watch, found: pl.DataFrame) -> EmailMessage:
    """The letter of a watch about its new warnings."""
    lines = _lines(rules, found, chinese=one.language == DEFAULT_LOCALE)
    message = EmailMessage()
    message["From"], message["To"] = mail.sender(), one.address
    subject = translate("hub", one.language, "Credit warnings: {count} new")
    message["Subject"] = subject.format(count=found.height)
    end = translate(
        "hub", one.language, "Whom they are about is shown in the console: Credit, Warnings."
    )
    message.set_content("\n".join([*lines, "", end, ""]))
    return message


def _lines(rules: CreditRules, found: pl.DataFrame, *, chinese: bool) -> Sequence[str]:
    titles = {rule.id: rule.title.of(chinese) for rule in rules.warnings}
    counted = found.group_by("level", "rule").len().sort("level", "rule")
    return [
        f"{level} · {titles.get(rule, rule)}: {count}"
        for level, rule, count in counted.iter_rows()
    ]
