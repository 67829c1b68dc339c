"""`hub status`."""

from __future__ import annotations

import sys

import click

from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import connect
from hub.monitoring.line import FAULT, Line
from hub.monitoring.status import Status, line_json, look

#: What lines are about, in words.
PARTS = {
    "feed": "Feed", "held": "Held run", "queue": "Queue", "worker": "Worker", "job": "Failing jobs",
    "overdue": "Overdue", "due": "Due today", "release": "Release", "consumer": "Consumer",
    "receipts": "Receipts", "webhooks": "Webhooks", "target": "Target", "disk": "Disk",
    "certificate": "Certificate", "calendar": "Calendar", "backup": "Backup", "sign_in": "Sign-ins",
    "alerts": "Alerts", "schema": "Schema", "unseen": "Not seen",
}  # fmt: skip
COLUMNS = ("Level", "What", "Which one", "Since", "Wrong, and what to do")
LEVELS = {"ok": "in order", "warning": "warning", "fault": "fault"}


@click.command()
@click.option("--all", "whole", is_flag=True, help="Show what is in order, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def status(session: Session, whole: bool, as_json: bool) -> None:
    """What the hub does and what is wrong, with what to do; exit code 1 where there is a fault.

    \b
    Example:
      hub status --all
    """
    site = session.site()
    found = look(site, connect(site.database_url), site.catalogue())
    if as_json:
        show_json(as_data(found))
    else:
        _show(session, found, whole)
    sys.exit(1 if found.level == FAULT else 0)


def as_data(found: Status) -> dict[str, object]:
    """The status for programs: {at, level, counts, versions, lines}."""
    return {
        "at": found.at,
        "level": found.level,
        "counts": found.counts(),
        "versions": dict(found.versions),
        "lines": [line_json(line) for line in found.lines],
    }


def _show(session: Session, found: Status, whole: bool) -> None:
    shown = [line for line in found.lines if whole or line.issue is not None]
    if shown:
        rows = [_row(session, line) for line in shown]
        show_table(session, COLUMNS, rows, "Status")
    counts = found.counts()
    told = session.text("{fault} faults, {warning} warnings, {ok} in order")
    click.echo(told.format(**counts))
    click.echo("  ".join(f"{name} {one}" for name, one in found.versions.items()))


def _row(session: Session, line: Line) -> tuple[str, ...]:
    message = line.issue.message(session.locale) if line.issue else _figures(line)
    since = (line.since or "")[:16].replace("T", " ")
    level = session.text(LEVELS[line.level])
    return level, session.text(PARTS[line.part]), line.name, since, message


def _figures(line: Line) -> str:
    told = {name: one for name, one in line.figures.items() if one is not None}
    return "  ".join(f"{name} {one}" for name, one in told.items())
