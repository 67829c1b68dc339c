"""`hub review holders`: which consumers hold a record, and who confirmed that it ended."""

from __future__ import annotations

import click

from hub import holders as holding
from hub import showing
from hub.cli.chosen import JSON, known
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import connect


@click.command()
@click.argument("dataset")
@click.argument("record")
@JSON
@click.pass_obj
def holders(session: Session, dataset: str, record: str, as_json: bool) -> None:
    """Which consumers were given a record, which were told that it ended, and who confirmed it.

    \b
    Example:
      hub review holders administrative_penalty 0123456789abcdef
    """
    name = known(session, dataset)
    with connect(session.site().database_url).connect() as connection:
        row = showing.find(connection, name, record)
        found = holding.of_record(connection, row["dataset_id"], record)
    if as_json:
        show_json({"dataset": name, "record_id": record, "state": row["state"], "holders": found})
        return
    columns = ("Consumer", "Audience", "First given", "Last given", "Told", "Confirmed")
    rows = [
        (
            h["consumer"],
            h["audience"],
            h["first_at"],
            h["last_at"],
            h["decided_at"],
            h["confirmed_at"],
        )
        for h in found
    ]
    show_table(session, columns, rows, "Holders")
