"""`hub standard diff`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.loading import load_standard
from exchange_schemas.standard import Standard
from exchange_schemas.version_diff import Change
from exchange_schemas.version_diff import diff as changes_between
from hub.cli.context import Session
from hub.cli.output import show_json, show_table

_FILE = re.compile(r"v([0-9]+)\.schema\.json")


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def diff(session: Session, a: str, b: str, as_json: bool) -> None:
    """Say what changes from standard A to standard B, and who must do something about it.

    A and B are DATASET@VERSION, the folder of a standard, or one of its schema files.

    \b
    Example:
      hub standard diff administrative_penalty@1 administrative_penalty@2
    """
    catalogue = session.catalogue()
    found = changes_between(_standard(catalogue, a), _standard(catalogue, b))
    if as_json:
        show_json([change_json(change) for change in found])
        return
    show_changes(session, found)


def show_changes(session: Session, found: list[Change]) -> None:
    """The changes as a table."""
    verdicts = {
        "compatible": session.text("compatible"),
        "readers": session.text("compatible for readers"),
        "breaking": session.text("breaking"),
    }
    rows = [(verdicts[one.verdict], one.field, one.message(session.locale)) for one in found]
    show_table(session, ("Verdict", "Field", "What changes"), rows, "Changes")


def change_json(change: Change) -> dict[str, Any]:
    """One change for programs."""
    return {
        "verdict": change.verdict,
        "kind": change.kind,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "message": change.message("zh_CN"),
        "message_en": change.message("en"),
    }


def _standard(catalogue: Catalogue, told: str) -> Standard:
    path = Path(told)
    if path.is_dir():
        return load_standard(path.resolve(), None)
    named = _FILE.fullmatch(path.name)
    if named and path.is_file():
        return load_standard(path.resolve().parent, named[1])
    name, _, version = told.partition("@")
    if not re.fullmatch("[a-z0-9_]+", name):
        raise Misdeclared(Issue("proposal_wrong", value=told, params={"dataset": "-"}))
    return catalogue.get(name, version or None)
