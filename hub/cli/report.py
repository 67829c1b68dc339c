"""`hub report`: nil reports, and the reports that nobody made."""

from __future__ import annotations

import click

from exchange_schemas.days import today
from hub import nil_reports, reporting
from hub.cli.chosen import AS, JSON, known, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import write

DEPARTMENT = click.option("--department", required=True, help="Code of the department.")


@click.group()
def report() -> None:
    """Nil reports: a department states that it had nothing in a month; silence is overdue."""


@report.command()
@click.argument("dataset")
@DEPARTMENT
@click.option("--period", required=True, metavar="YYYY-MM", help="The month; it must be over.")
@click.option("--note", help="What else is to be said.")
@AS
@JSON
@click.pass_obj
def nil(
    session: Session,
    dataset: str,
    department: str,
    period: str,
    note: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """State that a department had nothing of DATASET in a month.

    \b
    Example:
      hub report nil administrative_penalty --department health --period 2026-03 --as shen
    """
    engine = session.engine()
    who, catalogue = named(actor), session.catalogue()
    with write(engine) as connection:
        number = nil_reports.state(
            connection, catalogue, dataset, department, period, who, today(), note
        )
    if as_json:
        words = {"dataset": dataset, "department": department, "period": period}
        show_json({"id": number, **words})
        return
    click.echo(session.text("Nil report {number} is taken.").format(number=number))


@report.command()
@click.argument("number", type=int)
@AS
@JSON
@click.pass_obj
def withdraw(session: Session, number: int, actor: str | None, as_json: bool) -> None:
    """Take nil report NUMBER back, because there was something after all.

    \b
    Example:
      hub report withdraw 12 --as shen
    """
    engine = session.engine()
    with write(engine) as connection:
        nil_reports.withdraw(connection, number, named(actor))
    if as_json:
        show_json({"id": number, "withdrawn": True})
        return
    click.echo(session.text("Nil report {number} is withdrawn.").format(number=number))


@report.command("list")
@click.argument("dataset", required=False)
@click.option("--department", help="Code of one department.")
@JSON
@click.pass_obj
def list_reports(
    session: Session, dataset: str | None, department: str | None, as_json: bool
) -> None:
    """All nil reports, the newest month first.

    \b
    Example:
      hub report list --department health
    """
    engine = session.engine()
    name = dataset and known(session, dataset)
    with engine.connect() as connection:
        found = nil_reports.listing(connection, name, department)
    if as_json:
        show_json(found)
        return
    columns = (
        "Number", "Dataset", "Department", "Month", "Stated by", "At", "Note", "Withdrawn by",
        "Withdrawn at",
    )  # fmt: skip
    show_table(session, columns, [tuple(one.values()) for one in found], "Nil reports")


@report.command()
@click.argument("dataset", required=False)
@JSON
@click.pass_obj
def overdue(session: Session, dataset: str | None, as_json: bool) -> None:
    """The reports that were due and of which nothing was heard, the longest overdue first.

    \b
    Example:
      hub report overdue administrative_penalty
    """
    engine = session.engine()
    catalogue, names = session.catalogue(), [known(session, dataset)] if dataset else None
    with engine.connect() as connection:
        found = reporting.overdue(connection, catalogue, today(), names)
    if as_json:
        show_json(found.to_dicts())
        return
    columns = ("Dataset", "Owed by", "Department", "Month", "Due", "Rule")
    show_table(session, columns, found.rows(), "Reports overdue")
