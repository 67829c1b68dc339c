"""`hub scoreboard`: how timely and how well departments report and disclose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import polars as pl
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.figures import CSV, FIRST, LAST, MONTH, PUBLIC, say_pages
from hub.cli.output import show_json, show_table
from hub.months import month_of
from hub.occurrences import SOURCES
from hub.scope import Scope
from hub.scope import scope as scoped
from hub.scoreboard import board
from hub.scoreboard_file import write_csv
from hub.scoreboard_lists import causes, overdue_records, records
from hub.scoreboard_public import for_public
from hub.scoreboard_words import dataset_names, department_names, shown_rate
from hub.web.scoreboard_site import write_site

SHOWN = (
    "reporting_rate", "compliance_rate", "timeliness_rate", "overdue", "silent", "nil_reports",
    "rejected", "corrected_rows",
)  # fmt: skip


@click.command()
@click.option("--month", metavar=MONTH, help="One month; without it and --from, this one.")
@FIRST
@LAST
@click.option("--department", help="Code of one department.")
@click.option("--dataset", help="Name of one dataset.")
@click.option(
    "--records",
    "measure",
    metavar="MEASURE",
    help="List the ids behind a number instead, e.g. overdue, late, rejected, withdrawn.",
)
@click.option("--after", default="", help="With --records: go on behind this id.")
@click.option(
    "--limit",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="How many ids at most.",
)
@PUBLIC
@CSV
@click.option(
    "--site",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write it as pages for staff into a folder, with the records behind the numbers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def scoreboard(session: Session, /, **told: Any) -> None:
    """Reporting, compliance and timeliness rates by department, dataset and month.

    \b
    Example:
      hub scoreboard --from 2026-01 --to 2026-03 --site ./scoreboard
    """
    _check(told)
    catalogue = session.catalogue()
    engine = session.engine()
    asked = _scope(engine, catalogue, told)
    if told["measure"]:
        _show_records(session, engine, asked, told)
    elif told["folder"]:
        _write_pages(session, engine, catalogue, asked, told)
    else:
        _show_board(session, engine, catalogue, asked, told)


def _check(told: dict[str, Any]) -> None:
    """Raises Misdeclared (measure_unknown), Refused (scoreboard_no_records)."""
    measure = told["measure"]
    if measure and measure not in SOURCES:
        words = {"known": ", ".join(SOURCES)}
        raise Misdeclared(Issue("measure_unknown", value=measure, params=words))
    if told["public"] and (measure or told["folder"]):
        raise Refused(Issue("scoreboard_no_records", value="--records, --site"))
    if told["month"] and (told["first"] or told["last"]):
        raise click.UsageError("give --month, or --from and --to")


def _scope(engine: Engine, catalogue: Catalogue, told: dict[str, Any]) -> Scope:
    on = today()
    last = told["month"] or told["last"] or month_of(on)
    first = told["month"] or told["first"] or last
    with engine.connect() as connection:
        return scoped(connection, catalogue, on, first, last, told["dataset"], told["department"])


def _show_records(session: Session, engine: Engine, asked: Scope, told: dict[str, Any]) -> None:
    with engine.connect() as connection:
        found = records(connection, asked, told["measure"], told["after"], told["limit"])
    if told["as_json"]:
        show_json({"measure": told["measure"], "records": found})
        return
    show_table(session, ("Record",), [(one,) for one in found], "Records")


def _write_pages(
    session: Session, engine: Engine, catalogue: Catalogue, asked: Scope, told: dict[str, Any]
) -> None:
    folder = told["folder"]
    with engine.connect() as connection:
        pages = write_site(connection, catalogue, asked, folder, session.place())
    say_pages(session, folder, pages, as_json=told["as_json"])


def _show_board(
    session: Session, engine: Engine, catalogue: Catalogue, asked: Scope, told: dict[str, Any]
) -> None:
    with engine.connect() as connection:
        frame = board(connection, catalogue, asked)
    shown = for_public(frame) if told["public"] else frame
    if told["file"]:
        write_csv(shown, catalogue, told["file"], session.locale)
    if told["as_json"]:
        more = {} if told["public"] else _details(engine, asked, told["limit"])
        words = {"on": asked.on, "months": asked.months}
        show_json({**words, "board": shown.to_dicts(), **more})
    elif told["file"]:
        click.echo(session.text("Written: {file}").format(file=told["file"]))
    else:
        _show_rows(session, catalogue, shown)


def _details(engine: Engine, asked: Scope, limit: int) -> dict[str, Any]:
    with engine.connect() as connection:
        why = causes(connection, asked)
        late = overdue_records(connection, asked, limit)
    return {"causes": why.to_dicts(), "overdue": late.to_dicts()}


def _show_rows(session: Session, catalogue: Catalogue, frame: pl.DataFrame) -> None:
    place = 0 if session.locale == "zh_CN" else 1
    columns = (
        "Department", "Dataset", "Month", "Reporting rate", "Compliance rate", "Timeliness rate",
        "Overdue", "Reports missing", "Nil reports", "Rows rejected", "Rows corrected",
    )  # fmt: skip
    rows = [
        (
            department_names(row["department"])[place],
            dataset_names(catalogue, row["dataset"])[place],
            row["month"],
            *(shown_rate(row[name]) for name in SHOWN[:3]),
            *(row[name] for name in SHOWN[3:]),
        )
        for row in frame.rows(named=True)
    ]
    show_table(session, columns, rows, "Scoreboard")
