"""`hub standard template`: a workbook for a department to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from exchange_schemas.check import VALID
from exchange_schemas.sample_check import read_samples
from hub.cli.context import Session
from hub.cli.output import show_json
from publisher.template import write_template


@click.command()
@click.argument("dataset")
@click.option("--version", help="Version of the standard; the newest if left out.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The workbook to write; DATASET.xlsx if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def template(
    session: Session, dataset: str, version: str | None, out: Path | None, as_json: bool
) -> None:
    """Write a workbook that a department fills in: drop-downs, checks, notes and an example.

    The filled workbook is a feed that nobody has to declare: hub feed run FILE.xlsx

    \b
    Example:
      hub standard template administrative_penalty --out 行政处罚填报表.xlsx
    """
    catalogue = session.catalogue()
    standard = catalogue.get(dataset, version)
    path = out or Path(f"{dataset}.xlsx")
    samples = catalogue.folder(dataset) / VALID
    first = next(read_samples(samples), None) if samples.is_file() else None
    example = first[0] if first and standard.version == standard.versions[-1] else None
    write_template(standard, example, path, session.locale)
    if as_json:
        show_json({"file": str(path), "dataset": dataset, "version": standard.version})
        return
    text = session.text("Template of {dataset} version {version}: {file}")
    click.echo(text.format(dataset=dataset, version=standard.version, file=path))
