"""`hub subscription`: who is told of releases, and whether it arrives."""

from __future__ import annotations

from typing import Any

import click
import orjson

from hub import subscriptions
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import write
from hub.work import work_now


@click.group()
def subscription() -> None:
    """Subscriptions by e-mail and webhook: whom releases are told to."""


@subscription.command("list")
@JSON
@click.pass_obj
def list_subscriptions(session: Session, as_json: bool) -> None:
    """All subscriptions and whether what was sent arrives. Of mailboxes only the server is shown.

    \b
    Example:
      hub subscription list
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = subscriptions.listing(connection)
    if as_json:
        show_json({"subscriptions": found})
        return
    columns = (
        "Name",
        "Sent to",
        "Topic",
        "State",
        "Received",
        "To be sent",
        "Given up",
        "Last answer",
    )
    show_table(session, columns, (_row(session, one) for one in found), "Subscriptions")


def _row(session: Session, one: dict[str, Any]) -> tuple[object, ...]:
    topic = " · ".join(orjson.loads(one["topic"]).values())
    state = session.text(one["state"])
    counts = (one["sent"], one["due"], one["given_up"])
    return (one["name"], one["address"], topic, state, *counts, one["answer"])


@subscription.command()
@JSON
@click.pass_obj
def send(session: Session, as_json: bool) -> None:
    """Take in what readers asked for, and send what is due; a worker does it by itself.

    \b
    Example:
      hub subscription send
    """
    site = session.site()
    done = work_now(site, session.engine(), "subscriptions", {})
    if as_json:
        show_json(done)
        return
    told = session.text(
        "Begun: {subscribe}, confirmed: {confirm}, left: {leave}, new events: {events}, sent: {sent}, "
        "to be tried again: {failed}, given up: {given_up}"
    )
    click.echo(told.format(**({"sent": 0, "failed": 0, "given_up": 0} | done)))
    if "sent" not in done:
        click.echo(session.text("Nothing is sent before base_url is set in portal.yml."))


@subscription.command()
@click.argument("name")
@JSON
@click.pass_obj
def remove(session: Session, name: str, as_json: bool) -> None:
    """End a subscription, and forget its address and what was sent.

    \b
    Example:
      hub subscription remove 4bf92f3577b34da6a3ce929d0e0e4736
    """
    engine = session.engine()
    with write(engine) as connection:
        subscriptions.remove_named(connection, name)
    if as_json:
        show_json({"removed": name})
        return
    click.echo(session.text("Removed."))
