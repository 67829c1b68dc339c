"""Accounts, for the system administrator: made, invited again, closed. What they may do isn't decided here."""

from __future__ import annotations

from flask import request, url_for

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import HubError, Refused
from exchange_schemas.issue import Issue
from hub.accounts import account
from hub.accounts.invitation import LASTS_HOURS
from hub.audit.acting import tell
from hub.database import look, write
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.policy import SYSTEM_ONLY
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

_LONGEST = 64


def add_accounts(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_list(console)
    _add_account(console)


def _add_list(console: Console) -> None:
    @console.page("/accounts", SYSTEM_ONLY)
    def listing(_visit: Visit) -> Answer:
        return _listed(console, None)

    @console.act("/accounts", SYSTEM_ONLY, "account.make")
    def make(visit: Visit) -> Answer:
        person = request.form.get("person", "").strip().lower()[:_LONGEST]
        name = request.form.get("name", "").strip()[:_LONGEST]
        department = request.form.get("department") or None
        tell(person=person, department=department)
        try:
            with write(console.engine) as connection:
                token = account.make(connection, person, name, department, visit.person)
        except HubError as error:
            console.note_refusal("account.make", error.issue)
            return _listed(console, error.issue), 409
        return _invited(person, token)


def _add_account(console: Console) -> None:
    @console.page("/accounts/<person>", SYSTEM_ONLY)
    def show(_visit: Visit, person: str) -> Answer:
        with look(console.engine) as connection:
            found = account.get(connection, person)
        return page("account.html", account=found)

    @console.act("/accounts/<person>/invite", SYSTEM_ONLY, "account.invite")
    def invite(visit: Visit, person: str) -> Answer:
        not_own(visit, person)
        with write(console.engine) as connection:
            token = account.invite_again(connection, person)
        return _invited(person, token)

    @console.act("/accounts/<person>/close", SYSTEM_ONLY, "account.close")
    def close(visit: Visit, person: str) -> Answer:
        with write(console.engine) as connection:
            account.close(connection, person, visit.person)
        say(speech(console).text("Account {person} is closed.", person=person))
        return see("accounts_pages.listing")


def not_own(visit: Visit, person: str) -> None:
    """Raises Refused (own_account): another administrator has to do it."""
    if visit.person == person:
        raise Refused(Issue("own_account", value=person))


def _listed(console: Console, issue: Issue | None) -> str:
    with look(console.engine) as connection:
        found = account.accounts(connection)
    departments = list(load_codes("departments").codes)
    return page(
        "accounts.html", accounts=found, departments=departments, issue=issue, form=request.form
    )


def _invited(person: str, token: str) -> str:
    """The one page that shows an invitation: it is kept nowhere in a form that can be read."""
    address = url_for("entering.invited", token=token, _external=True)
    return page("account_invited.html", person=person, address=address, hours=LASTS_HOURS)
