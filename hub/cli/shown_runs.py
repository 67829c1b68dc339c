"""Runs and differences as people read them."""

from __future__ import annotations

from typing import Any

import click

from hub.cli.context import Session
from hub.cli.output import show_table

COUNTS = ("read", "accepted", "rejected", "added", "changed", "unchanged", "gone")
TITLES = ("Read", "Accepted", "Rejected", "Added", "Changed", "Unchanged", "Gone")


def show_runs(session: Session, results: list[dict[str, Any]]) -> None:
    """A table of runs, with those of derived datasets below theirs, and issues by code."""
    rows = []
    for result in results:
        name = result["feed"] + (f" [{session.text('held')}]" if result["held"] else "")
        rows.append((name, result["dataset"], *(result[c] for c in COUNTS)))
        rows += [("└", d["dataset"], *(d[c] for c in COUNTS)) for d in result["derived"]]
    show_table(session, ("Feed", "Dataset", *TITLES), rows, "Runs")
    found = [
        (result["feed"], code, count)
        for result in results
        for code, count in result["issues"].items()
    ]
    if found:
        show_table(session, ("Feed", "Issue", "Count"), found, "Issues")
    for name in [result["feed"] for result in results if result["rejected"]]:
        command = f"hub quarantine list --feed {name}"
        click.echo(
            session.text("Rejected rows and what is wrong: {command}").format(command=command)
        )
    for result in results:
        for note in result["notes"]:
            click.echo(f"[{note['code']}] {note['message']}\n    {note['message_en']}", err=True)


def show_differences(session: Session, found: list[dict[str, Any]]) -> None:
    """Tables of what differs, dataset by dataset."""
    for one in found:
        rows = [(one["added"], one["changed"], one["gone"])]
        show_table(session, ("Added", "Changed", "Gone"), rows, one["dataset"])
        if one["fields"]:
            show_table(session, ("Field", "Records"), list(one["fields"].items()), "Fields")
        show_table(
            session, ("Operation", "Key", "Field", "Before", "After"), _cells(session, one),
            "Records",
        )  # fmt: skip
    if not found:
        click.echo(session.text("Nothing differs."))


def _cells(session: Session, one: dict[str, Any]) -> list[tuple[str, ...]]:
    """One line of the table per field of a changed record; one for any other."""
    lines: list[tuple[str, ...]] = []
    for record in one["records"]:
        operation = session.text(record["operation"])
        if record["operation"] != "changed":
            lines.append((operation, record["key"], "", "", ""))
        for name, (before, after) in record["fields"].items():
            if record["operation"] == "changed":
                lines.append((operation, record["key"], name, _text(before), _text(after)))
    return lines


def _text(value: Any) -> str:
    return "" if value is None else str(value)
