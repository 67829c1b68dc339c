"""`hub association`: trade associations with their grade of today and the numbers of credit records."""

from __future__ import annotations

import click
import polars as pl

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.associations.overview import WRITES
from hub.associations.showing import totals
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.found import records
from hub.cli.output import show_json, show_table

COLUMNS = (
    "Association",
    "Level",
    "Grade",
    "Mechanisms",
    "Members with records",
    "Bad records",
    "To the government",
)
_NAMES = (
    "name",
    "level",
    "grade",
    "mechanisms",
    "credited_members",
    "bad_records",
    "shared_records",
)


@click.group()
def association() -> None:
    """Trade associations: grades in force, mechanisms, and the numbers of their members' credit records."""


@association.command("list")
@click.option("--grade", help="Only associations of this grade of today, such as 5A or 无.")
@JSON
@click.pass_obj
def listed(session: Session, grade: str | None, as_json: bool) -> None:
    """The associations, as the analysis computed them last, and their totals.

    \b
    Example:
      hub association list --grade 5A
    """
    rows = records(session, WRITES)
    chosen = rows.filter(pl.col("grade") == grade) if grade else rows
    chosen = chosen.sort("level", "name")
    if as_json:
        shown = chosen.drop("_key", "sources").to_dicts()
        show_json({"totals": totals(rows), "associations": shown})
        return
    show_table(session, COLUMNS, chosen.select(_NAMES).iter_rows())


@association.command()
@click.argument("uscc")
@JSON
@click.pass_obj
def show(session: Session, uscc: str, as_json: bool) -> None:
    """One association with all its numbers, and the records that they come from.

    \b
    Example:
      hub association show 51440900MJ0001010D
    """
    found = records(session, WRITES).filter(pl.col("uscc") == uscc).to_dicts()
    if not found:
        raise Misdeclared(Issue("record_unknown", value=uscc[:18], params={"dataset": WRITES}))
    if as_json:
        show_json(found[0])
        return
    fields, chinese = session.catalogue().get(WRITES).fields, session.locale == "zh_CN"
    pairs = [
        (one.title if chinese else one.title_en, _told(found[0][name]))
        for name, one in fields.items()
        if found[0][name] is not None
    ]
    show_table(session, ("Field", "Value"), pairs)


def _told(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
