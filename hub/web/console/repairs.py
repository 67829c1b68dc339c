"""Credit repair: what the handler confirms, and what another person then decides."""

from __future__ import annotations

from flask import request

from exchange_schemas.errors import HubError, Misdeclared
from exchange_schemas.issue import Issue
from hub import repairs
from hub.audit.acting import tell
from hub.states import APPROVER
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.filings import OWN_HANDLERS, answered, desk_of, shown, texts
from hub.web.console.owners import of_filing
from hub.web.console.policy import of_roles
from hub.web.console.rendering import speech
from hub.web.console.visit import Visit

YES_NO, DECISIONS = ("yes", "no"), ("grant", "refuse")
_LONGEST = 1_000  # characters of a note


def add_repairs(console: Console) -> None:
    """Put the acts on the console; they are done on the filing's page."""

    @console.act("/filings/<int:number>/confirm", OWN_HANDLERS, "repair.confirm")
    def confirm(visit: Visit, number: int) -> Answer:
        desk, name = desk_of(console, visit, number)
        condition, met = request.form.get("condition", ""), chosen("met", YES_NO) == "yes"
        note = request.form.get("note", "").strip()[:_LONGEST] or None
        repairs.confirm(desk, name, condition, met=met, why=note)
        say(speech(console).text("Noted what you found."))
        return see("filings.show", number=number)

    @console.act(
        "/filings/<int:number>/decide", of_roles(APPROVER, owner=of_filing), "repair.decide"
    )
    def decide(visit: Visit, number: int) -> Answer:
        desk, name = desk_of(console, visit, number)
        grant = chosen("outcome", DECISIONS) == "grant"
        tell(grant=grant)
        try:
            job = repairs.decide_repair(desk, name, grant=grant, texts=texts())
        except HubError as error:
            if error.issue.code not in ("answer_missing", "answer_private", "repair_condition"):
                raise
            console.note_refusal("repair.decide", error.issue)
            return shown(console, visit, number, error.issue), 409
        return answered(console, number, job)


def chosen(name: str, known: tuple[str, ...]) -> str:
    """What a form says; raises Misdeclared (outcome_unknown) for what it can't say."""
    value = request.form.get(name, "")
    if value not in known:
        raise Misdeclared(
            Issue("outcome_unknown", value=value, params={"known": ", ".join(known)})
        )
    return value
