"""What commands print: a table for people, JSON for programs, issues in both languages."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson
from rich.console import Console, JustifyMethod
from rich.table import Table

from exchange_schemas.issue import Issue
from hub.cli.context import Session

PIPED_WIDTH = 140  # columns where there is no terminal that says how wide it is


def show_json(data: Any) -> None:
    """One JSON document on standard output."""
    # names of columns, as rows have them, are a kind of str of their own
    option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(data, option=option, default=str).decode())


def show_table(
    session: Session, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = ""
) -> None:
    """A table; `columns` and `title` are message ids."""
    table = Table(title=session.text(title) if title else None, title_justify="left")
    rows = [list(row) for row in rows]
    for place, name in enumerate(columns):
        numbers = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        justify: JustifyMethod = "right" if numbers else "left"
        table.add_column(session.text(name), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def show_issues(issues: Iterable[Issue]) -> None:
    """Each issue in Chinese, then in English, on standard error."""
    for issue in issues:
        click.echo(f"[{issue.code}] {issue.message('zh_CN')}", err=True)
        click.echo(f"    {issue.message('en')}", err=True)


def issue_json(issue: Issue) -> dict[str, object]:
    """One issue for programs."""
    return {
        "code": issue.code,
        "severity": issue.severity,
        "file": issue.file,
        "line": issue.line,
        "field": issue.field,
        "value": issue.value,
        "message": issue.message("zh_CN"),
        "message_en": issue.message("en"),
    }
