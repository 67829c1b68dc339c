"""Appeals against what counts: the queue, one of them with its steps, taking one in, and deciding."""

from __future__ import annotations

from datetime import date

from flask import g, request, url_for

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.audit.acting import tell
from hub.credit import appeals
from hub.credit.explaining import find_contribution
from hub.credit.people import OFFICE
from hub.credit.tables import APPEAL_ACTS, APPEAL_STATES
from hub.database import write
from hub.states import APPROVER, HANDLER
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.owners import of_office
from hub.web.console.policy import STAFF, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

LARGEST = 2**31 - 1  # of an Integer column


def add_credit_appeals(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_pages(console)
    _add_acts(console)


def _add_pages(console: Console) -> None:
    @console.page("/credit/appeals", STAFF)
    def listing(_visit: Visit) -> Answer:
        state = request.args.get("state", "")
        chosen = state if state in APPEAL_STATES else None
        with console.engine.connect() as connection:
            rows = appeals.listing(connection, chosen)
        return page("credit_appeals.html", rows=rows, state=chosen, states=APPEAL_STATES)

    @console.page("/credit/appeals/<int:number>", STAFF)
    def show(visit: Visit, number: int) -> Answer:
        with console.engine.connect() as connection:
            row = appeals.find(connection, _known(number))
            steps = appeals.steps(connection, number)
        may = OFFICE in visit.departments(APPROVER) and steps[0]["actor"] != visit.person
        acts = [act for act, (sources, _) in APPEAL_ACTS.items() if row["state"] in sources]
        return page("credit_appeal.html", row=row, steps=steps, acts=acts if may else [])


def _add_acts(console: Console) -> None:
    @console.act(
        "/credit/<credit_subject>/appeals",
        of_roles(HANDLER, owner=of_office(OFFICE)),
        "credit.appeal",
    )
    def take(visit: Visit, credit_subject: str) -> Answer:
        g.back = url_for("credit.subject", credit_subject=credit_subject)
        form, catalogue = request.form, console.catalogue()
        with console.engine.connect() as connection:
            line = find_contribution(
                console.site, connection, catalogue, credit_subject, form.get("line", "")
            )
        claim = appeals.Claim(
            credit_subject, line.dataset, line.key, line.indicator, form.get("claimant", ""),
            form.get("disputed", ""), form.get("evidence", ""),
        )  # fmt: skip
        with write(console.engine) as connection:
            number = appeals.take(connection, catalogue.law().calendar, claim, visit.person)
            tell(appeal=number)
        say(speech(console).text("The appeal was taken in; another person decides it."))
        return see("credit_appeals.show", number=number)

    @console.act(
        "/credit/appeals/<int:number>/decide",
        of_roles(APPROVER, owner=of_office(OFFICE)),
        "credit.decide",
    )
    def decide(visit: Visit, number: int) -> Answer:
        g.back = url_for("credit_appeals.show", number=number)
        act, calendar = request.form.get("act", ""), console.catalogue().law().calendar
        if act not in APPEAL_ACTS:
            words = {"known": ", ".join(APPEAL_ACTS)}
            raise Misdeclared(Issue("act_unknown", value=act[:32], params=words))
        tell(appeal=number, decision=act)
        reason, until = request.form.get("reason", ""), _until() if act == "exclude" else None
        with write(console.engine) as connection:
            appeals.decide(connection, calendar, _known(number), act, visit.person, reason, until)
        say(speech(console).text("Decided; the next computing takes it in."))
        return see("credit_appeals.show", number=number)


def _known(number: int) -> int:
    if number > LARGEST:
        raise Misdeclared(Issue("credit_appeal_unknown", value=str(number)))
    return number


def _until() -> date | None:
    told = request.form.get("until", "").strip()
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise Misdeclared(Issue("day_wanted", value=told[:20])) from None
