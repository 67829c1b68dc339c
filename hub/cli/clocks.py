"""`hub clocks`: by when and until when records have to be public, and the law that says so."""

from __future__ import annotations

import click

from exchange_schemas.days import today
from exchange_schemas.law_check import check_law, law_issues
from hub import clock_days
from hub.cli.chosen import JSON, known
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.cli.progress import terminal
from hub.cli.words import state_name
from hub.work import work_now


@click.group()
def clocks() -> None:
    """Days that the law sets: publish by, public until; the rules and the calendar behind them."""


@clocks.command()
@click.argument("dataset", required=False)
@click.option("--days", default=7, show_default=True, help="How far to look ahead.")
@click.option("--most", default=100, show_default=True, help="How many at the most.")
@JSON
@click.pass_obj
def due(session: Session, dataset: str | None, days: int, most: int, as_json: bool) -> None:
    """What has to be published, and what ends, the most urgent first.

    \b
    Example:
      hub clocks due administrative_penalty --days 3
    """
    if dataset:
        known(session, dataset)
    with session.engine().connect() as connection:
        found = clock_days.due(connection, dataset, days, most)
    if as_json:
        show_json(found)
        return
    names = ("dataset", "record_id", "department", "state", "clock", "day", "late", "rule")
    rows = [
        tuple(
            {
                **one,
                "state": state_name(session, one["state"]),
                "clock": session.text(str(one["clock"])),
            }[n]
            for n in names
        )
        for one in found
    ]
    columns = ("Dataset", "Record", "Department", "State", "Clock", "Day", "Days late", "Rule")
    show_table(session, columns, rows, "Due")


@clocks.command()
@JSON
@click.pass_obj
def check(session: Session, as_json: bool) -> None:
    """Whether the rules, the settings and the calendar in force here are sound.

    \b
    Example:
      hub clocks check
    """
    catalogue = session.catalogue()
    law = catalogue.law()
    standards = [catalogue.get(name) for name in catalogue.datasets()]
    found = [*check_law(law, standards), *law_issues(law, today())]
    if as_json:
        show_json({"law": law.name, "issues": [issue_json(issue) for issue in found]})
        return
    click.echo(f"{session.text('Law in force')}: {law.name}")
    show_issues(found)


@clocks.command()
@click.argument("dataset")
@JSON
@click.pass_obj
def recompute(session: Session, dataset: str, as_json: bool) -> None:
    """Work out all days of a dataset anew, for example after a setting was changed.

    \b
    Example:
      hub clocks recompute administrative_penalty
    """
    engine = session.engine()
    standard = session.catalogue().get(dataset)
    with terminal(session, dataset) as progress:
        changed = clock_days.recompute(engine, session.catalogue(), standard, progress.rows)
    if as_json:
        show_json({"changed": changed})
    else:
        click.echo(session.text("Changed: {count}").format(count=changed))


@clocks.command()
@JSON
@click.pass_obj
def sweep(session: Session, as_json: bool) -> None:
    """End what is over today, and publish what begins or has left; a worker does it by itself.

    \b
    Example:
      hub clocks sweep
    """
    site = session.site()
    done = work_now(site, session.engine(), "sweep", {})
    if as_json:
        show_json(done)
        return
    rows = [(name, told["expired"], told["release"] or "") for name, told in done.items()]
    show_table(session, ("Dataset", "Ended", "Release"), rows, "Sweep")
