"""`hub quarantine`: rejected rows, to look at and to give back to the department."""

from __future__ import annotations

from pathlib import Path

import click

from hub import quarantine as rejected
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import connect


@click.group()
def quarantine() -> None:
    """Rejected rows with their issues."""


@quarantine.command("list")
@click.option("--feed", "feed_name", help="Only this feed.")
@click.option("--limit", type=int, default=50, show_default=True, help="Rows to show at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def list_rows(session: Session, feed_name: str | None, limit: int, as_json: bool) -> None:
    """List rejected rows of each feed's last run.

    \b
    Example:
      hub quarantine list --feed sample_registration
    """
    engine = connect(session.site().database_url)
    with engine.connect() as connection:
        rows = rejected.rows(connection, feed_name)
    if as_json:
        show_json([row.as_json() for row in rows])
        return
    table = [
        (r.feed, r.source, r.line, "\n".join(r.messages(session.locale))) for r in rows[:limit]
    ]
    show_table(session, ("Feed", "File", "Line", "What is wrong"), table, "Quarantine")
    if len(rows) > limit:
        click.echo(session.text("… and {count} more").format(count=len(rows) - limit))


@quarantine.command()
@click.argument("feed_name", metavar="FEED")
@click.option("--to", "target", type=click.Path(path_type=Path), help="File to write.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def export(session: Session, feed_name: str, target: Path | None, as_json: bool) -> None:
    """Write the rejected rows of a feed's last run as .xlsx, for the department to correct.

    \b
    Example:
      hub quarantine export sample_registration --to wrong-rows.xlsx
    """
    path = target or Path(f"{feed_name}-quarantine.xlsx")
    engine = connect(session.site().database_url)
    with engine.connect() as connection:
        rows = rejected.rows(connection, feed_name)
    rejected.write_workbook(path, rows)
    if as_json:
        show_json({"file": str(path), "rows": len(rows)})
    else:
        text = session.text("Wrote {count} rows to {path}")
        click.echo(text.format(count=len(rows), path=path))
