"""`hub consumer log` and `hub grant log`: who took what, and what was done to consumers and grants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from exchange_schemas.days import HERE
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.consumers.consumer import consumer_named
from hub.consumers.events import events_of
from hub.exchange.takings import datasets_of, takings


def _begin(_context: click.Context, _option: click.Parameter, day: datetime | None) -> str:
    """The instant, in UTC, at which a day begins where the departments are; "" where none is named."""
    if day is None:
        return ""
    return day.replace(tzinfo=HERE).astimezone(UTC).isoformat(timespec="milliseconds")


SINCE = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_begin,
    metavar="DAY",
    help="Only from this day on.",
)
LIMIT = click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="The newest."
)


@click.command()
@click.argument("name")
@SINCE
@LIMIT
@click.option("--steps", is_flag=True, help="What was done to it, its keys and its grants.")
@JSON
@click.pass_obj
def log(session: Session, name: str, since: str, limit: int, steps: bool, as_json: bool) -> None:
    """What a consumer took: which entries, when, under which grant, for what. The newest first.

    \b
    Example:
      hub consumer log 省平台 --since 2026-11-01
    """
    engine = session.engine()
    with engine.connect() as connection:
        who = consumer_named(connection, name)
        found = (
            events_of(connection, who.id)
            if steps
            else takings(connection, who.id, since=since, limit=limit)
        )
    if steps:
        show_steps(session, found, as_json)
    else:
        show_takings(session, found, as_json)


@click.command("log")
@click.option("--department", required=True, help="Code of the department that owns the data.")
@SINCE
@LIMIT
@JSON
@click.pass_obj
def department_log(
    session: Session, department: str, since: str, limit: int, as_json: bool
) -> None:
    """Who took a department's data: which entries, when, under which grant, for what.

    \b
    Example:
      hub grant log --department market_regulation
    """
    engine = session.engine()
    with engine.connect() as connection:
        mine = datasets_of(session.catalogue(), department)
        found = takings(connection, datasets=mine, since=since, limit=limit)
    show_takings(session, found, as_json)


def show_takings(session: Session, found: list[dict[str, Any]], as_json: bool) -> None:
    """The rows of `hub.exchange.takings`."""
    if as_json:
        show_json(found)
        return
    rows = [
        (one["at"], one["consumer"], one["dataset"], session.text(one["kind"]),
         f"{one['after_seq'] + 1}…{one['last_seq']}", one["entries"], one["purpose"],
         one["legal_basis"], one["grant_id"])
        for one in found
    ]  # fmt: skip
    columns = (
        "At", "Consumer", "Dataset", "Kind", "Sequences", "Count", "Purpose", "Legal basis", "Grant",
    )  # fmt: skip
    show_table(session, columns, rows, "Exchanges")


def show_steps(session: Session, found: list[dict[str, Any]], as_json: bool) -> None:
    """The rows of `hub.consumers.events`."""
    if as_json:
        show_json(found)
        return
    rows = [
        (one["at"], session.text(one["act"]), one["actor"], one["grant_id"], one["keyid"],
         one["reason"])
        for one in found
    ]  # fmt: skip
    show_table(session, ("At", "Step", "By", "Grant", "Key id", "Reason"), rows, "Steps")
