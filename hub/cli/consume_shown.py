"""What `hub consume` says of what it received."""

from __future__ import annotations

from typing import Any

import click
import orjson

from hub.cli.context import Session


def show_done(
    session: Session, done: list[dict[str, Any]], notices: dict[str, int], version: str | None
) -> None:
    """Line by line: each dataset, then the notices."""
    for one in done:
        _show_dataset(session, one, version)
    if notices["notices"]:
        text = session.text("{notices} notices of records that aren't public any more")
        click.echo(text.format(**notices))


def _show_dataset(session: Session, one: dict[str, Any], version: str | None) -> None:
    text = session.text("{dataset}: {entries} new entries, received up to {last} of {head}")
    click.echo(text.format(**one))
    if one.get("refused"):
        text = session.text("{refused} of them can't be given in version {version}")
        click.echo(text.format(refused=one["refused"], version=version))
    if one.get("repaired") is not None:
        text = session.text("compared with the hub: {repaired} entries repaired")
        click.echo(text.format(repaired=one["repaired"]))
    if one.get("receipts_waiting"):
        text = session.text("{receipts_waiting} receipts wait to be sent to the hub")
        click.echo(text.format(receipts_waiting=one["receipts_waiting"]))


def show_news(session: Session, told: dict[str, Any], *, as_json: bool) -> None:
    """What came while waiting, one line each; as JSON one object a line."""
    if as_json:
        click.echo(orjson.dumps(told).decode())
    elif "dataset" in told:
        _show_dataset(session, told, None)
    elif "waiting" in told:
        click.echo(told["waiting" if session.locale == "en" else "waiting_zh"], err=True)
    else:
        text = session.text("{notices} notices of records that aren't public any more")
        click.echo(text.format(**told))
