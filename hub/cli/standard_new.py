"""`hub standard new`: the beginning of a standard."""

from __future__ import annotations

from pathlib import Path

import click

from exchange_schemas.days import today
from exchange_schemas.new_standard import new_standard
from hub.cli.context import Session
from hub.cli.output import show_json


@click.command()
@click.argument("name", metavar="DEPARTMENT/DATASET")
@click.option("--title", default="新数据集", show_default=True, help="Chinese title.")
@click.option("--title-en", default="New dataset", show_default=True, help="English title.")
@click.option(
    "--in",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("standards"),
    show_default=True,
    help="Folder of standards in which it begins.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def new(session: Session, name: str, title: str, title_en: str, root: Path, as_json: bool) -> None:
    """Begin a standard: a folder that passes its check, to go on from.

    \b
    Example:
      hub standard new civil_affairs/charity_event --title 慈善活动 --title-en "Charity events"
    """
    folder = new_standard(name, root, title, title_en, today())
    if as_json:
        show_json({"folder": str(folder)})
        return
    text = session.text("Begun: {folder}. Check it with: hub standard check {folder}")
    click.echo(text.format(folder=folder))
