"""`hub standard export`, `hub standard catalogue` and `hub standard site`: standards for others."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli.context import Session
from hub.cli.output import show_json
from publisher.dictionary_site import write_site
from publisher.schema_formats import SCHEMA_FORMATS
from publisher.schema_formats.resource_catalogue import WRITERS, rows

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@click.argument("dataset")
@click.option(
    "--as",
    "form",
    type=click.Choice(list(SCHEMA_FORMATS)),
    required=True,
    help="The form to write.",
)
@click.option("--version", help="Version of the standard; the newest if left out.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; standard output if left out.",
)
@click.pass_obj
def export(
    session: Session, dataset: str, form: str, version: str | None, out: Path | None
) -> None:
    """Write a standard as JSON Schema, Table Schema or XML Schema, complete in one file.

    \b
    Example:
      hub standard export administrative_penalty --as xsd --out penalty.xsd
    """
    document, _ = SCHEMA_FORMATS[form]
    told = document(session.catalogue().get(dataset, version))
    if out is None:
        click.echo(told.decode(), nl=False)
        return
    out.write_bytes(told)
    click.echo(session.text("Written: {file}").format(file=out))


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write: .csv, .xlsx or .json.",
)
@JSON
@click.pass_obj
def catalogue(session: Session, out: Path, as_json: bool) -> None:
    """Write the catalogue of government information resources: every field of every dataset.

    \b
    Example:
      hub standard catalogue --out 政务信息资源目录.xlsx
    """
    write = WRITERS.get(out.suffix.lower())
    if write is None:
        text = session.text("{file} must end in one of {known}")
        raise click.BadParameter(text.format(file=out.name, known=", ".join(WRITERS)))
    found = rows(session.catalogue())
    write(found, out)
    datasets = len({row["信息资源代码"] for row in found})
    if as_json:
        show_json({"file": str(out), "datasets": datasets, "items": len(found)})
        return
    text = session.text("Datasets: {datasets}. Information items: {items}. File: {file}")
    click.echo(text.format(datasets=datasets, items=len(found), file=out))


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@JSON
@click.pass_obj
def site(session: Session, folder: Path | None, as_json: bool) -> None:
    """Write the data dictionary as pages that a browser shows from the folder itself.

    Without FOLDER it goes into the site, and the portal shows it: hub serve

    \b
    Example:
      hub standard site ./数据标准
    """
    place = folder or session.site().dictionary
    pages = write_site(session.catalogue(), place, session.place())
    if as_json:
        show_json({"folder": str(place), "pages": pages})
        return
    text = session.text("Pages: {pages}. Open {file}")
    click.echo(text.format(pages=pages, file=place / "index.html"))
