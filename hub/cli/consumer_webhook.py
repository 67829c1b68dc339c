"""`hub consumer webhook`: where a consumer is told that there is something new to pull."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.consumers import hints as consumer_hints
from hub.consumers import webhooks as consumer_webhooks
from hub.database import write

DATASET = click.option("--dataset", required=True, help="Name of the dataset.")


@click.group()
def webhook() -> None:
    """Addresses at which consumers are told of new entries: a signed hint, never content."""


@webhook.command()
@click.argument("name")
@click.option("--url", required=True, help="Address that hints are sent to.")
@DATASET
@JSON
@click.pass_obj
def add(session: Session, name: str, url: str, dataset: str, as_json: bool) -> None:
    """Tell a consumer of new entries of a dataset that it has a grant of.

    \b
    Example:
      hub consumer webhook add 市发改局 --url https://dep.example.cn/hub --dataset market_entity
    """
    engine = session.engine()
    with write(engine) as connection:
        made = consumer_webhooks.add(connection, session.catalogue(), name, dataset, url)
    if as_json:
        show_json(made)
        return
    text = session.text("{name} is told of new entries of {dataset} from entry {size} on.")
    click.echo(text.format(name=name, dataset=dataset, size=made["size"]))


@webhook.command("list")
@JSON
@click.pass_obj
def list_webhooks(session: Session, as_json: bool) -> None:
    """All webhooks of consumers, and whether what was sent arrives.

    \b
    Example:
      hub consumer webhook list
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = consumer_webhooks.listing(connection)
    if as_json:
        show_json({"webhooks": found})
        return
    columns = (
        "Consumer", "Dataset", "Sent to", "State", "Told up to", "Received", "To be sent",
        "Given up", "Last answer",
    )  # fmt: skip
    names = ("told_size", "sent", "due", "given_up", "answer")
    rows = [
        (one["consumer"], one["dataset"], one["url"], session.text(one["state"]),
         *(one[name] for name in names))
        for one in found
    ]  # fmt: skip
    show_table(session, columns, rows, "Webhooks of consumers")


@webhook.command()
@click.argument("name")
@DATASET
@JSON
@click.pass_obj
def remove(session: Session, name: str, dataset: str, as_json: bool) -> None:
    """Tell a consumer no longer. What was stopped begins again by removing and adding it.

    \b
    Example:
      hub consumer webhook remove 市发改局 --dataset market_entity
    """
    engine = session.engine()
    with write(engine) as connection:
        consumer_webhooks.remove(connection, name, dataset)
    if as_json:
        show_json({"removed": name, "dataset": dataset})
        return
    click.echo(session.text("Removed."))


@webhook.command()
@click.argument("name")
@DATASET
@JSON
@click.pass_obj
def test(session: Session, name: str, dataset: str, as_json: bool) -> None:
    """Send the receiver one message of the type entries.test now, and show what it answers.

    \b
    Example:
      hub consumer webhook test 市发改局 --dataset market_entity
    """
    site, catalogue = session.site(), session.catalogue()
    engine = session.engine()
    with write(engine) as connection:
        hook = consumer_webhooks.find(connection, name, dataset)
        one = consumer_webhooks.named(connection, name)
        view = consumer_webhooks.view_of(connection, catalogue, one, dataset)
    if view is None:
        words = {"consumer": name}
        raise Misdeclared(Issue("consumer_webhook_useless", value=dataset, params=words))
    outcome = consumer_hints.try_now(consumer_hints.post_of(site, engine), hook, view)
    if as_json:
        show_json(asdict(outcome))
    else:
        text = session.text("Received: {answer}" if outcome.received else "Not received: {answer}")
        click.echo(text.format(answer=outcome.answer))
    if not outcome.received:
        sys.exit(1)
