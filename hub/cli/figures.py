"""What commands that show figures of months have in common: which months, a file, pages."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli.context import Session
from hub.cli.output import show_json

MONTH = "YYYY-MM"
FIRST = click.option("--from", "first", metavar=MONTH, help="First month.")
LAST = click.option("--to", "last", metavar=MONTH, help="Last month; without it, this one.")
PUBLIC = click.option(
    "--public", is_flag=True, help="Leave out numbers below 5, as the public may see it."
)
CSV = click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it into a file that opens in Excel.",
)


def say_pages(session: Session, folder: Path, pages: int, *, as_json: bool) -> None:
    """How many pages were written, and which to open."""
    if as_json:
        show_json({"folder": str(folder), "pages": pages})
        return
    text = session.text("Pages: {pages}. Open {file}")
    click.echo(text.format(pages=pages, file=folder / "index.html"))
