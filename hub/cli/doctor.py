"""`hub doctor`: looks at the whole installation and says what to do."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from hub.cli.context import Session
from hub.cli.output import issue_json, show_json
from hub.site import Site

if TYPE_CHECKING:
    from hub.doctor.examination import Finding

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "red")}


@click.command()
@click.option(
    "--online",
    is_flag=True,
    help="Also ask the servers of feeds and targets for their certificates.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def doctor(ctx: click.Context, online: bool, as_json: bool) -> None:
    """Look at the whole installation; one line for each thing, and what to do where it is wrong.

    Exit code 1 where there is a fault; warnings are no fault.

    \b
    Example:
      hub --site ./site doctor
    """
    from hub.doctor.examination import examine  # keeps `hub --help` quick
    from hub.doctor.patient import Patient

    session: Session = ctx.obj
    site = Site(session.site_path.resolve())
    patient = Patient(site, ctx.meta["hub.settings"], os.environ, datetime.now(UTC), online)
    found: list[Finding] = []
    for one in examine(patient):
        found.append(one)
        if not as_json:
            _show(session, one)
    counts = {state: sum(one.state == state for one in found) for state in _MARKS}
    if as_json:
        show_json({**counts, "findings": [_as_json(one) for one in found]})
    else:
        told = session.text("{ok} in order, {warning} to be looked at, {fault} to be put right")
        click.echo(told.format_map(counts))
    if counts["fault"]:
        sys.exit(1)


def _show(session: Session, one: Finding) -> None:
    """In the session's language; what isn't in order also in the other."""
    mark, colour = _MARKS[one.state]
    title = session.text(one.check.title)
    text = one.issue.message(session.locale)
    click.echo(f"{click.style(mark, fg=colour)} {title}: {text}")
    if one.state != "ok":
        other = "en" if session.locale != "en" else "zh_CN"
        click.echo(f"    {one.issue.message(other)}")


def _as_json(one: Finding) -> dict[str, object]:
    return {"check": one.check.name, "state": one.state, **issue_json(one.issue)}
