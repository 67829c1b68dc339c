"""`hub feed converters`: what every converter takes and gives, with examples."""

from __future__ import annotations

from typing import Any

import click

from adapters.converter import Converter, Example
from adapters.converters import CONVERTERS
from hub.cli.context import Session
from hub.cli.output import show_json, show_table


@click.command()
@click.argument("name", required=False, type=click.Choice(list(CONVERTERS)), metavar="[CONVERTER]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def converters(session: Session, name: str | None, as_json: bool) -> None:
    """The converters that a feed's fields may name, with what they accept and examples.

    \b
    Example:
      hub feed converters date
    """
    chosen = {n: one for n, one in CONVERTERS.items() if name in (None, n)}
    if as_json:
        show_json([_as_json(n, one) for n, one in chosen.items()])
        return
    columns = ("Converter", "Gives", "Accepts", "Options", "Examples")
    rows = [_row(session, n, one) for n, one in chosen.items()]
    show_table(session, columns, rows, "Converters")


def _row(session: Session, name: str, one: Converter) -> tuple[str, ...]:
    accepts = one.accepts.zh if session.locale == "zh_CN" else one.accepts.en
    refused = session.text("refused")
    examples = "\n".join(_shown(example, refused) for example in one.examples)
    return name, ", ".join(one.gives), accepts, ", ".join(sorted(one.options)), examples


def _shown(example: Example, refused: str) -> str:
    """`45211 → 2023-10-12 (serial: True)`."""
    cells = [example.cell] if isinstance(example.cell, str) else example.cell
    written = " + ".join(cell.replace("\n", "⏎") for cell in cells)
    result = (
        refused if example.result is ... else "–" if example.result is None else example.result
    )
    told = ", ".join(f"{option}: {value}" for option, value in example.options.items())
    return f"{written} → {result}" + (f" ({told})" if told else "")


def _as_json(name: str, one: Converter) -> dict[str, Any]:
    return {
        "converter": name,
        "gives": list(one.gives),
        "accepts": one.accepts.zh,
        "accepts_en": one.accepts.en,
        "options": sorted(one.options),
        "needs": sorted(one.needs),
        "main_option": one.main or None,
        "step": one.is_step,
        "all_columns": one.all_cells,
        "examples": [
            {
                "cell": example.cell,
                "refused": example.result is ...,
                "result": None if example.result is ... else example.result,
                "options": dict(example.options),
            }
            for example in one.examples
        ],
    }
