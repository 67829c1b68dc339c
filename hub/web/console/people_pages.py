"""Who may do what, for the security administrator: roles by department, and the three offices."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import request

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.accounts import account
from hub.accounts.account import Account
from hub.accounts.offices import OFFICES
from hub.accounts.seen import open_sessions
from hub.audit.acting import tell
from hub.database import look, write
from hub.states import ROLES
from hub.web.console.accounts_pages import not_own
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.policy import SECURITY_ONLY
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit


def add_people(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_pages(console)
    _add_roles(console)
    _add_office(console)


def _add_pages(console: Console) -> None:
    @console.page("/people", SECURITY_ONLY)
    def matrix(_visit: Visit) -> Answer:
        with look(console.engine) as connection:
            known = {one.person: one for one in account.accounts(connection)}
            granted = people.roles(connection)
        rows = {name: Row(name, one) for name, one in known.items() if one.is_open}
        for one in granted:  # also of who has roles by the command line and no account
            row = rows.setdefault(one.person, Row(one.person, known.get(one.person)))
            row.cells.setdefault(one.role, []).append(one.department)
        return page("people.html", rows=list(rows.values()), roles=ROLES, offices=OFFICES)

    @console.page("/people/<person>", SECURITY_ONLY)
    def show(visit: Visit, person: str) -> Answer:
        with look(console.engine) as connection:
            found = account.find(connection, person)
            granted = [one for one in people.roles(connection) if one.person == person]
            sessions = open_sessions(connection, person)
        if found is None and not granted:
            raise Misdeclared(Issue("account_unknown", value=person[:64]))
        departments = list(load_codes("departments").codes)
        values = {"person": person, "account": found, "granted": granted, "sessions": sessions}
        own = visit.person == person
        return page(
            "person.html", departments=departments, roles=ROLES, offices=OFFICES, own=own, **values
        )


def _add_roles(console: Console) -> None:
    @console.act("/people/<person>/grant", SECURITY_ONLY, "role.grant")
    def grant(visit: Visit, person: str) -> Answer:
        not_own(visit, person)
        roles = [role for role in request.form.getlist("role") if role in ROLES]
        department = request.form.get("department", "")
        if not roles:
            words = {"known": ", ".join(ROLES)}
            raise Misdeclared(Issue("role_unknown", value="", params=words))
        tell(roles=roles, department=department[:64])
        with write(console.engine) as connection:
            if not account.get(connection, person).is_open:
                raise Refused(Issue("account_closed", value=person))
            for role in roles:
                people.grant(connection, person, department, role, visit.person)
        say(speech(console).text("Granted."))
        return see("people_pages.show", person=person)

    @console.act("/people/<person>/revoke", SECURITY_ONLY, "role.revoke")
    def revoke(visit: Visit, person: str) -> Answer:
        not_own(visit, person)
        role, department = (request.form.get(name, "")[:64] for name in ("role", "department"))
        tell(roles=[role], department=department)
        with write(console.engine) as connection:
            people.revoke(connection, person, department, role, visit.person)
        say(speech(console).text("Taken away from now on; what was decided stays decided."))
        return see("people_pages.show", person=person)


def _add_office(console: Console) -> None:
    @console.act("/people/<person>/appoint", SECURITY_ONLY, "office.appoint")
    def appoint(visit: Visit, person: str) -> Answer:
        office = request.form.get("office", "")
        tell(office=office[:16] or "-")
        with write(console.engine) as connection:
            account.appoint(connection, person, office or None, visit.person)
        say(speech(console).text("The office is as you said; the person has to sign in again."))
        return see("people_pages.show", person=person)


@dataclass
class Row:
    """A line of the matrix: role → the departments for which the person has it."""

    person: str
    account: Account | None
    cells: dict[str, list[str]] = field(default_factory=dict)
