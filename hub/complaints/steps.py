"""One step of a ticket: checked against the table of states, stored with its terms and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, RowMapping, insert, select, update

from exchange_schemas.codes import load_codes
from exchange_schemas.complaint_rules import grounds_on
from exchange_schemas.days import HERE
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import term_notices, terms
from hub.complaints import returns
from hub.complaints.efficiency_words import ACTS, TITLES
from hub.complaints.people import PLATFORM_OFFICE, Clerk, sides
from hub.complaints.states import (
    ASSIGNED,
    BY_NAME,
    CLOSED_FROM,
    ESCALATED,
    HANDED_BACK,
    UNROUTED,
    WITHDRAWN,
    Act,
)
from hub.complaints.tables import complaint_step, complaint_ticket
from hub.instant import utc_now
from hub.tables_of_terms import COMPLAINT, step_due
from hub.terms import Step, Terms
from publisher.hits import find as find_private

MOST_HAND_BACKS = 2  # the next one goes to the supervisor
LONGEST_REASON = 2000
DECISIONS = ("立案", "不予立案", "移送")  # the code list report_filings
MEDIATIONS = ("达成", "未达成", "撤回", "终止")  # the code list mediation_results
RETURNED = ("accept", "refuse", "decide", "close", "tell")  # what the platform is told


@dataclass(frozen=True, slots=True)
class Words:
    """What an act is given."""

    reason: str | None = None
    ground: str | None = None
    decision: str | None = None
    mediation: str | None = None
    department: str | None = None
    again: Mapping[str, Any] = field(
        default_factory=dict
    )  # columns that a ticket sent again changes


def do(
    connection: Connection, known: Terms, one: Clerk, row: RowMapping, name: str, words: Words
) -> dict[str, Any]:
    """Do one act on a row that is held, in the caller's transaction; see `acting.act`."""
    wanted = BY_NAME.get(name)
    if wanted is None:
        raise Misdeclared(
            Issue("act_unknown", value=name[:32], params={"known": ", ".join(BY_NAME)})
        )
    if sides(one, row).isdisjoint(wanted.by):
        told = {"sides": ", ".join(wanted.by)}
        raise Refused(Issue("ticket_side", value=row["ticket_no"], params=told))
    _check_state(wanted, row)
    _check_words(wanted, row, words)
    # The hub's own words are numbers of tickets, which may look like a person's.
    if not one.is_hub:
        check_private(words.reason)
    return _store(connection, known, one, row, wanted, words)


def _check_state(wanted: Act, row: RowMapping) -> None:
    sources, kind = wanted.sources, row["kind"]
    if wanted.name == "close":
        sources = CLOSED_FROM.get(kind, (ASSIGNED,))
    if row["state"] not in sources or (wanted.kinds and kind not in wanted.kinds):
        told = {"state": row["state"], "kind": kind, "expected": ", ".join(sources)}
        raise Refused(
            Issue("ticket_state", value=row["ticket_no"], params={**told, "act": wanted.name})
        )


def _check_words(wanted: Act, row: RowMapping, words: Words) -> None:
    for name in wanted.needs:
        if not (getattr(words, name) or "").strip():
            raise Misdeclared(Issue("ticket_words", field=name, value=wanted.name))
    if len(words.reason or "") > LONGEST_REASON:
        raise Misdeclared(Issue("ticket_words", field="reason", value=wanted.name))
    day = datetime.fromisoformat(row["received_at"]).astimezone(HERE).date()
    allowed: Mapping[str, tuple[str, ...]] = {
        "ground": tuple(grounds_on(day)) if wanted.name == "refuse" else (),
        "decision": DECISIONS if wanted.name == "decide" else (),
        "mediation": MEDIATIONS if wanted.name == "close" and row["kind"] == "投诉" else (),
    }
    for name, known in allowed.items():
        given = getattr(words, name)
        if given is not None and given not in known:
            raise Misdeclared(Issue("ticket_words", field=name, value=wanted.name))
    placing = wanted.name in ("assign", "decide_department")
    if placing and words.department not in load_codes("departments").codes:
        raise Misdeclared(Issue("no_department", value=words.department or ""))


def check_private(text: str | None) -> None:
    """Raises Refused (result_private): what is written goes to the platform and to other staff."""
    if text:
        frame = pl.DataFrame({"row": [0], "text": [text]}, schema_overrides={"row": pl.UInt32})
        kinds = find_private(frame)["kind"].unique().sort().to_list()
        if kinds:
            raise Refused(Issue("result_private", value=", ".join(kinds)))


