"""`hub exchange pages` and `hub exchange report`: the exchange as pages for staff."""

from __future__ import annotations

from pathlib import Path

import click

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.web.exchange_site.pages import Board
from hub.web.exchange_site.rendering import write_report

DEPARTMENT = click.option(
    "--department", help="Code of one department: only the datasets that it answers for."
)


@click.command()
@click.option("--port", default=8010, show_default=True, help="Port to serve on; 0: a free one.")
@DEPARTMENT
@JSON
@click.pass_obj
def pages(session: Session, port: int, department: str | None, as_json: bool) -> None:
    """Serve the pages on this machine's loopback only, until Ctrl-C: who has taken what, refusals,
    erasures, who has a record.

    \b
    Example:
      hub exchange pages --port 8010 --department market_regulation
    """
    from hub.web.exchange_pages import serve  # keeps `hub --help` quick

    def ready(url: str) -> None:
        if as_json:
            show_json({"pages": f"{url}/"})
            return
        click.echo(session.text("Pages: {url}").format(url=f"{url}/"))
        click.echo(session.text("Stop with Ctrl-C."))

    board = _board(session, department)
    serve(board, session.engine(), port, ready)
    if not as_json:
        click.echo(session.text("Stopped."))


@click.command()
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write into; an older report there is replaced as a whole.",
)
@DEPARTMENT
@JSON
@click.pass_obj
def report(session: Session, folder: Path, department: str | None, as_json: bool) -> None:
    """Write the same pages into a folder, without the search of records.

    \b
    Example:
      hub exchange report --to ./exchange-report
    """
    board = _board(session, department)
    count = write_report(board, session.engine(), folder)
    if as_json:
        show_json({"folder": str(folder), "pages": count})
        return
    text = session.text("Pages: {pages}. Open {file}")
    click.echo(text.format(pages=count, file=folder / "index.html"))


def _board(session: Session, department: str | None) -> Board:
    """Raises Misdeclared (no_department)."""
    if department is not None and department not in load_codes("departments").codes:
        raise Misdeclared(Issue("no_department", value=department))
    return Board(session.site(), session.catalogue(), department)
