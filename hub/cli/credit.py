"""`hub credit`: classes of market subjects, why, and what another version would change."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange_schemas.days import today
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.credit_appeal import appeal
from hub.cli.credit_versions import add_versions, rules_of_file
from hub.cli.output import show_json, show_table

if TYPE_CHECKING:
    from hub.credit.explaining import Explained
    from hub.credit.what_if import WhatIf

MOST = 20  # changes that are shown


@click.group()
def credit() -> None:
    """Credit classes and early warnings: who is in which class and why, appeals, versions."""


@credit.command()
@click.argument("subject")
@JSON
@click.pass_obj
def show(session: Session, subject: str, as_json: bool) -> None:
    """A subject's score and class, every record that counts, its warnings and appeals.

    \b
    Example:
      hub credit show 91440902MA0000001X
    """
    from hub.credit.explaining import explain  # keeps `hub --help` quick

    site, engine = session.site(), session.engine()
    with engine.connect() as connection:
        found = explain(site, connection, site.catalogue(), subject)
    if as_json:
        show_json(_as_json(found))
        return
    _show(session, found)


def _as_json(found: Explained) -> dict[str, Any]:
    lines = [
        {
            "indicator": one.line.indicator, "title": one.title, "dimension": one.dimension,
            "points": one.line.points, "first_day": one.line.first_day, "last_day": one.line.last_day,
            "dataset": one.line.dataset, "key": one.line.key, "basis": one.basis,
        }
        for one in found.counted
    ]  # fmt: skip
    record = {name: value for name, value in found.record.items() if name != "contributions"}
    return {**record, "contributions": lines, "warnings": found.warnings, "appeals": found.appeals}


def _show(session: Session, found: Explained) -> None:
    record = found.record
    chinese = session.locale == "zh_CN"
    names = ("subject_name", "credit_class", "score", "integrity_score", "industry_score",
             "region_score", "alert_score", "version", "computed_on")  # fmt: skip
    fields = session.catalogue().get("credit_class").fields
    titles = {name: fields[name].title if chinese else fields[name].title_en for name in names}
    show_table(
        session, ("Field", "Value"), [(titles[n], record[n]) for n in names], "Credit class"
    )
    rows = [
        (one.title if chinese else one.title_en, one.line.points, one.line.first_day,
         one.line.last_day, one.line.dataset, one.line.key)
        for one in found.counted
    ]  # fmt: skip
    columns = ("Indicator", "Points off", "Counts from", "Until", "Dataset", "Record")
    show_table(session, columns, rows, "Records that count")
    events = [(w["level"], w["reason"], w["began_on"], w["ended_on"]) for w in found.warnings]
    show_table(session, ("Level", "Why", "Began on", "Ended on"), events, "Warnings")


@credit.command()
@click.option(
    "--class", "wanted", type=click.Choice(["A", "B", "C", "D"]), help="Only this class."
)
@click.option("--division", help="Only this division, such as 440902.")
@click.option(
    "--list", "listed", is_flag=True, help="Subjects instead of numbers, the lowest scores first."
)
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 5000),
    help="How many at most.",
)
@JSON
@click.pass_obj
def classes(
    session: Session,
    wanted: str | None,
    division: str | None,
    listed: bool,
    limit: int,
    as_json: bool,
) -> None:
    """How many subjects are in which class, by division; or a list of them.

    \b
    Example:
      hub credit classes --class D --list
    """
    from hub.credit.distribution import Asked, counts, listing

    site, engine = session.site(), session.engine()
    asked, catalogue = Asked(wanted, division), site.catalogue()
    with engine.connect() as connection:
        if listed:
            found = listing(site, connection, catalogue, asked, limit)
        else:
            found = counts(site, connection, catalogue, asked, "division_code")
    if as_json:
        show_json(found.to_dicts())
    elif listed:
        rows = found.select(
            "subject", "subject_name", "division_code", "credit_class", "score"
        ).rows()
        show_table(
            session,
            ("Market subject", "Subject name", "Division", "Class", "Score"),
            rows,
            "Credit classes",
        )
    else:
        show_table(
            session, ("Division", "Class", "Number of subjects"), found.rows(), "Credit classes"
        )


@credit.command("what-if")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="As of this day, today without it.")
@click.option(
    "--csv",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all that change class here.",
)
@JSON
@click.pass_obj
def compare(
    session: Session, file: Path, day: datetime | None, out: Path | None, as_json: bool
) -> None:
    """Who would change class under the indicators of a file; nothing is changed.

    \b
    Example:
      hub credit what-if 2027.yml --day 2026-06-30 --csv changes.csv
    """
    from hub.analysis.inputs import Inputs
    from hub.credit.what_if import what_if

    site, engine = session.site(), session.engine()
    catalogue = site.catalogue()
    rules = rules_of_file(file, catalogue)
    asked: date = day.date() if day else today()
    found = what_if(Inputs(site, engine, catalogue, asked), rules, asked)
    if out is not None:
        found.changed.write_csv(out, include_bom=True)
    if as_json:
        show_json(_compared(found))
        return
    columns = ("Class", "Subjects now", "Subjects then")
    show_table(session, columns, found.classes(), "Classes by version")
    text = session.text(
        "{changed} of {subjects} subjects change class, from {before} to {after}, on {day}"
    )
    words = {"before": found.before, "after": found.after, "day": found.day}
    click.echo(text.format(changed=found.changed.height, subjects=found.subjects, **words))
    rows = found.changed.head(MOST).select(
        "subject", "subject_name", "class_before", "class_after", "score_before", "score_after"
    )
    names = (
        "Market subject",
        "Subject name",
        "Class now",
        "Class then",
        "Score now",
        "Score then",
    )
    show_table(session, names, rows.rows(), "Subjects that change class")


def _compared(found: WhatIf) -> dict[str, Any]:
    moves = [
        {"before": old, "after": new, "subjects": number}
        for (old, new), number in sorted(found.counts.items(), key=str)
    ]
    return {
        "day": found.day, "version_before": found.before, "version_after": found.after,
        "subjects": found.subjects, "moves": moves, "changed": found.changed.to_dicts(),
    }  # fmt: skip


credit.add_command(appeal)
add_versions(credit)
