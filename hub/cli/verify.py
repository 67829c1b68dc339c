"""`hub verify`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.cli.progress import terminal
from hub.verify import Verdict
from hub.verify import verify as check_all
from publisher.verify_folder import verify_folder


@click.command()
@click.option(
    "--release",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Check this folder only: a release or all of a dataset, also a copy of one.",
)
@click.option(
    "--told",
    multiple=True,
    help="With --release: fingerprint of the key or digest of the newest manifest, as published.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def verify(session: Session, folder: Path | None, told: tuple[str, ...], as_json: bool) -> None:
    """Re-read ledger, deliveries and releases, and recompute every digest.

    Names the first wrong record of each kind and ends with exit code 1 when anything is wrong.

    \b
    Example:
      hub verify --release site/releases/sample_registration
    """
    if folder is not None:
        _verify_folder(session, folder, told, as_json)
        return
    site = session.site()
    with terminal(session, session.text("Verifying")) as progress:
        verdict = check_all(site, session.engine(), progress)
    if as_json:
        show_json(_document(verdict))
    else:
        _show(session, verdict)
    if verdict.issues:
        sys.exit(1)


def _verify_folder(session: Session, folder: Path, told: Sequence[str], as_json: bool) -> None:
    """Says what is wrong, and what was erased, which is no fault."""
    with terminal(session, session.text("Verifying")):
        issues = verify_folder(folder, told)
    wrong = [issue for issue in issues if issue.severity == "error"]
    if as_json:
        show_json({"right": not wrong, "issues": [issue_json(issue) for issue in issues]})
    else:
        show_issues(issues)
        _praise(session, wrong)
    if wrong:
        sys.exit(1)


def _document(verdict: Verdict) -> dict[str, object]:
    return {
        "right": not verdict.issues,
        "revisions": verdict.revisions,
        "entries": verdict.entries,
        "artefacts": verdict.artefacts,
        "releases": verdict.releases,
        "issues": [issue_json(issue) for issue in verdict.issues],
    }


def _show(session: Session, verdict: Verdict) -> None:
    rows: list[tuple[str, int]] = [*verdict.revisions.items(), *verdict.entries.items()]
    rows.append((session.text("Deliveries"), verdict.artefacts))
    rows.append((session.text("Releases"), verdict.releases))
    show_table(session, ("Checked", "Number"), rows, "Verification")
    show_issues(verdict.issues)
    _praise(session, verdict.issues)


def _praise(session: Session, wrong: Sequence[Issue]) -> None:
    if not wrong:
        click.echo(session.text("Everything is as it was written."))
