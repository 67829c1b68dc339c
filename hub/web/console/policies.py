"""Policies: by which rules the hub approves by itself, and the two people who sign each."""

from __future__ import annotations

from datetime import date

from flask import g, request, url_for

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import ledger, policies
from hub.audit.acting import tell
from hub.database import look, write
from hub.states import APPROVER, REVIEWER
from hub.web.console.conditions import ROWS, condition_of, fields_to_ask, in_words
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.owners import of_policy
from hub.web.console.policy import STAFF, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

_LONGEST = 1_000  # characters of a reason or a legal basis


def add_policies(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_list(console)
    _add_proposing(console)
    _add_signing(console)


def _add_list(console: Console) -> None:
    @console.page("/policies", STAFF)
    def listing(visit: Visit) -> Answer:
        catalogue, told = console.catalogue(), speech(console)
        mine = visit.departments()
        with look(console.engine) as connection:
            found = policies.list_policies(connection)
        rows = [
            {
                **one,
                "words": in_words(catalogue.get(one["dataset"]), one["condition"], told.chinese),
            }
            for one in found
            if one["department"] in mine and one["dataset"] in catalogue.datasets()
        ]
        return page("policies.html", rows=rows, today=today().isoformat())


def _add_proposing(console: Console) -> None:
    @console.page("/policies/new", of_roles(REVIEWER))
    def new(visit: Visit) -> Answer:
        return _form(console, visit, None)

    @console.act("/policies/new", of_roles(REVIEWER), "policy.propose")
    def propose(visit: Visit) -> Answer:
        form = request.form
        standard = console.catalogue().get(form.get("of", ""))
        tell(dataset=standard.dataset, department=form.get("department", "")[:64])
        try:
            condition = condition_of(standard, form)
            proposal = policies.Proposal(
                standard.dataset, form.get("department", ""), condition, _text("reason"),
                _text("basis"), _day("begin") or today(), _day("end"),
            )  # fmt: skip
        except Misdeclared as error:
            console.note_refusal("policy.propose", error.issue)
            return _form(console, visit, error.issue), 400
        with write(console.engine) as connection:
            policies.propose(connection, standard, proposal, visit.person)
        say(speech(console).text("Proposed: another person has to sign it."))
        return see("policies.listing")


def _form(console: Console, visit: Visit, issue: Issue | None) -> str:
    catalogue, given = console.catalogue(), {**request.args, **request.form}
    name = given.get("of", "")
    standard = catalogue.get(name) if name in catalogue.datasets() else None
    return page(
        "policy_new.html",
        given=given,
        issue=issue,
        standard=standard,
        fields=fields_to_ask(standard) if standard else [],
        datasets=[n for n in catalogue.datasets() if catalogue.get(n).public],
        departments=sorted(visit.departments(REVIEWER)),
        rows=range(1, ROWS + 1),
        today=today().isoformat(),
    )


def _add_signing(console: Console) -> None:
    policy = of_roles(APPROVER, owner=of_policy)

    @console.act("/policies/<int:number>/sign", policy, "policy.sign")
    def sign(visit: Visit, number: int) -> Answer:
        g.back = url_for("policies.listing")
        tell(policy=number)
        catalogue = console.catalogue()
        with write(console.engine) as connection:
            policies.approve_policy(connection, number, visit.person)
            [name] = [
                o["dataset"] for o in policies.list_policies(connection) if o["id"] == number
            ]
            place = ledger.dataset_id(connection, name)
            done = policies.apply_policies(
                connection, catalogue, catalogue.get(name), place, today()
            )
        say(speech(console).text("In force. Approved now: {done} records.", done=f"{done:,}"))
        return see("policies.listing")

    @console.act("/policies/<int:number>/end", policy, "policy.end")
    def end(visit: Visit, number: int) -> Answer:
        g.back = url_for("policies.listing")
        tell(policy=number)
        with write(console.engine) as connection:
            policies.end_policy(connection, number, visit.person)
        say(speech(console).text("Ended: it approves nothing more."))
        return see("policies.listing")


def _text(name: str) -> str:
    told = request.form.get(name, "").strip()[:_LONGEST]
    if not told:
        raise Misdeclared(Issue("field_wanted", value=name))
    return told


def _day(name: str) -> date | None:
    told = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise Misdeclared(Issue("day_wanted", value=told[:20])) from None
