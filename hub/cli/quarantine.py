"""`hub quarantine`: rejected rows, to look at and to give back to the department."""

from __future__ import annotations

from pathlib import Path

import click

from exchange_schemas.errors import HubError
from hub import quarantine as rejected
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.cli.shown_runs import show_runs
from hub.feeds import find_feed
from hub.quarantine_book import read_book, write_book
from hub.sealed_columns import sealed_columns
from hub.work import work_now


@click.group()
def quarantine() -> None:
    """Rejected rows with their issues."""


@quarantine.command("list")
@click.option("--feed", "feed_name", help="Only this feed.")
@click.option("--limit", type=int, default=50, show_default=True, help="Rows to show at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def list_rows(session: Session, feed_name: str | None, limit: int, as_json: bool) -> None:
    """List rejected rows of each feed's last run, without what sealed fields say.

    \b
    Example:
      hub quarantine list --feed sample_registration
    """
    engine = session.engine()
    with engine.connect() as connection:
        rows = rejected.rows(connection, feed_name)
    if as_json:
        sealed = {name: _sealed(session, name) for name in {row.feed for row in rows}}
        show_json([row.as_json(sealed[row.feed]) for row in rows])
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

    The wrong cells are coloured, and the column beside each says why. Correct them, and give the
    workbook back with `hub quarantine replay`. It has the cells of sealed fields, too: it is for who
    handles the rows, and for nobody else.

    \b
    Example:
      hub quarantine export sample_registration --to wrong-rows.xlsx
    """
    path = target or Path(f"{feed_name}-quarantine.xlsx")
    engine = session.engine()
    with engine.connect() as connection:
        rows = rejected.rows(connection, feed_name)
    write_book(path, feed_name, rows, _sources(session, feed_name))
    if as_json:
        show_json({"file": str(path), "rows": len(rows)})
    else:
        text = session.text("Wrote {count} rows to {path}")
        click.echo(text.format(count=len(rows), path=path))


@quarantine.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@click.option("--by", "actor", required=True, help="Who corrected the rows; it is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def replay(session: Session, path: Path, actor: str, as_json: bool) -> None:
    """Take in the corrected rows of an exported workbook; doing it again changes nothing.

    \b
    Example:
      hub quarantine replay wrong-rows.xlsx --by 张三
    """
    site = session.site()
    engine = session.engine()
    name, _ = read_book(path)
    told = {"feed": name, "file": str(path.resolve()), "actor": actor}
    with terminal(session, name) as progress:
        result = work_now(site, engine, "correction", told, progress)
    if as_json:
        show_json(result)
        return
    show_runs(session, [result])
    if result["rejected"]:
        with engine.connect() as connection:
            still = rejected.of_run(connection, result["run"])
        table = [("\n".join(row.messages(session.locale)),) for row in still]
        show_table(session, ("What is wrong",), table, "Still rejected")


def _sealed(session: Session, feed_name: str) -> frozenset[str] | None:
    """Columns that sealed fields are made of; None where the declaration can't tell any more."""
    try:
        feed = find_feed(session.site().feeds, feed_name)
        return sealed_columns(feed, session.catalogue().get(feed.standard, feed.version))
    except HubError:
        return None


def _sources(session: Session, feed_name: str) -> dict[str, tuple[str, ...]]:
    """Field → source columns, as the feed is declared; nothing where it can't be found any more."""
    try:
        feed = find_feed(session.site().feeds, feed_name)
    except HubError:
        return {}
    return {name: rule.columns for name, rule in feed.fields.items()}