def _store(
    connection: Connection, known: Terms, one: Clerk, row: RowMapping, wanted: Act, words: Words
) -> dict[str, Any]:
    at, after = utc_now(), _after(row, wanted, words)
    department = words.department or (None if wanted.name == "resume" else row["department"])
    number = row["step"] + 1
    step = {"reason": words.reason, "ground": words.ground, "decision": words.decision}
    step |= {"mediation": words.mediation, "department": department, "actor": one.name, "at": at}
    made = {"ticket_id": row["id"], "number": number, "act": wanted.name}
    connection.execute(
        insert(complaint_step).values(**made, **step, state_before=row["state"], state=after)
    )
    values = {"state": after, "step": number, **_changed(row, wanted, one, words, at)}
    mine = complaint_ticket.c.id == row["id"]
    connection.execute(update(complaint_ticket).where(mine).values(values))
    if wanted.name == "extend":
        _extend(connection, known, row)
    done = Step(COMPLAINT, row["id"], number, row["kind"], wanted.name, at)
    if after == WITHDRAWN:
        terms.end_all(connection, COMPLAINT, row["id"], at)
    elif wanted.name != "resume":  # its terms are begun as those of a new ticket are
        terms.follow(connection, known, done)
    now = {**row, **values}
    if wanted.name in RETURNED:
        returns.add(connection, now, {**step, "act": wanted.name, **asdict(words)})
    _tell(connection, now, wanted.name)
    return {"ticket_no": row["ticket_no"], "state": after, "department": now["department"]}


def _after(row: RowMapping, wanted: Act, words: Words) -> str:
    if wanted.name == "hand_back":
        return ESCALATED if row["hand_backs"] >= MOST_HAND_BACKS else HANDED_BACK
    if wanted.name == "resume":
        return ASSIGNED if words.department else UNROUTED
    return wanted.targets[0] if wanted.targets else str(row["state"])


def _changed(row: RowMapping, wanted: Act, one: Clerk, words: Words, at: str) -> dict[str, Any]:
    """What an act changes of a ticket beside its state."""
    changes: dict[str, dict[str, Any]] = {
        "assign": {"department": words.department, "route": one.name[:64]},
        "decide_department": {"department": words.department, "route": one.name[:64]},
        "follow": {"department": words.department, "route": words.reason},
        "hand_back": {"hand_backs": row["hand_backs"] + 1},
        "accept": {"accepted_at": at},
        "refuse": {"accepted_at": at, "closed_at": at},
        "decide": {"accepted_at": at},
        "close": {"closed_at": at},
        "withdraw": {"closed_at": at},
        "resume": {
            "department": words.department, "route": words.reason, "accepted_at": None, "closed_at": None,
            **words.again,
        },
        "supervise": {"supervised_at": row["supervised_at"] or at},
    }  # fmt: skip
    return changes.get(wanted.name, {})


def _extend(connection: Connection, known: Terms, row: RowMapping) -> None:
    mine = (step_due.c.matter == COMPLAINT) & (step_due.c.matter_id == row["id"])
    query = select(step_due).where(mine, step_due.c.met_at.is_(None)).order_by(step_due.c.id)
    opened = connection.execute(query).mappings().first()
    if opened is None:
        raise Refused(Issue("term_not_extended", value="-", params={"rule": "-"}))
    terms.extend(connection, known, opened)


def _tell(connection: Connection, row: Mapping[str, Any], name: str) -> None:
    """Note it for the department that has a new ticket, and for who has to decide."""
    words = term_notices.step_words(ACTS[name], TITLES[f"state_{row['state']}"])
    issue = Issue("ticket_step", value=str(row["ticket_no"]), params=words)
    told = {
        "assign": (row["department"], term_notices.DESK),
        "decide_department": (row["department"], term_notices.DESK),
        "follow": (row["department"], term_notices.DESK),
        "resume": (row["department"] or PLATFORM_OFFICE, term_notices.DESK),
        "supervise": (row["department"], term_notices.HEAD),
        "hand_back": (
            PLATFORM_OFFICE,
            term_notices.SUPERVISOR if row["state"] == ESCALATED else term_notices.DESK,
        ),
    }
    party, role = told.get(name, (None, ""))
    if party:
        term_notices.note(connection, COMPLAINT, row["id"], str(party), role, issue)
