"""`hub target`: what is delivered to the province, and how."""

from __future__ import annotations

import sys
from typing import Any

import click

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub.cli import target_acts
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.outbound.desk import Desk, open_desk
from hub.outbound.grant_check import check_grant
from hub.outbound.preview import Shown
from hub.outbound.preview import preview as make_preview
from hub.outbound.standing import deliveries, standing, undelivered
from hub.outbound.still_held import issues as still_held
from hub.outbound.target import Target, find_target, list_targets
from hub.outbound.target_check import check_target

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
NAME = click.argument("name", metavar="TARGET")


@click.group()
def target() -> None:
    """Targets: declared deliveries to the province, as service, file or database."""


for command in target_acts.COMMANDS:
    target.add_command(command)


@target.command("list")
@JSON
@click.pass_obj
def list_all(session: Session, as_json: bool) -> None:
    """The targets of the site.

    \b
    Example:
      hub target list
    """
    rows = [
        {
            "target": one.name,
            "title": one.title["zh" if session.locale == "zh_CN" else "en"],
            "dataset": one.dataset,
            "table": one.table.name,
            "consumer": one.consumer,
            "way": one.way,
        }
        for one in list_targets(session.site().targets)
    ]
    if as_json:
        show_json(rows)
        return
    columns = ("Target", "Title", "Dataset", "Table of the province", "Consumer", "Way")
    show_table(session, columns, [tuple(row.values()) for row in rows], "Targets")


@target.command()
@NAME
@JSON
@click.pass_obj
def check(session: Session, name: str, as_json: bool) -> None:
    """Check a target's declaration, and the grant of its consumer, without asking the province.

    \b
    Example:
      hub target check province_penalties
    """
    found = find_target(session.site().targets, name)
    issues = check_target(found, session.catalogue())
    if not issues:
        issues = _check_grant(session, found)
    if as_json:
        show_json({"target": found.name, "issues": [issue_json(one) for one in issues]})
    elif issues:
        show_issues(issues)
    else:
        click.echo(session.text("Target {name}: nothing is wrong.").format(name=found.name))
    sys.exit(1 if any(one.severity == "error" for one in issues) else 0)


def _check_grant(session: Session, found: Target) -> list[Issue]:
    try:
        desk = _desk(session, found)
    except HubError as error:
        return [error.issue]
    return list(check_grant(desk))


@target.command()
@NAME
@click.option("--rows", type=click.IntRange(1, 1000), default=3, show_default=True,
              help="How many rows to show.")  # fmt: skip
@click.option("--after", type=click.IntRange(0), help="Those behind this entry, not the newest.")
@JSON
@click.pass_obj
def preview(session: Session, name: str, rows: int, after: int | None, as_json: bool) -> None:
    """Show records as the province would get them, ours beside theirs, with what is wrong; sends nothing.

    \b
    Example:
      hub target preview province_penalties --rows 5
    """
    found = find_target(session.site().targets, name)
    issues = check_target(found, session.catalogue())
    show_issues(issues)
    if any(one.code != "secret_missing" for one in issues):
        sys.exit(1)
    shown = make_preview(_desk(session, found), rows, after)
    if as_json:
        show_json([_shown_json(one) for one in shown])
        return
    for one in shown:
        title = session.text("Entry {seq} {part}").format(seq=one.seq, part=one.part)
        columns = ("Column", "Title", "Ours", "Theirs", "Issue")
        show_table(session, columns, _cells(session, found, one), title)


def _cells(session: Session, found: Target, one: Shown) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = []
    for name, column in found.table.columns.items():
        rule = found.table.rules.get(name)
        fields = dict.fromkeys(rule.fields()) if rule else {}
        ours = " | ".join(_text(one.ours.get(field)) for field in fields if field in one.ours)
        wrong = [issue.message(session.locale) for issue in one.issues if issue.field == name]
        lines.append((name, column.title, ours, one.theirs.get(name), "\n".join(wrong)))
    whole = [issue.message(session.locale) for issue in one.issues if issue.field is None]
    return [*lines, *(("", "", "", "", text) for text in whole)]


def _text(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _shown_json(one: Shown) -> dict[str, Any]:
    issues = [issue_json(issue) for issue in one.issues]
    return {
        "seq": one.seq,
        "part": one.part,
        "ours": one.ours,
        "theirs": one.theirs,
        "issues": issues,
    }


@target.command()
@click.argument("name", metavar="[TARGET]", required=False)
@JSON
@click.pass_obj
def status(session: Session, name: str | None, as_json: bool) -> None:
    """How far each target is; of one also what isn't delivered and why. Exit code 1 where the province
    still holds what was taken back.

    \b
    Example:
      hub target status province_penalties
    """
    site = session.site()
    engine = session.engine()
    chosen = [find_target(site.targets, name)] if name else list_targets(site.targets)
    with engine.connect() as connection:
        rows = [standing(connection, one) for one in chosen]
        alarms = [issue for one in chosen for issue in still_held(connection, one)]
        left = undelivered(connection, chosen[0]) if name else []
        last = deliveries(connection, chosen[0].name) if name else []
    if as_json:
        told = [{**one, "issues": [issue_json(issue) for issue in one["issues"]]} for one in left]
        alarmed = [issue_json(issue) for issue in alarms]
        show_json({"targets": rows, "undelivered": told, "deliveries": last, "alarms": alarmed})
    else:
        _show_standing(session, rows)
        _show_left(session, left)
        show_issues(alarms)
    sys.exit(1 if alarms else 0)


def _show_standing(session: Session, rows: list[dict[str, Any]]) -> None:
    columns = ("Target", "Way", "Looked at", "At the province", "Open", "Waiting", "Held back",
               "Refused", "Failure")  # fmt: skip
    lines = [
        (one["target"], one["way"], one["cursor"], one["held"],
         sum(count for state, count in one["deliveries"].items() if state != "answered"),
         *one["entries"].values(), one["failure"])
        for one in rows
    ]  # fmt: skip
    show_table(session, columns, lines, "Targets")


def _show_left(session: Session, left: list[dict[str, Any]]) -> None:
    if not left:
        return
    lines = [
        (one["seq"], one["key"], session.text(one["state"]), one["code"],
         "\n".join(issue.message(session.locale) for issue in one["issues"]) or one["reason"])
        for one in left
    ]  # fmt: skip
    show_table(session, ("Entry", "Record", "State", "Code", "Reason"), lines, "Not delivered")


def _desk(session: Session, found: Target) -> Desk:
    site = session.site()
    engine = session.engine()
    return open_desk(site, engine, session.catalogue(), found)
