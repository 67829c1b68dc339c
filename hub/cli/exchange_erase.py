"""`hub exchange erase`: content that the law wants gone."""

from __future__ import annotations

from dataclasses import asdict

import click

from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.exchange.erasure import Order
from hub.exchange.erasure import erase as carry_out


@click.command()
@click.argument("dataset")
@click.option("--key", "keys", multiple=True, help="A record as a whole, by the ledger's key.")
@click.option("--seq", "seqs", multiple=True, type=int, help="One superseded revision.")
@click.option("--reason", required=True, help="Why, in your own words; it stays in the hub.")
@click.option("--basis", required=True, help="The law that wants it, which consumers are told.")
@AS
@JSON
@click.pass_obj
def erase(
    session: Session,
    dataset: str,
    keys: tuple[str, ...],
    seqs: tuple[int, ...],
    reason: str,
    basis: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Erase content from the ledger and from all streams; sizes, roots and proofs stay.

    For records that their department has deleted, and for superseded revisions. Consumers that took
    them are told.

    \b
    Example:
      hub exchange erase administrative_penalty --key '1|2' --as li --reason … --basis …
    """
    site = session.site()
    engine, catalogue = session.engine(), site.catalogue()
    order = Order(dataset, named(actor), reason, basis, keys, seqs)
    done = carry_out(site, engine, catalogue, order)
    if as_json:
        show_json({**asdict(done), "not_erased": ["raw", "quarantine", "backups"]})
        return
    text = session.text("Erased {entries} revisions of {records} records; {notices} notices")
    click.echo(text.format(**asdict(done)))
    click.echo(
        session.text(
            "Deliveries as they came, rejected rows and backups may have the content still: see "
            "docs/sealed-streams.md"
        )
    )
