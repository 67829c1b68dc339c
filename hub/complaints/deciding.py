"""What people decide on suggestions: one row each, with what was suggested and why they chose so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.complaints import acting
from hub.complaints.people import Clerk, sides
from hub.complaints.states import COMPLAINT, REPORT, WITHDRAWN
from hub.complaints.steps import LONGEST_REASON, check_private
from hub.complaints.tables import complaint_decision, complaint_ticket
from hub.instant import utc_now

SPLIT, CATEGORY = "split", "category"  # the matters
APART, WHOLE = "split", "whole"  # the choices of a split
OTHER_KIND = {COMPLAINT: REPORT, REPORT: COMPLAINT}
LONGEST_NUMBER = 64  # characters of a ticket's number, as the standard has it
_CODE = re.compile(r"[0-9A-Za-z]{1,20}")


def decide_split(
    connection: Connection, one: Clerk, number: str, choice: str, shown: Any, reason: str
) -> dict[str, Any]:
    """Split a ticket into a complaint and a report, or say that it is one; returns {ticket_no, choice,
    part_no}. The part is entered by `splitting.enter_parts`.

    Raises Misdeclared (ticket_unknown, ticket_words), Refused (ticket_side, ticket_not_split,
    result_private).
    """
    row = _held(connection, one, number, reason)
    if choice not in (APART, WHOLE):
        raise Misdeclared(Issue("ticket_words", field="choice", value=SPLIT))
    before = last(connection, SPLIT, number)
    if choice == WHOLE and before is not None and before["choice"] == APART:
        raise Refused(Issue("ticket_not_split", value=number))
    values: dict[str, Any] = {"part_no": None, "part_kind": None}
    if choice == APART:
        _check_splittable(connection, row)
        values = {"part_no": _part_no(connection, number), "part_kind": OTHER_KIND[row["kind"]]}
    _store(connection, one, SPLIT, number, choice, shown, reason, values)
    return {"ticket_no": number, "choice": choice, "part_no": values["part_no"]}


def decide_category(
    connection: Connection, one: Clerk, number: str, code: str, shown: Any, reason: str
) -> dict[str, Any]:
    """Say which category a ticket has; returns {ticket_no, choice}. It counts where the ticket's record has
    none: what the platform says isn't overruled.

    Raises Misdeclared (ticket_unknown, ticket_words), Refused (ticket_side, result_private).
    """
    _held(connection, one, number, reason)
    if not _CODE.fullmatch(code):
        raise Misdeclared(Issue("ticket_words", field="category", value=CATEGORY))
    _store(connection, one, CATEGORY, number, code, shown, reason, {})
    return {"ticket_no": number, "choice": code}


def last(connection: Connection, matter: str, number: str) -> RowMapping | None:
    """The decision that counts: choice, part_no, reason, actor, at."""
    mine = (complaint_decision.c.matter == matter) & (complaint_decision.c.ticket_no == number)
    query = select(complaint_decision).where(mine).order_by(complaint_decision.c.id.desc())
    return connection.execute(query.limit(1)).mappings().one_or_none()


def _held(connection: Connection, one: Clerk, number: str, reason: str) -> RowMapping:
    """The ticket's row, held; of somebody who may act on it."""
    row = acting.find(connection, one, number)
    if not sides(one, row):
        raise Refused(Issue("ticket_side", value=number, params={"sides": "department"}))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Misdeclared(Issue("ticket_words", field="reason", value="decide"))
    check_private(reason)
    return row


def _check_splittable(connection: Connection, row: RowMapping) -> None:
    """Only a complaint or a report is split, once, and neither what was split from another nor what the
    platform took back.

    市场监督管理投诉举报处理暂行办法 (order 20), art. 7: the two are handled separately.
    """
    mine = complaint_ticket.c.split_from == row["ticket_no"]
    before = last(connection, SPLIT, row["ticket_no"])
    parts = connection.scalar(select(func.count()).where(mine))
    decided = before is not None and before["choice"] == APART
    lone = row["kind"] in OTHER_KIND and not row["split_from"] and row["state"] != WITHDRAWN
    if not lone or parts or decided:
        raise Refused(Issue("ticket_not_split", value=row["ticket_no"]))


def _part_no(connection: Connection, number: str) -> str:
    """A number that no ticket has: the ticket's own with -1 behind it, or the next that is free. Raises Refused
    (ticket_not_split) where it would be longer than a number may be."""
    n = 1
    while connection.scalar(
        select(complaint_ticket.c.id).where(complaint_ticket.c.ticket_no == f"{number}-{n}")
    ):
        n += 1
    if len(f"{number}-{n}") > LONGEST_NUMBER:
        raise Refused(Issue("ticket_not_split", value=number))
    return f"{number}-{n}"


def _store(
    connection: Connection,
    one: Clerk,
    matter: str,
    number: str,
    choice: str,
    shown: Any,
    reason: str,
    values: Mapping[str, Any],
) -> None:
    told = json.dumps(shown, ensure_ascii=False)
    made = {"matter": matter, "ticket_no": number, "choice": choice, "shown": told}
    made |= {"reason": reason, "actor": one.name, "at": utc_now(), **values}
    connection.execute(insert(complaint_decision).values(made))
