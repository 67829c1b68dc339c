"""`hub move`."""

from __future__ import annotations

from dataclasses import asdict

import click

from hub.backup import moving
from hub.cli.backup import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal


@click.command()
@click.option("--to", "url", required=True, help="URL of an empty database of the other kind.")
@JSON
@click.pass_obj
def move(session: Session, url: str, as_json: bool) -> None:
    """Move the site from SQLite to PostgreSQL or back, and compare the digests of all tables.

    Stop the hub before: nobody can write while it is moved, and the old database takes nothing any more.

    \b
    Example:
      hub move --to postgresql://hub@localhost/hub
    """
    site = session.site()
    with terminal(session, session.text("Moving")) as progress:
        done = moving.move(site, session.engine(), url, progress)
    if as_json:
        tables = [asdict(one) for one in done.tables]
        show_json({"database": done.kind, "tables": tables, "revisions": done.verdict.revisions})
        return
    rows = [(one.table, one.rows, one.digest[:16]) for one in done.tables]
    columns = ("Table", "Rows", "Digest, the same on both sides")
    show_table(session, columns, rows, "Moved")
    click.echo(session.text("All digests are the same, and everything was verified."))
    click.echo(session.text("Set HUB_DATABASE_URL to the database that you named."))
