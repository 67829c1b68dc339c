"""Tickets of somebody's departments; of one, its terms and steps, what is suggested, and deciding on that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy import Connection, select

from hub.complaints import acting, showing, splitting
from hub.complaints.efficiency_words import ACTS, TERMS, TITLES
from hub.complaints.people import WATCHERS, clerk
from hub.complaints.routing import DATASET
from hub.complaints.suggestions import choose, suggestions
from hub.complaints.tables import complaint_ticket
from hub.database import write
from hub.states import APPROVER, HANDLER
from hub.terms import office
from hub.web.console.complaints import WATCHING
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import locale, say
from hub.web.console.policy import of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit


def of_ticket(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
    """The department that has a ticket, and those that watch over all; nobody where there is none."""
    mine = complaint_ticket.c.ticket_no == named["ticket"]
    row = connection.execute(select(complaint_ticket.c.department).where(mine)).one_or_none()
    if row is None:
        return frozenset()
    return frozenset({*WATCHERS, *([row.department] if row.department else [])})


TICKET = of_roles(HANDLER, APPROVER, owner=of_ticket)


def add_complaint_tickets(console: Console) -> None:
    """Put the pages and their acts on the console."""
    _add_pages(console)
    _add_acts(console)


def _add_pages(console: Console) -> None:
    @console.page("/complaints/tickets", WATCHING)
    def listing(visit: Visit) -> Answer:
        after = request.args.get("after", "")[:64]
        with console.engine.connect() as connection:
            found = showing.listing(connection, clerk(connection, visit.person), after=after)
        more = found[-1]["ticket_no"] if len(found) == showing.PAGE else None
        return page("complaint_tickets.html", tickets=found, more=more, titles=TITLES)

    @console.page("/complaints/tickets/<ticket>", TICKET)
    def show(visit: Visit, ticket: str) -> Answer:
        catalogue = console.catalogue()
        with write(console.engine) as connection:
            one = clerk(connection, visit.person)
            row = acting.find(connection, one, ticket)
            shown = showing.show(connection, catalogue, row)
        found = suggestions(console.site, console.engine, catalogue, one, ticket)
        fields = catalogue.get(DATASET).fields
        chinese = locale() == "zh_CN"
        titles = {
            name: field.title if chinese else field.title_en for name, field in fields.items()
        }
        return page(
            "complaint_ticket.html",
            ticket=shown,
            suggested=found,
            fields=titles,
            titles=TITLES,
            acts=ACTS,
            terms=TERMS,
            place=0 if chinese else 1,
        )


def _add_acts(console: Console) -> None:
    @console.act("/complaints/tickets/<ticket>/split", TICKET, "complaint.split")
    def split(visit: Visit, ticket: str) -> Answer:
        with console.engine.connect() as connection:
            one = clerk(connection, visit.person)
        form = request.form
        at = office(console.site, console.engine)
        done = splitting.decide(at, one, ticket, form.get("choice", ""), form.get("reason", ""))
        told = speech(console)
        if done["part_no"]:
            say(told.text("The ticket is split; the other part is {part}.", part=done["part_no"]))
        else:
            say(told.text("The ticket stays whole."))
        return see("complaint_tickets.show", ticket=ticket)

    @console.act("/complaints/tickets/<ticket>/category", TICKET, "complaint.category")
    def categorise(visit: Visit, ticket: str) -> Answer:
        with console.engine.connect() as connection:
            one = clerk(connection, visit.person)
        form = request.form
        code, reason = form.get("category", ""), form.get("reason", "")
        choose(console.site, console.engine, console.catalogue(), one, ticket, code, reason)
        say(speech(console).text("The category is noted."))
        return see("complaint_tickets.show", ticket=ticket)
