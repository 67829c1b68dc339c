"""`hub feed`: the declared sources of a site, checked and tried before they are run."""

from __future__ import annotations

import sys
from typing import Any

import click

from adapters.feed import Feed
from adapters.feed_check import check_feed
from exchange_schemas.standard import Standard
from hub.cli import feed_due, feed_runs
from hub.cli.context import Session
from hub.cli.feed_converters import converters
from hub.cli.feed_suggest import suggest
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.cli.run import run
from hub.feeds import find_feed, list_feeds
from hub.freshness import Freshness, freshness
from hub.preview import Preview, PreviewRow
from hub.preview import preview as make_preview

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def feed() -> None:
    """Feeds: the declared connections to departments' sources."""


for command in (run, suggest, converters, *feed_runs.COMMANDS, *feed_due.COMMANDS):
    feed.add_command(command)


@feed.command("list")
@JSON
@click.pass_obj
def list_all(session: Session, as_json: bool) -> None:
    """The feeds of the site.

    \b
    Example:
      hub feed list
    """
    site = session.site()
    engine, catalogue = session.engine(), site.catalogue()
    with engine.connect() as connection:
        rows = [
            {**_summary(one, session.locale), **_fresh(freshness(connection, one, catalogue))}
            for one in list_feeds(site.feeds)
        ]
    if as_json:
        show_json(rows)
        return
    columns = ("Feed", "Title", "Dataset", "Format", "Source", "Freshness", "Last delivery",
               "Due", "Last run")  # fmt: skip
    lines = [
        (*list(row.values())[:5], session.text(str(row["freshness"])), row["taken_at"],
         row["due_at"], row["last_run"] and session.text(str(row["last_run"])))
        for row in rows
    ]  # fmt: skip
    show_table(session, columns, lines, "Feeds")


@feed.command()
@click.argument("name", metavar="FEED")
@JSON
@click.pass_obj
def check(session: Session, name: str, as_json: bool) -> None:
    """Check a feed's declaration without touching its source.

    \b
    Example:
      hub feed check ./my-feed.yml
    """
    found = _find(session, name)
    issues = check_feed(found, session.catalogue())
    if as_json:
        show_json({"feed": found.name, "issues": [issue_json(issue) for issue in issues]})
    elif issues:
        show_issues(issues)
    else:
        click.echo(session.text("Feed {name}: nothing is wrong.").format(name=found.name))
    sys.exit(1 if issues else 0)


@feed.command()
@click.argument("name", metavar="FEED")
@click.option("--rows", type=click.IntRange(1, 1000), default=3, show_default=True,
              help="How many rows to show.")  # fmt: skip
@JSON
@click.pass_obj
def preview(session: Session, name: str, rows: int, as_json: bool) -> None:
    """Show the first rows of a feed before and after, with what is wrong; writes nothing.

    \b
    Example:
      hub feed preview ./my-feed.yml --rows 5
    """
    found, catalogue = _find(session, name), session.catalogue()
    issues = check_feed(found, catalogue)
    show_issues(issues)
    if any(issue.code != "field_unmapped" for issue in issues):
        sys.exit(1)  # a draft that lacks fields can be looked at all the same
    standard = catalogue.get(found.standard, found.version)
    shown = make_preview(found, standard, rows)
    if as_json:
        show_json(_preview_json(shown))
        return
    for row in shown.rows:
        title = session.text("{file} line {line}").format(file=shown.file, line=row.line)
        columns = ("Field", "Source column", "Before", "After", "Issue")
        show_table(session, columns, _cells(session, found, standard, row), title)
        show_issues(row.issues)
    show_issues(shown.issues)


def _find(session: Session, name: str) -> Feed:
    # a declaration can be tried before there is any site
    return find_feed(session.site_path / "feeds", name)


def _summary(one: Feed, locale: str) -> dict[str, str]:
    return {
        "feed": one.name,
        "title": one.title["zh" if locale == "zh_CN" else "en"],
        "dataset": one.standard,
        "format": one.format.kind,
        "source": _where(one),
    }


def _fresh(found: Freshness) -> dict[str, str | None]:
    return {
        "freshness": found.state,
        "taken_at": found.taken_at,
        "due_at": found.due_at,
        "last_run": found.last_state,
    }


def _where(one: Feed) -> str:
    """What a person would call the source: its kind, and where it is, without secrets' values."""
    told = [one.source.options.get(name) for name in ("path", "url", "host", "database")]
    places = [str(place) for place in told if place]
    return f"{one.source.kind}: {places[0]}" if places else one.source.kind


def _cells(
    session: Session, found: Feed, standard: Standard, row: PreviewRow
) -> list[tuple[str, ...]]:
    """One line of the table per mapped field."""
    lines: list[tuple[str, ...]] = []
    for name, rule in found.fields.items():
        before = " | ".join(row.before.get(column) or "" for column in rule.columns)
        codes = ", ".join(issue.code for issue in row.issues if issue.field == name)
        title = standard.fields[name].title if session.locale == "zh_CN" else name
        after = str(row.after.get(name, ""))
        lines.append((title, " | ".join(rule.columns), before, after, codes))
    return lines


def _preview_json(shown: Preview) -> dict[str, Any]:
    return {
        "file": shown.file,
        "issues": [issue_json(issue) for issue in shown.issues],
        "rows": [
            {
                "line": row.line,
                "before": row.before,
                "after": row.after,
                "issues": [issue_json(issue) for issue in row.issues],
            }
            for row in shown.rows
        ],
    }
