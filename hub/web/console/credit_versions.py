"""Versions of the credit indicators: which holds, proposals, what each would change, and the second signature."""

from __future__ import annotations

from datetime import date

from flask import request
from sqlalchemy import select

from exchange_schemas.credit_rules import load_rules
from exchange_schemas.days import today
from exchange_schemas.errors import HubError, Misdeclared
from exchange_schemas.issue import Issue
from hub.analysis.asking import ask_for
from hub.audit.acting import tell
from hub.credit import versions, what_if_job
from hub.credit.people import OFFICE
from hub.credit.tables import credit_version
from hub.credit.versions import Proposal
from hub.database import write
from hub.states import APPROVER, REVIEWER
from hub.web.console.after_acts import hint
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.credit import csv
from hub.web.console.owners import of_office
from hub.web.console.policy import STAFF, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

DECIDERS = of_roles(APPROVER, owner=of_office(OFFICE))
PROPOSERS = of_roles(REVIEWER, APPROVER, owner=of_office(OFFICE))
LARGEST = 2**31 - 1  # of an Integer column


def add_credit_versions(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_pages(console)
    _add_proposing(console)
    _add_deciding(console)


def _add_pages(console: Console) -> None:
    @console.page("/credit/versions", STAFF)
    def listing(visit: Visit) -> Answer:
        return _listing(console, visit, None)

    @console.page("/credit/versions/<int:number>", STAFF)
    def show(visit: Visit, number: int) -> Answer:
        with console.engine.connect() as connection:
            text = versions.text_of(connection, _known(number))
            query = select(credit_version).where(credit_version.c.id == number)
            row = connection.execute(query).mappings().one()
            now, last = (
                versions.in_force(connection, today()),
                what_if_job.last(connection, number),
            )
        may = OFFICE in visit.departments(APPROVER)
        return page(
            "credit_version.html", row=row, text=text, rules=load_rules(text), now=now, last=last,
            may_decide=may, may_ask=OFFICE in visit.departments(APPROVER, REVIEWER),
            today=today().isoformat(),
        )  # fmt: skip

    @console.page("/credit/versions/<int:number>/changes.csv", STAFF)
    def changes(_visit: Visit, number: int) -> Answer:
        found = what_if_job.changed(console.site, _known(number))
        return csv(found, f"credit-version-{number}.csv")


def _listing(console: Console, visit: Visit, issue: Issue | None) -> str:
    with console.engine.connect() as connection:
        now, rows = versions.in_force(connection, today()), versions.listing(connection)
    may = OFFICE in visit.departments(APPROVER, REVIEWER)
    return page(
        "credit_versions.html", now=now, rows=rows, may_propose=may, issue=issue,
        own=_own(console), given=request.form, today=today().isoformat(),
    )  # fmt: skip


def _own(console: Console) -> list[str]:
    """The site's own files."""
    folder = console.site.credit
    return sorted(path.name for path in folder.glob("*.yml")) if folder.is_dir() else []


def _add_proposing(console: Console) -> None:
    @console.act("/credit/versions", PROPOSERS, "credit.propose")
    def propose(visit: Visit) -> Answer:
        try:
            one = _proposal(console)
            with write(console.engine) as connection:
                number = versions.propose(connection, console.catalogue(), one, visit.person)
                tell(version=number)
        except HubError as error:
            console.note_refusal("credit.propose", error.issue)
            return _listing(console, visit, error.issue), 400
        say(
            speech(console).text(
                "Proposed. See what it would change; another person activates it."
            )
        )
        return see("credit_versions.show", number=number)

    @console.act("/credit/versions/<int:number>/what-if", PROPOSERS, "credit.what_if")
    def what_if(_visit: Visit, number: int) -> Answer:
        tell(version=number)
        with write(console.engine) as connection:
            made = what_if_job.ask(connection, _known(number), _day("day"))
        hint(console, made)
        say(speech(console).text("A worker finds it out now; open this page again for it."))
        return see("credit_versions.show", number=number)


def _proposal(console: Console) -> Proposal:
    upload, name = request.files.get("file"), request.form.get("own", "")
    if upload is not None and upload.filename:
        text, file = upload.read().decode("utf-8-sig", errors="replace"), upload.filename[-80:]
    elif name in _own(console):
        text, file = (console.site.credit / name).read_text(encoding="utf-8-sig"), name
    else:
        raise Misdeclared(Issue("field_wanted", value="file"))
    return Proposal(text, file, _day("holds_from"), request.form.get("reason", ""))


def _add_deciding(console: Console) -> None:
    @console.act("/credit/versions/<int:number>/activate", DECIDERS, "credit.activate")
    def activate(visit: Visit, number: int) -> Answer:
        tell(version=number)
        with write(console.engine) as connection:
            row = versions.activate(connection, _known(number), visit.person)
            made = ask_for(connection, "credit")
        hint(console, made)
        words = {"version": row["version"], "day": row["holds_from"]}
        say(speech(console).text("Version {version} holds from {day} on.", **words))
        return see("credit_versions.listing")

    @console.act("/credit/versions/<int:number>/refuse", DECIDERS, "credit.refuse")
    def refuse(visit: Visit, number: int) -> Answer:
        tell(version=number)
        with write(console.engine) as connection:
            reason = request.form.get("reason", "")
            versions.refuse(connection, _known(number), visit.person, reason)
        say(speech(console).text("Proposal {number} was refused.", number=number))
        return see("credit_versions.listing")


def _known(number: int) -> int:
    if number > LARGEST:
        raise Misdeclared(Issue("credit_version_unknown", value=str(number)))
    return number


def _day(name: str) -> date:
    told = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(told) if told else today()
    except ValueError:
        raise Misdeclared(Issue("day_wanted", value=told[:20])) from None
