"""Consents: third parties who are asked before something is published, what they said, what was decided."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, request, url_for

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import consent_queue, consents, showing
from hub.database import look
from hub.filing_queue import days_left
from hub.review import Desk
from hub.states import APPROVER, REVIEWER
from hub.tables_of_filings import AGREED, SILENT
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.owners import of_consent, of_record
from hub.web.console.policy import of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

STAFF = of_roles(REVIEWER, APPROVER)
_RECORD = re.compile(r"[0-9a-f]{16}")
_LONGEST = 1_000  # characters of a party or a note


def add_consents(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_list(console)
    _add_asking(console)
    _add_consent(console)


def _add_list(console: Console) -> None:
    @console.page("/consents", STAFF)
    def listing(visit: Visit) -> Answer:
        over, after = "all" in request.args, request.args.get("after", "")[:64]
        mine = visit.departments(REVIEWER, APPROVER)
        with look(console.engine) as connection:
            rows, following = consent_queue.page(connection, mine, after, closed=over)
        datasets = sorted(console.catalogue().datasets())
        values = {"rows": rows, "next": following, "over": over, "after": after}
        return page("consents.html", datasets=datasets, **values)

    @console.page("/consents/find", STAFF)
    def find(_visit: Visit) -> Answer:
        name, record = (request.args.get(n, "").strip() for n in ("dataset", "record"))
        if not _RECORD.fullmatch(record) or name not in console.catalogue().folders:
            raise Misdeclared(Issue("record_unknown", value=record[:32], params={"dataset": name}))
        return redirect(url_for("consents.asking", dataset=name, record=record))


def _add_asking(console: Console) -> None:
    @console.page("/consents/ask/<dataset>/<record>", of_roles(REVIEWER, owner=of_record))
    def asking(visit: Visit, dataset: str, record: str) -> Answer:
        desk = _desk(console, visit, dataset)
        with console.engine.connect() as connection:
            told = showing.record(connection, desk.catalogue, desk.standard, record)
        return page("consent_ask.html", standard=desk.standard, record=told)

    @console.act(
        "/consents/ask/<dataset>/<record>", of_roles(REVIEWER, owner=of_record), "consent.ask"
    )
    def ask(visit: Visit, dataset: str, record: str) -> Answer:
        party = request.form.get("party", "").strip()[:_LONGEST]
        if not party:
            raise Misdeclared(Issue("party_missing"))
        number = consents.ask(_desk(console, visit, dataset), record, party)
        say(speech(console).text("The record waits now for what the third party says."))
        return see("consents.show", dataset=dataset, number=number)


def _add_consent(console: Console) -> None:
    @console.page(
        "/consents/<dataset>/<int:number>", of_roles(REVIEWER, APPROVER, owner=of_consent)
    )
    def show(visit: Visit, dataset: str, number: int) -> Answer:
        desk = _desk(console, visit, dataset)
        with console.engine.connect() as connection:
            told = consents.show(connection, desk, number)
            record = showing.record(connection, desk.catalogue, desk.standard, told["record_id"])
        return page(
            "consent.html", standard=desk.standard, told=told, record=record, **_may(visit, told)
        )

    @console.act(
        "/consents/<dataset>/<int:number>/answer",
        of_roles(REVIEWER, owner=of_consent),
        "consent.answer",
    )
    def answer(visit: Visit, dataset: str, number: int) -> Answer:
        note = request.form.get("note", "").strip()[:_LONGEST] or None
        consents.answer(_desk(console, visit, dataset), number, request.form.get("said", ""), note)
        say(speech(console).text("Noted what the third party said."))
        return see("consents.show", dataset=dataset, number=number)

    @console.act(
        "/consents/<dataset>/<int:number>/decide",
        of_roles(APPROVER, owner=of_consent),
        "consent.decide",
    )
    def decide(visit: Visit, dataset: str, number: int) -> Answer:
        reason = request.form.get("reason", "").strip()[:_LONGEST]
        decision = request.form.get("decision", "")
        consents.decide_consent(_desk(console, visit, dataset), number, decision, reason)
        say(speech(console).text("Decided."))
        return see("consents.show", dataset=dataset, number=number)


def _desk(console: Console, visit: Visit, dataset: str) -> Desk:
    catalogue = console.catalogue()
    return Desk(console.engine, catalogue, catalogue.get(dataset), visit.person)


def _may(visit: Visit, told: dict[str, Any]) -> dict[str, Any]:
    """What who looks may do about a consent now."""
    is_open = told["decision"] is None and told["answer"] in (None, SILENT)
    left = days_left(told["due"], today())
    decidable = told["decision"] is None and told["answer"] not in (None, AGREED)
    mine = {role: told["department"] in visit.departments(role) for role in (REVIEWER, APPROVER)}
    return {
        "days_left": left if told["answer"] is None else None,
        "may_answer": is_open and mine[REVIEWER],
        "may_decide": decidable and mine[APPROVER] and visit.person != told["asked_by"],
        "term_over": left is not None and left < 0,
    }
