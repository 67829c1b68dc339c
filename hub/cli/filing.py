"""`hub filing`: what parties filed, whose turn it is, and until when."""

from __future__ import annotations

from typing import Any

import click

from hub import answers, filing_intake, filings, objections
from hub.cli.chosen import AS, JSON, known, named
from hub.cli.context import Session
from hub.cli.filing_repair import repair
from hub.cli.filing_result import ANSWER, ANSWER_EN, finish
from hub.cli.output import show_json, show_table
from hub.work import work_now


@click.group()
def filing() -> None:
    """Filings of parties: corrections, objections and applications for credit repair."""


@filing.command("list")
@click.argument("dataset", required=False)
@click.option("--all", "closed", is_flag=True, help="Also those that were answered.")
@click.option("--overdue", "late", is_flag=True, help="Only those whose last day is over.")
@JSON
@click.pass_obj
def list_filings(
    session: Session, dataset: str | None, closed: bool, late: bool, as_json: bool
) -> None:
    """Open filings, most urgent first, and those that couldn't be taken. Nothing personal.

    \b
    Example:
      hub filing list --overdue
    """
    if dataset:
        known(session, dataset)
    site = session.site()
    engine = session.engine()
    with engine.connect() as connection:
        found = filings.listing(connection, dataset, closed=closed)
    found = [one for one in found if one["overdue"] or not late]
    aside = filing_intake.set_aside(site)
    if as_json:
        show_json({"filings": found, "set_aside": aside})
        return
    columns = ("Number", "Kind", "Dataset", "Record", "State", "Due", "Handled by", "Outcome")
    show_table(session, columns, (_row(session, one) for one in found), "Filings")
    if aside:
        cells = [(one["folder"], one["code"], one["message"], one["at"]) for one in aside]
        show_table(session, ("Folder", "Code", "Problem", "At"), cells, "Set aside")


def _row(session: Session, one: dict[str, Any]) -> tuple[object, ...]:
    late = f" {session.text('overdue')}" if one["overdue"] else ""
    state, outcome = session.text(one["state"]), one["outcome"] and session.text(one["outcome"])
    kind, due = session.text(one["kind"]), f"{one['due'] or ''}{late}"
    number = (one["number"], kind, one["dataset"], one["record_id"])
    return (*number, state, due, one["handler"], outcome)


@filing.command()
@JSON
@click.pass_obj
def take(session: Session, as_json: bool) -> None:
    """Take what parties filed on the portal into the table, and write the portal's answer files.

    \b
    Example:
      hub filing take
    """
    site = session.site()
    done = work_now(site, session.engine(), "filings", {})
    if as_json:
        show_json(done)
        return
    text = session.text("Taken: {taken}, known before: {known}, set aside: {refused}")
    click.echo(text.format(**done))


@filing.command()
@click.argument("number")
@AS
@JSON
@click.pass_obj
def show(session: Session, number: str, actor: str | None, as_json: bool) -> None:
    """All of a filing with who filed it, for who handles or approves in the record's department.

    \b
    Example:
      hub filing show SQ20261129-7KQ2M8XF4TE --as zhao
    """
    with session.engine().connect() as connection:
        shown = filings.show(connection, number, named(actor))
    if as_json:
        show_json(shown)
        return
    rows = [
        (session.text(name), _cell(value))
        for name, value in shown.items()
        if value not in (None, [], {})
    ]
    show_table(session, ("Field", "Value"), rows, "Filing")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(f"{one['name']} ({one['bytes']}) {one['sha256']}" for one in value)
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one['met']} {one['by']}" for name, one in value.items())
    return str(value)


@filing.command()
@click.argument("number")
@AS
@JSON
@click.pass_obj
def accept(session: Session, number: str, actor: str | None, as_json: bool) -> None:
    """Take a filing in hand; the record then shows that it is under objection, where the law says so.

    \b
    Example:
      hub filing accept SQ20261129-7KQ2M8XF4TE --as zhao
    """
    engine = session.engine()
    desk = filings.desk_of(engine, session.catalogue(), number, named(actor))
    finish(session, desk, number, objections.accept(desk, number), as_json)


@filing.command()
@click.argument("number")
@click.option(
    "--outcome",
    required=True,
    type=click.Choice(list(objections.ENDS)),
    help="refused: the record is right; corrected: dealt with; correction: the corrected record "
    "follows; withdrawn: the record is taken back.",
)
@ANSWER
@ANSWER_EN
@AS
@JSON
@click.pass_obj
def answer(
    session: Session,
    number: str,
    outcome: str,
    text: str,
    text_en: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Answer an objection or a correction; the dataset is published at once where that changes it.

    \b
    Example:
      hub filing answer SQ20261129-7KQ2M8XF4TE --outcome refused --answer 经核实，记录无误。 --as zhao
    """
    engine = session.engine()
    desk = filings.desk_of(engine, session.catalogue(), number, named(actor))
    job = objections.answer(desk, number, outcome, answers.Texts(text, text_en))
    finish(session, desk, number, job, as_json)


filing.add_command(repair)
