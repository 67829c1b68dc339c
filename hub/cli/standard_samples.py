"""`hub standard samples`: invalid samples of a standard, made from its valid ones."""

from __future__ import annotations

from pathlib import Path

import click

from exchange_schemas.breaking import complete_invalid
from exchange_schemas.check import INVALID, VALID
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.loading import load_standard
from hub.cli.context import Session
from hub.cli.output import show_json


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def samples(session: Session, path: Path, as_json: bool) -> None:
    """Write the invalid samples of the standard in folder PATH from its valid ones.

    Every rule is broken once, in the record where least else breaks. Samples that are there and
    still raise what they say are kept.

    \b
    Example:
      hub standard samples exchange_schemas/standards/market_regulation/market_entity
    """
    folder = path.resolve()
    try:
        standard = load_standard(folder, None)
        count, missed = complete_invalid(standard, folder / VALID, folder / INVALID)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        words = {"place": str(path / VALID), "reason": f"{type(error).__name__}: {error}"}
        raise Misdeclared(Issue("standard_invalid", params=words)) from error
    if as_json:
        show_json({"samples": count, "missed": missed})
        return
    click.echo(session.text("Invalid samples written: {count}.").format(count=count))
    for rule in missed:
        click.echo(
            session.text("No valid sample could be made to raise {rule}.").format(rule=rule)
        )
