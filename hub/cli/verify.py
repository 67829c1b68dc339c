"""`hub verify`."""

from __future__ import annotations

import sys

import click

from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.cli.progress import terminal
from hub.database import connect
from hub.verify import Verdict
from hub.verify import verify as check_all


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def verify(session: Session, as_json: bool) -> None:
    """Re-read ledger, deliveries and releases, and recompute every digest.

    Names the first wrong record of each kind and ends with exit code 1 when anything is wrong.

    \b
    Example:
      hub verify --json
    """
    site = session.site()
    with terminal(session, session.text("Verifying")) as progress:
        verdict = check_all(site, connect(site.database_url), progress)
    if as_json:
        show_json(_document(verdict))
    else:
        _show(session, verdict)
    if verdict.issues:
        sys.exit(1)


def _document(verdict: Verdict) -> dict[str, object]:
    return {
        "right": not verdict.issues,
        "revisions": verdict.revisions,
        "artefacts": verdict.artefacts,
        "releases": verdict.releases,
        "issues": [issue_json(issue) for issue in verdict.issues],
    }


def _show(session: Session, verdict: Verdict) -> None:
    rows: list[tuple[str, int]] = list(verdict.revisions.items())
    rows.append((session.text("Deliveries"), verdict.artefacts))
    rows.append((session.text("Releases"), verdict.releases))
    show_table(session, ("Checked", "Number"), rows, "Verification")
    show_issues(verdict.issues)
    if not verdict.issues:
        click.echo(session.text("Everything is as it was written."))
