"""`hub document`: which normative documents are in force, what expires soon, what is wrong."""

from __future__ import annotations

import click
import polars as pl

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.found import records
from hub.cli.output import show_json, show_table
from hub.documents import showing
from hub.documents.validity import WRITES

COLUMNS = (
    "Registration number",
    "Document number",
    "Title",
    "State today",
    "Valid until",
    "In force today",
)


@click.group()
def document() -> None:
    """Normative documents: which are in force today, and what is wrong with their numbers and chains."""


@document.command("list")
@click.option("--state", help="Only documents of this state, such as 有效 or 失效.")
@click.option(
    "--expiring", type=int, metavar="DAYS", help="Only those that expire within so many days."
)
@click.option("--problems", is_flag=True, help="What is wrong instead of the documents.")
@JSON
@click.pass_obj
def listed(
    session: Session, state: str | None, expiring: int | None, problems: bool, as_json: bool
) -> None:
    """The documents with their state of today, as the analysis computed them last.

    \b
    Example:
      hub document list --expiring 90
    """
    rows = records(session, WRITES)
    if problems:
        found = showing.problems(rows)
        columns: tuple[str, ...] = ("Registration number", "Title", "Finding", "Detail")
    elif expiring is not None:
        found, columns = showing.expiring(rows, today(), expiring), COLUMNS
    else:
        chosen = rows.filter(pl.col("status") == state) if state else rows
        found, columns = chosen.sort("registration_no").select(showing.LISTED), COLUMNS
    if as_json:
        show_json(found.to_dicts())
        return
    names = (
        ("registration_no", "title", "finding", "detail")
        if problems
        else ("registration_no", "doc_no", "title", "status", "valid_until", "in_force")
    )
    show_table(session, columns, found.select(names).iter_rows())


@document.command()
@click.argument("number")
@JSON
@click.pass_obj
def show(session: Session, number: str, as_json: bool) -> None:
    """One document: its state, its term, what took its place, and what was found.

    \b
    Example:
      hub document show MMGFX-2019-001
    """
    found = records(session, WRITES).filter(pl.col("registration_no") == number).to_dicts()
    if not found:
        raise Misdeclared(Issue("record_unknown", value=number[:64], params={"dataset": WRITES}))
    if as_json:
        show_json(found[0])
        return
    fields = session.catalogue().get(WRITES).fields
    chinese = session.locale == "zh_CN"
    pairs = [
        (one.title if chinese else one.title_en, _told(found[0][name]))
        for name, one in fields.items()
        if found[0][name] is not None
    ]
    show_table(session, ("Field", "Value"), pairs)


def _told(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
