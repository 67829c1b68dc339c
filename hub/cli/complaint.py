"""`hub complaint`: tickets of the complaint platform, routed, watched over, and answered."""

from __future__ import annotations

from typing import Any

import click

from hub.between_work import KIND
from hub.cli.chosen import AS, JSON, named
from hub.cli.complaint_acts import add_acts
from hub.cli.complaint_decisions import add_decisions
from hub.cli.complaint_efficiency import efficiency
from hub.cli.complaint_found import add_found
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.complaints import acting, returns, sample, showing
from hub.complaints.efficiency_words import ACTS, TERMS, TITLES
from hub.complaints.people import clerk
from hub.complaints.states import OPEN, STATES
from hub.database import write
from hub.terms import shown as shown_time
from hub.work import work_now


@click.group()
def complaint() -> None:
    """Complaints and reports (12345/12315): to departments, on time, and back to the platform."""


@complaint.command()
@JSON
@click.pass_obj
def route(session: Session, as_json: bool) -> None:
    """Route new tickets, remind and escalate; the worker does it by itself after each delivery.

    \b
    Example:
      hub complaint route
    """
    site = session.site()
    engine = session.engine()
    done = work_now(site, engine, KIND, {}, topic=KIND)
    if as_json:
        show_json(done)
        return
    text = session.text("Taken: {taken}, routed: {routed}, for the dispatcher: {unrouted}")
    click.echo(text.format(**done["complaints"]))


@complaint.command("sample")
@JSON
@click.pass_obj
def sample_tickets(session: Session, as_json: bool) -> None:
    """Copy six invented tickets and their feed into the site, to try routing with.

    \b
    Example:
      hub complaint sample
    """
    place = sample.copy_sample(session.site())
    if as_json:
        show_json({"feed": str(place)})
        return
    click.echo(session.text("Written: {file}").format(file=place))


@complaint.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only this state."
)
@click.option("--after", default="", help="Go on behind this ticket.")
@AS
@JSON
@click.pass_obj
def list_tickets(
    session: Session, states: tuple[str, ...], after: str, actor: str | None, as_json: bool
) -> None:
    """The tickets that you handle, dispatch or supervise; without --state those that are open.

    \b
    Example:
      hub complaint list --state unrouted --as huang
    """
    engine = session.engine()
    with engine.connect() as connection:
        one = clerk(connection, named(actor))
        found = showing.listing(connection, one, states or OPEN, after)
    _show(session, found, as_json, "Tickets")


def _show(session: Session, found: list[dict[str, Any]], as_json: bool, title: str) -> None:
    if as_json:
        show_json(found)
        return
    rows = [
        (row["ticket_no"], row["kind"], _state(session, row["state"]), row["department"],
         row["due_at"] and shown_time(row["due_at"]), session.text("overdue") if row["overdue"] else "",
         ", ".join(session.text(TITLES[f"why_{why}"]) for why in row.get("why", ())))
        for row in found
    ]  # fmt: skip
    columns = ("Ticket", "Kind", "State", "Department", "Due", "Late", "Why")
    show_table(session, columns, rows, title)


@complaint.command()
@click.argument("ticket")
@AS
@JSON
@click.pass_obj
def show(session: Session, ticket: str, actor: str | None, as_json: bool) -> None:
    """A ticket with its steps and terms. Who reported, and what they wrote, stays sealed.

    \b
    Example:
      hub complaint show MM12345202611230001 --as zhao
    """
    site = session.site()
    engine = session.engine()
    with write(engine) as connection:
        row = acting.find(connection, clerk(connection, named(actor)), ticket)
        shown = showing.show(connection, site.catalogue(), row)
    if as_json:
        show_json(shown)
        return
    facts = [(name, shown[name]) for name in showing.LISTED] + list(shown["record"].items())
    facts += [("parts", ", ".join(shown["parts"]))] if shown["parts"] else []
    show_table(session, ("Field", "Value"), dict(facts).items(), "Ticket")
    steps = [(shown_time(s["at"]), session.text(ACTS[s["act"]]), _state(session, s["state"]), s["department"], s["actor"],
              s["reason"]) for s in shown["steps"]]  # fmt: skip
    columns = ("At", "Act", "State", "Department", "Who", "Why")
    show_table(session, columns, steps, "Steps")
    terms = [
        (
            session.text(TERMS.get(t["term"], t["term"])),
            shown_time(t["due_at"]),
            t["met_at"] and shown_time(t["met_at"]),
            t["rule"],
        )
        for t in shown["terms"]
    ]
    show_table(session, ("Term", "Due", "Met", "Rule"), terms, "Terms")


@complaint.command()
@AS
@JSON
@click.pass_obj
def supervision(session: Session, actor: str | None, as_json: bool) -> None:
    """The supervision list: overdue, handed back too often, repeated, or put there by hand.

    \b
    Example:
      hub complaint supervision --as liu
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = showing.supervised(connection, clerk(connection, named(actor)))
    _show(session, found, as_json, "Supervision list")


@complaint.command("returns")
@click.option("--after", default=0, type=click.IntRange(0), help="Go on behind this number.")
@click.option(
    "--limit",
    default=200,
    show_default=True,
    type=click.IntRange(1, 5000),
    help="How many at most.",
)
@JSON
@click.pass_obj
def returned(session: Session, after: int, limit: int, as_json: bool) -> None:
    """What goes back to the platform, and whether it has come.

    \b
    Example:
      hub complaint returns --json
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = returns.page(connection, after, limit)
    if as_json:
        show_json(found)
        return
    rows = [(r["seq"], r["ticket_no"], session.text(ACTS[r["act"]]), r["on"], r["received_at"], r["refused"])
            for r in found]  # fmt: skip
    columns = ("No.", "Ticket", "Act", "On", "Received", "Refused because")
    show_table(session, columns, rows, "Returned to the platform")


def _state(session: Session, state: str) -> str:
    return session.text(TITLES[f"state_{state}"])


add_acts(complaint)
add_found(complaint)
add_decisions(complaint)
complaint.add_command(efficiency)
