"""Acts on a case transfer: each one step of history, checked against the table of states.

Every act is one transaction: the step, the case's new state, the terms that it meets and begins, and
the notices to the other sides. Whoever is killed in between has done nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import term_notices, terms
from hub.database import write
from hub.instant import utc_now
from hub.tables_of_terms import TRANSFER
from hub.terms import Office, Step
from hub.transfers import files, looking
from hub.transfers.case import read_case
from hub.transfers.parties import Actor, acting_sides, find_party
from hub.transfers.states import (
    ADDRESSEE,
    BEGIN,
    BY_NAME,
    DRAFTED,
    EDITABLE,
    ENDED,
    PROCURATORATE,
    SENDER,
    UNSENT,
    Act,
)
from hub.transfers.tables import KINDS, RESULTS, transfer, transfer_step
from hub.transfers.words import ACTS, STATES

LONGEST_REASON, LONGEST_DOC_NO, LONGEST_PARTY = 2000, 128, 80
LONGEST_LETTER = 64  # number of the letter: transfer_no of case_transfer


@dataclass(frozen=True, slots=True)
class Words:
    """What an act is given: reason, document number, result, and the party that it names."""

    reason: str | None = None
    doc_no: str | None = None
    result: str | None = None
    other: str | None = None


def draft(at: Office, actor: Actor, department: str, to: str, content: bytes) -> str:
    """A new case of a department for an addressee; returns its number.

    Raises Refused (role_missing), Misdeclared (no_department, party_unknown, and what `read_case`
    finds).
    """
    if department not in load_codes("departments").codes:
        raise Misdeclared(Issue("no_department", value=department))
    if department not in actor.desks:
        words = {"role": "handler", "department": department}
        raise Refused(Issue("role_missing", value=actor.name.partition(":")[2], params=words))
    number = f"YS{secrets.token_hex(12)}"
    with write(at.engine) as connection:
        party, kind = find_party(connection, to, KINDS)
        kept = read_case(at.catalogue, content, department, kind)
        row = {
            "number": number,
            "state": DRAFTED,
            "step": 1,
            "from_department": department,
            "to_kind": kind,
            "addressee": party,
            "content": kept,
            "created_at": utc_now(),
        }
        new = connection.scalar(insert(transfer).values(row).returning(transfer.c.id))
        step = _step(Words(), actor, SENDER, kept)
        begun = {"transfer_id": new, "number": 1, "act": BEGIN, "state": DRAFTED}
        connection.execute(insert(transfer_step).values(**step, **begun))
    return number


def rewrite(at: Office, actor: Actor, number: str, content: bytes) -> None:
    """Write a case anew, while it is a draft or was returned.

    Raises Misdeclared (transfer_unknown, and what `read_case` finds), Refused (transfer_state,
    transfer_side).
    """
    row = looking.looked(at.engine, actor, number, "act")
    kept = read_case(at.catalogue, content, row["from_department"], row["to_kind"])
    with write(at.engine) as connection:
        _editable(connection, actor, number)
        connection.execute(update(transfer).where(transfer.c.id == row["id"]).values(content=kept))


def attach(at: Office, actor: Actor, number: str, kept: dict[str, Any]) -> None:
    """Add a file that `files.keep` kept; the same conditions as `rewrite`."""
    looking.looked(at.engine, actor, number, "act")
    with write(at.engine) as connection:
        row = _editable(connection, actor, number)
        files.add(connection, row["id"], kept, actor.name)


def act(at: Office, actor: Actor, number: str, name: str, words: Words) -> dict[str, Any]:
    """Do one act; returns {number, state, step}.

    Raises Misdeclared (transfer_unknown, act_unknown, act_words, party_unknown), Refused
    (transfer_side, transfer_state, same_person, transfer_no_taken, calendar_over).
    """
    wanted = BY_NAME.get(name)
    if wanted is None:
        raise Misdeclared(
            Issue("act_unknown", value=name[:32], params={"known": ", ".join(BY_NAME)})
        )
    _check_words(wanted, words)
    looking.looked(at.engine, actor, number, "act")
    with write(at.engine) as connection:
        row = _held(connection, number)
        side = _side(wanted, actor, row)
        if row["state"] not in wanted.sources:
            told = {"state": row["state"], "expected": ", ".join(wanted.sources), "act": name}
            raise Refused(Issue("transfer_state", value=number, params=told))
        _two_people(connection, wanted, actor, row)
        return _do(at, connection, row, wanted, actor, side, words)


def _held(connection: Connection, number: str) -> RowMapping:
    query = select(transfer).where(transfer.c.number == number).with_for_update()
    return connection.execute(query).mappings().one()


def _editable(connection: Connection, actor: Actor, number: str) -> RowMapping:
    row = _held(connection, number)
    if SENDER not in acting_sides(actor, row):
        raise Refused(Issue("transfer_side", value=number, params={"sides": SENDER}))
    if row["state"] not in EDITABLE:
        told = {"state": row["state"], "expected": ", ".join(EDITABLE), "act": "write"}
        raise Refused(Issue("transfer_state", value=number, params=told))
    return row


def _side(wanted: Act, actor: Actor, row: RowMapping) -> str:
    mine = acting_sides(actor, row)
    found = next((side for side in wanted.by if side in mine), None)
    if found is None:
        words = {"sides": ", ".join(wanted.by)}
        raise Refused(Issue("transfer_side", value=row["number"], params=words))
    return found


def _two_people(connection: Connection, wanted: Act, actor: Actor, row: RowMapping) -> None:
    """The head who decides isn't the one who reported (article 5: reported to the head)."""
    if wanted.name not in ("approve", "disapprove"):
        return
    mine = (transfer_step.c.transfer_id == row["id"]) & (transfer_step.c.act == "report")
    query = select(transfer_step.c.actor).where(mine).order_by(transfer_step.c.number.desc())
    if connection.scalars(query).first() == actor.name:
        raise Refused(Issue("same_person", value=actor.name.partition(":")[2]))


