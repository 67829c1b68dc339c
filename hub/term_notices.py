"""Who is told of steps, reminders and escalations: kept for the party to read, and mailed.

`contacts.csv` in the site has the addresses: party (a department's code, or consumer:ID), role (desk,
head, supervisor), address. Without it, and without a mail server, notices are only kept.
"""

from __future__ import annotations

import csv
import json
import logging
import smtplib
from collections.abc import Collection
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, tuple_, update

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import mail
from hub.database import write
from hub.instant import utc_now
from hub.scoreboard_words import both
from hub.site import Site
from hub.tables_of_terms import step_notice
from hub.terms import shown

CONTACTS = "contacts.csv"
COLUMNS = ("party", "role", "address")
DESK, HEAD, SUPERVISOR = "desk", "head", "supervisor"

logger = logging.getLogger(__name__)


def note(
    connection: Connection, matter: str, matter_id: int, party: str, role: str, issue: Issue
) -> None:
    """Note that a party is to be told."""
    row = {
        "matter": matter,
        "matter_id": matter_id,
        "party": party,
        "role": role,
        "code": issue.code,
        "value": issue.value or "",
        "params": json.dumps(dict(issue.params), ensure_ascii=False),
        "created_at": utc_now(),
    }
    connection.execute(insert(step_notice).values(row))


def step_words(act: str, state: str) -> dict[str, str]:
    """The words of a notice on a step, in both languages; `act` and `state` are message ids."""
    return _both("act", act) | _both("state", state)


def term_words(called: str, term: RowMapping) -> dict[str, str]:
    """The words of a notice on a term of `step_due`; what it is called is a message id."""
    return _both("term", called) | {"due": shown(term["due_at"]), "rule": term["rule"]}


def _both(name: str, text: str) -> dict[str, str]:
    chinese, english = both(text)
    return {name: english, f"{name}_zh": chinese}


def notices_of(
    connection: Connection, parties: Collection[str], matter: str, limit: int = 200
) -> list[dict[str, Any]]:
    """The newest notices of some parties: {id, party, role, code, message, message_en, created_at}."""
    query = (
        select(step_notice)
        .where(step_notice.c.party.in_(sorted(parties)), step_notice.c.matter == matter)
        .order_by(step_notice.c.id.desc())
        .limit(limit)
    )
    return [_told(row) for row in connection.execute(query).mappings()]


def _told(row: Any) -> dict[str, Any]:
    issue = _issue(row)
    kept = {name: row[name] for name in ("id", "party", "role", "code", "created_at", "sent_to")}
    return {**kept, "message": issue.message("zh_CN"), "message_en": issue.message("en")}


def _issue(row: Any) -> Issue:
    return Issue(row["code"], value=row["value"], params=json.loads(row["params"]))


def contacts(site: Site) -> dict[tuple[str, str], list[str]]:
    """(party, role) → addresses; raises Misdeclared (contacts_invalid)."""
    path = site.path / CONTACTS
    found: dict[tuple[str, str], list[str]] = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            if tuple(row) != COLUMNS or not all(row.values()) or row["role"] not in _ROLES:
                raise Misdeclared(Issue("contacts_invalid", value=str(number)))
            found.setdefault((row["party"], row["role"]), []).append(row["address"])
    return found


_ROLES = (DESK, HEAD, SUPERVISOR)


def send_all(site: Site, engine: Engine) -> int:
    """Mail what wasn't mailed yet to whoever has an address; returns how many notices went out.

    What no address took is tried again. A mail server that can't be reached ends the round.
    """
    known = contacts(site)
    if not known or not mail.server():
        return 0
    with engine.connect() as connection:
        theirs = tuple_(step_notice.c.party, step_notice.c.role).in_(list(known))
        query = select(step_notice).where(step_notice.c.sent_to.is_(None), theirs)
        waiting = list(connection.execute(query.order_by(step_notice.c.id)).mappings())
    sent = 0
    for row in waiting:
        addresses = known[row["party"], row["role"]]
        try:
            taken = [address for address in addresses if _mailed(row, address)]
        except (OSError, smtplib.SMTPException) as error:
            logger.warning("mail server: %s; notice %s waits", type(error).__name__, row["id"])
            break
        if taken:
            with write(engine) as connection:
                mine = step_notice.c.id == row["id"]
                values = {"sent_to": ", ".join(taken)[:254]}
                connection.execute(update(step_notice).where(mine).values(values))
            sent += 1
    return sent


def _mailed(row: Any, address: str) -> bool:
    """Whether the server took it for this address; raises OSError where it takes nothing at all."""
    issue = _issue(row)
    message = EmailMessage()
    message["To"], message["From"] = address, mail.sender()
    message["Subject"] = f"[{row['value']}]"
    message.set_content(f"{issue.message('zh_CN')}\n\n{issue.message('en')}\n")
    try:
        mail.send(address, message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        logger.warning("notice %s not mailed: %s", row["id"], type(error).__name__)
        return False
    return True
