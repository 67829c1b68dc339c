"""`hub analysis`: what is computed from the records."""

from __future__ import annotations

from dataclasses import asdict

import click

from exchange_schemas.days import today
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.cli.shown_analyses import show_computed


@click.group()
def analysis() -> None:
    """What is computed from the records of other datasets."""


@analysis.command("list")
@JSON
@click.pass_obj
def listed(session: Session, as_json: bool) -> None:
    """The analyses, when each was computed and what it found.

    \b
    Example:
      hub analysis list
    """
    from hub.analysis.overview import overview  # keeps `hub --help` quick

    with session.engine().connect() as connection:
        found = overview(session.site(), connection, today())
    if as_json:
        show_json([{**asdict(one), "analysis": one.analysis.name} for one in found])
        return
    rows = [
        (
            one.analysis.name,
            session.text(one.analysis.title),
            one.day,
            one.seconds,
            *(
                sum(count[word] for count in (one.counts or {}).values())
                for word in ("read", "rejected")
            ),
            session.text("due" if one.due else "up to date"),
        )
        for one in found
    ]
    columns = ("Analysis", "Title", "Day", "Seconds", "Results", "Rejected", "State")
    show_table(session, columns, rows)


@analysis.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@JSON
@click.pass_obj
def run(session: Session, names: tuple[str, ...], as_json: bool) -> None:
    """Compute some analyses, or all that are due, and put the results into the ledger.

    \b
    Example:
      hub analysis run
    """
    from hub.analysis.analyses import find
    from hub.analysis.work import KIND
    from hub.work import work_now

    for name in names:
        find(name)
    engine = session.engine()
    with terminal(session, "Analyses") as progress:
        arguments = {"names": list(names)}
        found = work_now(session.site(), engine, KIND, arguments, progress, topic=KIND)
    if as_json:
        show_json(found)
        return
    show_computed(session, found)