def _check_words(wanted: Act, words: Words) -> None:
    """Raises Misdeclared (act_words) for what is missing, too long, or not for this act."""
    needed = {"reason": wanted.reason, "doc_no": wanted.doc_no, "result": wanted.result}
    needed |= {"other": wanted.name in ("copy", "refuse")}
    for name, must in needed.items():
        given = (getattr(words, name) or "").strip()
        if must and not given:
            raise Misdeclared(Issue("act_words", field=name, value=wanted.name))
    number = LONGEST_LETTER if wanted.name == "send" else LONGEST_DOC_NO
    longest = {"reason": LONGEST_REASON, "doc_no": number, "other": LONGEST_PARTY}
    for name, most in longest.items():
        given = getattr(words, name) or ""
        if len(given) > most or "\0" in given:  # PostgreSQL can't keep a NUL
            raise Misdeclared(Issue("act_words", field=name, value=wanted.name))
    wrong = words.result is not None and (not wanted.result or words.result not in RESULTS)
    if wrong:
        raise Misdeclared(Issue("act_words", field="result", value=wanted.name))


def _do(
    at: Office,
    connection: Connection,
    row: RowMapping,
    wanted: Act,
    actor: Actor,
    side: str,
    words: Words,
) -> dict[str, Any]:
    number, after = row["step"] + 1, wanted.after(row["state"])
    more = _named(connection, row, wanted, words)
    step = _step(words, actor, side, row["content"])
    made = {"transfer_id": row["id"], "number": number, "act": wanted.name}
    made |= {"state_before": row["state"], "state": after}
    connection.execute(insert(transfer_step).values(**step, **made))
    values = {"state": after, "step": number, **more}
    connection.execute(update(transfer).where(transfer.c.id == row["id"]).values(values))
    done = Step(TRANSFER, row["id"], number, TRANSFER, wanted.name, str(step["at"]))
    if after in ENDED:
        terms.end_all(connection, TRANSFER, row["id"], done.at)
    else:
        terms.follow(connection, at.terms, done)
    _tell(connection, {**row, **values}, wanted.name, side)
    return {"number": row["number"], "state": after, "step": number}


def _named(connection: Connection, row: RowMapping, wanted: Act, words: Words) -> dict[str, Any]:
    """What an act changes of the case beside its state."""
    if wanted.name == "send":
        taken = (transfer.c.transfer_no == words.doc_no) & (transfer.c.id != row["id"])
        if connection.scalar(select(transfer.c.id).where(taken)) is not None:
            raise Refused(Issue("transfer_no_taken", value=words.doc_no))
        return {"transfer_no": words.doc_no}
    if wanted.name == "copy" or (wanted.name == "propose" and row["procuratorate"] is None):
        return {"procuratorate": find_party(connection, words.other or "", ("检察",))[0]}
    return {}


def _step(words: Words, actor: Actor, side: str, content: str) -> dict[str, Any]:
    return {
        "actor": actor.name,
        "side": side,
        "at": utc_now(),
        "doc_no": words.doc_no,
        "reason": words.reason,
        "result": words.result,
        "other": words.other,
        "content_sha256": hashlib.sha256(content.encode()).hexdigest(),
    }


def _tell(connection: Connection, row: dict[str, Any], name: str, side: str) -> None:
    """Note the step for the sides that didn't make it: a receipt for one, an order for another."""
    sender = row["from_department"]
    told = {SENDER: sender}
    if row["state"] not in UNSENT:
        told |= {ADDRESSEE: row["addressee"]}
        told |= {PROCURATORATE: row["procuratorate"]} if row["procuratorate"] else {}
    told_words = term_notices.step_words(ACTS[name], STATES[row["state"]])
    issue = Issue("transfer_step", value=row["number"], params=told_words)
    for other, party in told.items():
        if other != side:
            role = term_notices.DESK
            term_notices.note(connection, TRANSFER, row["id"], party, role, issue)
    if name == "report":
        term_notices.note(connection, TRANSFER, row["id"], sender, term_notices.HEAD, issue)
