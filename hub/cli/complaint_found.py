"""`hub complaint`: what is found in tickets — hot spots, groups, statistics — and what is suggested for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.cli.chosen import AS, JSON, named
from hub.cli.complaint_acts import TICKET
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.complaints.people import Clerk, clerk

PERIOD = click.option(
    "--period-to", metavar="YYYY-MM-DD", help="Last day of the four weeks; without it, the last."
)
MONTH = click.option("--month", metavar="YYYY-MM", help="The month; without it, the last.")


def add_found(group: click.Group) -> None:
    """Add them to the group."""
    for one in (hot_spots, groups, statistics, suggest, learn, mixed):
        group.add_command(one)


def staff(session: Session, actor: str | None) -> Clerk:
    """Who asks; raises Refused (complaint_staff_only)."""
    from hub.complaints.results import check_staff  # keeps `hub --help` quick

    with session.engine().connect() as connection:
        one = clerk(connection, named(actor))
    check_staff(one)
    return one


@click.command("hot-spots")
@PERIOD
@AS
@JSON
@click.pass_obj
def hot_spots(session: Session, period_to: str | None, actor: str | None, as_json: bool) -> None:
    """Categories, places and respondents with more tickets than usual, each with its tickets.

    \b
    Example:
      hub complaint hot-spots --as liu
    """
    from hub.complaints import results

    staff(session, actor)
    with session.engine().connect() as connection:
        found = results.hot_spots(session.site(), connection, session.catalogue(), period_to)
    if as_json:
        show_json(found)
        return
    rows = [
        (r["kind"], " / ".join(_cell(r)), r["observed"], r["expected"], r["q_value"][:8], len(r["usual"]),
         ", ".join(r["tickets"][:3]) + (" …" if len(r["tickets"]) > 3 else ""))
        for r in found
    ]  # fmt: skip
    columns = ("Kind of hot spot", "What or where", "Counted now", "Usual count", "False discovery rate",
               "Periods compared", "Tickets")  # fmt: skip
    show_table(session, columns, rows, "Hot spots")


def _cell(row: dict[str, Any]) -> list[str]:
    names = ("category", "category_code", "division_code", "respondent_name", "respondent_uscc")
    return [str(row[name]) for name in names if name in row]


@click.command()
@AS
@JSON
@click.pass_obj
def groups(session: Session, actor: str | None, as_json: bool) -> None:
    """Groups of tickets whose texts are nearly the same: numbers and similarities, no texts.

    \b
    Example:
      hub complaint groups --as liu
    """
    from hub.complaints import results

    staff(session, actor)
    with session.engine().connect() as connection:
        found = results.groups(session.site(), connection, session.catalogue())
    if as_json:
        show_json(found)
        return
    rows = [
        (r["group_no"], r["size"], r["representative"], min(r["similarities"]), r["first_received_on"],
         r["last_received_on"], ", ".join(r["tickets"][:5]))
        for r in found
    ]  # fmt: skip
    columns = ("Ticket group", "Number of tickets", "Representative", "Least alike", "Received first",
               "Received last", "Tickets")  # fmt: skip
    show_table(session, columns, rows, "Near-duplicate tickets")


@click.command()
@MONTH
@JSON
@click.pass_obj
def statistics(session: Session, month: str | None, as_json: bool) -> None:
    """The statistics of a month as they go to the public, without numbers below 5.

    \b
    Example:
      hub complaint statistics --month 2026-10
    """
    from hub.complaints import results

    with session.engine().connect() as connection:
        found = results.statistics(session.site(), connection, session.catalogue(), month)
    if as_json:
        show_json(found)
        return
    counts = ("received", "accepted", "closed", "on_time_rate", "mediation_success_rate")
    rows = [
        (
            r["period"],
            r["division_code"],
            r["dept"],
            r["category"],
            *(r.get(n, "–") for n in counts),
        )
        for r in found
    ]
    columns = ("Month", "Division", "Department", "Category", "Tickets received", "Tickets accepted",
               "Tickets closed", "On time %", "Mediated %")  # fmt: skip
    show_table(session, columns, rows, "Statistics on complaints")


@click.command()
@TICKET
@AS
@JSON
@click.pass_obj
def suggest(session: Session, ticket: str, actor: str | None, as_json: bool) -> None:
    """What is suggested for a ticket: its category, whether to split it, and tickets like it.

    \b
    Example:
      hub complaint suggest MM12345202611230001 --as zhao
    """
    from hub.complaints.suggestions import suggestions

    one = staff(session, actor)
    found = suggestions(session.site(), session.engine(), session.catalogue(), one, ticket)
    if as_json:
        show_json(found)
        return
    rows = [
        (session.text("Category"), s["category"], f"{s['confidence']:.0%}")
        for s in found["categories"]
    ]
    if found["split"]:
        told = found["split"]
        why = _why(session, told["demand"] + told["report"])
        rows.append((session.text("Split the ticket"), told["part"], why))
    if found["group"]:
        rows.append(
            (
                session.text("Ticket group"),
                found["group"]["group_no"],
                ", ".join(found["group"]["tickets"]),
            )
        )
    show_table(
        session,
        ("Matter of the suggestion", "Suggestion", "Why"),
        rows,
        "Suggestions; a person decides",
    )


@click.command()
@click.option(
    "--tree",
    type=click.Path(path_type=Path),
    help="Tree of categories: CSV with code and path.",
)
@JSON
@click.pass_obj
def learn(session: Session, tree: Path | None, as_json: bool) -> None:
    """Learn categories anew from the closed tickets and the tree; keeps numbers only, no text.

    \b
    Example:
      hub complaint learn --tree categories.csv
    """
    from hub.complaints.category_model import learn as learnt
    from hub.complaints.category_tree import read_tree
    from hub.complaints.suggesting import FEWEST

    rows = read_tree(tree) if tree else None
    with session.engine().connect() as connection:
        about = learnt(session.site(), connection, session.catalogue(), rows)
    if about is None:
        raise Refused(Issue("model_missing", params={"least": str(FEWEST)}))
    if as_json:
        show_json(about)
        return
    show_table(session, ("Field", "Value"), _flat(about).items(), "Model of categories")


def _flat(about: dict[str, Any]) -> dict[str, Any]:
    found = about["measured"] or {}
    return {name: value for name, value in about.items() if name != "measured"} | {
        name: round(value, 3) for name, value in found.items()
    }


@click.command()
@AS
@JSON
@click.pass_obj
def mixed(session: Session, actor: str | None, as_json: bool) -> None:
    """Open tickets that look like a complaint and a report in one, with the rules that say so.

    \b
    Example:
      hub complaint mixed --as huang
    """
    from hub.complaints.splitting import suggestions as found_mixed

    one = staff(session, actor)
    with session.engine().connect() as connection:
        found = found_mixed(session.site(), connection, session.catalogue(), one)
    if as_json:
        show_json(found)
        return
    rows = [
        (r["ticket_no"], r["kind"], r["part"], _why(session, r["demand"] + r["report"]))
        for r in found
    ]
    columns = ("Ticket", "Kind of ticket", "The other part", "Why")
    show_table(session, columns, rows, "Mixed tickets")


def _why(session: Session, rules: list[str]) -> str:
    """What the rules are called in the session's language."""
    from hub.complaints.mixed import titles

    place = 0 if session.locale == "zh_CN" else 1
    return ", ".join(title[place] for title in titles(rules))
