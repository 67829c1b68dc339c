"""Versions of the indicators: proposed by one person, put into force by another, from a day that isn't over.

Until a site activates one of its own, the packaged version holds. What was activated stays for good, with its
text: a class of any day can be computed again by the version that held then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.credit_check import check_day, read_rules
from exchange_schemas.credit_rules import CreditRules, load_rules, packaged_rules
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.credit.people import OFFICE
from hub.credit.tables import credit_version
from hub.credit.words import check_text
from hub.instant import utc_now
from hub.states import APPROVER, REVIEWER


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file's text, from which day it is to hold, and why."""

    text: str
    file: str
    holds_from: date
    reason: str


def in_force(connection: Connection, day: date) -> CreditRules:
    """The version that holds on a day."""
    query = (
        select(credit_version.c.content)
        .where(credit_version.c.activated_by.is_not(None))
        .where(credit_version.c.holds_from <= day.isoformat())
        .order_by(credit_version.c.holds_from.desc(), credit_version.c.id.desc())
        .limit(1)
    )
    found = connection.scalar(query)
    return packaged_rules() if found is None else load_rules(str(found))


def propose(connection: Connection, catalogue: Catalogue, one: Proposal, person: str) -> int:
    """Propose a version; returns the proposal's number.

    Raises Misdeclared (credit_rules_invalid, credit_too_early, credit_appeal_words), Refused (role_missing,
    credit_retroactive, credit_version_taken).
    """
    rules = read_rules(one.text, one.file, catalogue)
    _check_role(connection, person, REVIEWER, APPROVER)
    check_day(rules, one.holds_from)
    _check_not_over(rules.version, one.holds_from)
    _check_free(connection, rules)
    row = {
        "version": rules.version,
        "digest": rules.digest,
        "content": one.text,
        "holds_from": one.holds_from.isoformat(),
        "reason": check_text("reason", one.reason),
        "proposed_by": person,
        "proposed_at": utc_now(),
    }
    made = insert(credit_version).values(row).returning(credit_version.c.id)
    return int(connection.scalar(made) or 0)


def activate(connection: Connection, number: int, person: str) -> RowMapping:
    """Put a proposed version into force from its day on; returns its row.

    Raises Misdeclared (credit_version_unknown), Refused (role_missing, same_person, credit_version_decided,
    credit_retroactive, credit_day_taken).
    """
    row = _waiting(connection, number, person)
    if row["proposed_by"] == person:
        raise Refused(Issue("same_person", value=person))
    _check_not_over(row["version"], date.fromisoformat(row["holds_from"]))
    same = (credit_version.c.holds_from == row["holds_from"]) & (
        credit_version.c.activated_by.is_not(None)
    )
    if connection.scalar(select(credit_version.c.id).where(same)) is not None:
        raise Refused(Issue("credit_day_taken", value=row["holds_from"]))
    values = {"activated_by": person, "activated_at": utc_now()}
    mine = credit_version.c.id == number
    connection.execute(update(credit_version).where(mine).values(values))
    return row


def refuse(connection: Connection, number: int, person: str, reason: str) -> None:
    """Turn a proposal down, or take one's own back.

    Raises Misdeclared (credit_version_unknown, credit_appeal_words), Refused (role_missing,
    credit_version_decided).
    """
    _waiting(connection, number, person)
    told = check_text("reason", reason)
    values = {"refused_by": person, "refused_at": utc_now(), "refused_reason": told}
    connection.execute(update(credit_version).where(credit_version.c.id == number).values(values))


def listing(connection: Connection) -> list[dict[str, Any]]:
    """All proposals, the newest first, without their texts."""
    columns = [column for column in credit_version.c if column.name != "content"]
    query = select(*columns).order_by(credit_version.c.id.desc())
    return [dict(row) for row in connection.execute(query).mappings()]


def text_of(connection: Connection, number: int) -> str:
    """The YAML of a proposal; raises Misdeclared (credit_version_unknown)."""
    return str(_find(connection, number)["content"])


def _waiting(connection: Connection, number: int, person: str) -> RowMapping:
    row = _find(connection, number)
    _check_role(connection, person, APPROVER)
    if row["activated_by"] is not None or row["refused_by"] is not None:
        raise Refused(Issue("credit_version_decided", value=str(number)))
    return row


def _find(connection: Connection, number: int) -> RowMapping:
    query = select(credit_version).where(credit_version.c.id == number).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Misdeclared(Issue("credit_version_unknown", value=str(number)))
    return row


def _check_role(connection: Connection, person: str, *roles: str) -> None:
    held = [role for role in roles if OFFICE in people.departments_of(connection, person, role)]
    if not held:
        people.check(connection, person, roles[-1], OFFICE)


def _check_not_over(version: str, begin: date) -> None:
    if begin < today():
        words = {"begin": str(begin), "today": str(today())}
        raise Refused(Issue("credit_retroactive", value=version, params=words))


def _check_free(connection: Connection, rules: CreditRules) -> None:
    """Raises Refused (credit_version_taken) where the version's name stands for other rules."""
    same = credit_version.c.version == rules.version
    known = set(connection.scalars(select(credit_version.c.digest).where(same)))
    packaged = packaged_rules()
    if packaged.version == rules.version:
        known.add(packaged.digest)
    if known - {rules.digest}:
        raise Refused(Issue("credit_version_taken", value=rules.version))
