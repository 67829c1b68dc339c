"""`hub exchange holders`: who has a record."""

from __future__ import annotations

import click

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.cli.chosen import JSON, known
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.exchange import possession
from hub.exchange.words import word


@click.command()
@click.argument("dataset")
@click.argument("key", required=False)
@click.option("--seq", type=click.IntRange(1), help="Name the record by one of its entries.")
@click.option("--steps", is_flag=True, help="Show each step with each consumer.")
@JSON
@click.pass_obj
def holders(
    session: Session, dataset: str, key: str | None, seq: int | None, steps: bool, as_json: bool
) -> None:
    """Which consumers and CKANs have a record: given, taken, refused, told, confirmed, erased.

    The record is named by its key, its public number or one of its entries.

    \b
    Example:
      hub exchange holders market_entity 91440902MA0000001X
    """
    if (key is None) == (seq is None):
        raise click.UsageError("give a key or --seq")
    name, site = known(session, dataset), session.site()
    engine = session.engine()
    with engine.connect() as connection:
        record = possession.find(connection, name, key, seq)
        if record is None:
            raise Refused(
                Issue("record_unknown", value=key or f"#{seq}", params={"dataset": name})
            )
        found = possession.holders(connection, record)
        ckans = possession.in_ckans(site, connection, record)
    if as_json:
        told = {"dataset": name, "key": record.key, "record_id": record.record_id}
        show_json({**told, "entries": record.entries, "holders": found, "ckans": ckans})
        return
    _show(session, found, ckans)
    if steps:
        columns = ("Consumer", "At", "Step", "Entry", "Code", "Reason")
        rows = [
            (
                one["consumer"],
                s["at"],
                word(session.locale, s["what"]),
                s["seq"],
                s["code"],
                s["reason"],
            )
            for one in found
            for s in one["steps"]
        ]
        show_table(session, columns, rows, "Steps")


def _show(
    session: Session, found: list[dict[str, object]], ckans: list[dict[str, object]]
) -> None:
    columns = ("Consumer", "View", "Has it", "Entry", "Last step", "Confirmed")
    rows = [
        (
            o["consumer"],
            o["view"],
            word(session.locale, str(o["has"])),
            o["seq"],
            o["at"],
            o["confirmed_at"],
        )
        for o in found
    ]
    rows += [
        (one["consumer"], "CKAN", word(session.locale, "deleted" if one["confirmed_at"] else "given"), None,
         one["last_at"], one["confirmed_at"])
        for one in ckans
    ]  # fmt: skip
    show_table(session, columns, rows, "Who has the record")
