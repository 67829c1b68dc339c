"""`hub exchange returns` and `hub exchange close-return`: what came back from the province."""

from __future__ import annotations

import click

from hub.cli.chosen import JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import write
from hub.outbound import return_tasks
from hub.outbound.returns import behind, follow


@click.command()
@click.option("--department", help="Code of one department.")
@click.option("--all", "everything", is_flag=True, help="Those that are done too.")
@JSON
@click.pass_obj
def returns(session: Session, department: str | None, everything: bool, as_json: bool) -> None:
    """What the province returned about records, and who has to do what.

    \b
    Example:
      hub exchange returns --department market_regulation
    """
    engine = session.engine()
    with write(engine) as connection:
        while behind(connection):
            follow(connection, session.catalogue())
    with engine.connect() as connection:
        found = return_tasks.listing(connection, department, closed=everything)
    if as_json:
        show_json({"returns": found})
        return
    columns = ("No.", "Kind", "Dataset", "Document", "Field", "Decision", "Day", "Department",
               "State", "Filing")  # fmt: skip
    rows = [
        (one["id"], session.text(one["kind"]), one["dataset"], one["document"],
         ", ".join(one["corrections"]), one["decision"], one["decided_on"], one["department"],
         session.text(one["state"]), one["filing"])
        for one in found
    ]  # fmt: skip
    show_table(session, columns, rows, "Returns")


@click.command("close-return")
@click.argument("number", type=int)
@click.option("--as", "actor", metavar="USER", help="Who says it.")
@click.option("--note", required=True, help="What was done.")
@JSON
@click.pass_obj
def close_return(
    session: Session, number: int, actor: str | None, note: str, as_json: bool
) -> None:
    """Say that a return was dealt with, and how.

    \b
    Example:
      hub exchange close-return 3 --as 李主任 --note 已在办案系统更正
    """
    engine = session.engine()
    with write(engine) as connection:
        return_tasks.close(connection, number, named(actor), note)
    if as_json:
        show_json({"return": number, "state": "done"})
    else:
        click.echo(session.text("Return {number} is done.").format(number=number))
