"""`hub review holders`: which consumers and CKANs hold a record, and who confirmed that it ended."""

from __future__ import annotations

import click

from hub import holders as holding
from hub import showing
from hub.cli.chosen import JSON, known
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from publisher.deltas import TOMBSTONES, removed_in
from publisher.release import current_release


@click.command()
@click.argument("dataset")
@click.argument("record")
@JSON
@click.pass_obj
def holders(session: Session, dataset: str, record: str, as_json: bool) -> None:
    """Which consumers and CKANs were given a record, which were told that it ended, who confirmed it.

    \b
    Example:
      hub review holders administrative_penalty 0123456789abcdef
    """
    name = known(session, dataset)
    site = session.site()
    engine = session.engine()
    current = current_release(site.releases, name)
    removed = removed_in(current.path / TOMBSTONES, record) if current else None
    with engine.connect() as connection:
        row = showing.find(connection, name, record)
        number = row["dataset_id"]
        found = holding.of_record(connection, number, record)
        found += holding.in_ckans(connection, number, record, removed)
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
