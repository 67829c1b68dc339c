"""`hub exchange refusals` and `hub exchange answer`: what consumers wouldn't take."""

from __future__ import annotations

import click

from hub.cli.chosen import JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import write
from hub.exchange import refusal_answers
from hub.exchange.tables_of_receipts import OPEN, REFUSALS
from hub.exchange.words import word


@click.command()
@click.option("--department", help="Code of one department.")
@click.option("--all", "everything", is_flag=True, help="Those that are answered or settled too.")
@click.option("--after", default=0, help="Go on behind this number.")
@JSON
@click.pass_obj
def refusals(
    session: Session, department: str | None, everything: bool, after: int, as_json: bool
) -> None:
    """Entries that consumers refused, for the department that delivered them to correct or answer.

    \b
    Example:
      hub exchange refusals --department market_regulation
    """
    engine = session.engine()
    states = REFUSALS if everything else (OPEN,)
    with engine.connect() as connection:
        found = refusal_answers.listing(connection, session.catalogue(), department, states, after)
    if as_json:
        show_json({"refusals": found})
        return
    columns = ("No.", "Consumer", "Dataset", "Record", "Entry", "Code", "Reason", "State", "Since")
    rows = [
        (one["id"], one["consumer"], one["dataset"], one["key"], one["seq"], one["code"],
         one["reason"], word(session.locale, one["state"]), one["refused_at"])
        for one in found
    ]  # fmt: skip
    show_table(session, columns, rows, "Refusals")


@click.command()
@click.argument("number", type=int)
@click.option("--as", "actor", metavar="USER", help="Who answers.")
@click.option("--reason", default="", help="Why the record stays as it is; the consumer reads it.")
@JSON
@click.pass_obj
def answer(session: Session, number: int, actor: str | None, reason: str, as_json: bool) -> None:
    """Tell the consumer why a record that it refused stays as it is.

    A record that is wrong is corrected where it comes from: once the consumer has taken the newer
    entry, its refusal is settled by itself.

    \b
    Example:
      hub exchange answer 17 --as li --reason 与处罚决定书一致
    """
    engine = session.engine()
    with write(engine) as connection:
        done = refusal_answers.answer(
            connection, session.catalogue(), number, named(actor), reason
        )
    if as_json:
        show_json(done)
        return
    text = session.text("Answered: {number}. {consumer} can read it with its receipts.")
    click.echo(text.format(number=number, consumer=done["consumer"]))
