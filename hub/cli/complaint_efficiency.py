"""`hub complaint efficiency`: how well departments handle tickets, for supervisors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import polars as pl

from exchange_schemas.days import today
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.figures import CSV, FIRST, LAST, PUBLIC, say_pages
from hub.cli.output import show_json, show_table
from hub.complaints import showing
from hub.complaints.efficiency import DAYS, GROUPS, for_public, summed
from hub.complaints.efficiency import efficiency as measured
from hub.complaints.efficiency_file import write_csv
from hub.complaints.efficiency_words import code_names, shown_days, titled
from hub.complaints.people import clerk
from hub.months import month_of
from hub.scoreboard_words import shown_rate
from hub.web.efficiency_site import write_site

TABLE = ("tickets", "open", "handed_back")  # of the counts; the file and JSON have all


@click.command()
@FIRST
@LAST
@click.option(
    "--by",
    "groups",
    multiple=True,
    type=click.Choice(GROUPS),
    help="By what it is added up; can be given several times.",
)
@PUBLIC
@CSV
@click.option(
    "--site",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write it as pages with charts into a folder, for supervisors only.",
)
@AS
@JSON
@click.pass_obj
def efficiency(session: Session, /, **told: Any) -> None:
    """On-time rate, days to decide and days to close, by department, division, category and month.

    \b
    Example:
      hub complaint efficiency --from 2026-09 --by department --by month --as liu
    """
    if told["public"] and told["folder"]:
        raise click.UsageError("--public and --site exclude each other")
    engine = session.engine()
    last = told["last"] or month_of(today())
    months = (told["first"] or last, last)
    with engine.connect() as connection:
        one = clerk(connection, named(told["actor"]))
        if not one.supervises:
            raise Refused(Issue("supervisor_only", value=told["actor"]))
        rows = measured(connection, *months)
        listed = showing.supervised(connection, one) if told["folder"] else []
    if told["folder"]:
        pages = write_site(rows, listed, months, told["folder"], session.place())
        say_pages(session, told["folder"], pages, as_json=told["as_json"])
        return
    by = tuple(told["groups"]) or ("department",)
    frame = summed(rows, by)
    _show(session, for_public(frame, by) if told["public"] else frame, by, months, told)


def _show(
    session: Session,
    frame: pl.DataFrame,
    by: tuple[str, ...],
    months: tuple[str, str],
    told: dict[str, Any],
) -> None:
    if told["file"]:
        write_csv(frame, by, told["file"], session.locale)
    if told["as_json"]:
        show_json({"from": months[0], "to": months[1], "by": by, "rows": frame.to_dicts()})
    elif told["file"]:
        click.echo(session.text("Written: {file}").format(file=told["file"]))
    else:
        _table(session, frame, by)


def _table(session: Session, frame: pl.DataFrame, by: tuple[str, ...]) -> None:
    place = 0 if session.locale == "zh_CN" else 1
    shown = (*by, *TABLE, "on_time_rate", *DAYS)
    columns = [titled(name)[1] for name in shown]
    rows = [
        (
            *(code_names(name, row[name])[place] for name in by),
            *(row[name] for name in TABLE),
            shown_rate(row["on_time_rate"]),
            *(shown_days(row[name]) for name in DAYS),
        )
        for row in frame.rows(named=True)
    ]
    show_table(session, columns, rows, "Handling of complaints and reports")
