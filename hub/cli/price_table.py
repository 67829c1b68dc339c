"""Tables of prices as commands show them: on the terminal, as JSON, or as CSV for Excel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import polars as pl

from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from publisher.formats.excel_csv import inert, text_kept

COLUMNS: dict[str, tuple[str, ...]] = {
    "items": (
        "id", "item_name", "grade_spec", "price_type", "period", "unit", "points", "day", "price", "week", "month",
    ),
    "points": ("point_name", "division_code", "day", "price", "yesterday", "week", "month", "year", "silent"),
    "alerts": (
        "alert_no", "alert_level", "movement", "item_name", "grade_spec", "point_name", "observed_on", "change_pct",
        "lifted_on", "release_decision",
    ),
    "observed": ("day", "point_name", "price", "_key"),
    "judged": (
        "alert_no", "item_name", "grade_spec", "point_name", "observed_on", "kind", "level", "price", "reference",
        "score", "lifted_on", "verdict",
    ),
}  # fmt: skip


def written(
    session: Session,
    frame: pl.DataFrame,
    columns: Sequence[str],
    file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show some columns of a frame (those that it has); into `file` where one is named."""
    names = [name for name in columns if name in frame.columns]
    shown = frame.select(names)
    if "silent" in names:
        silent, told = session.text("not reported"), session.text("reported")
        shown = shown.with_columns(
            silent=pl.when("silent").then(pl.lit(silent)).otherwise(pl.lit(told))
        )
    if file:
        _csv(session, shown, file)
    if as_json:
        show_json(frame.to_dicts())
    elif file:
        click.echo(session.text("Written: {file}").format(file=file))
    else:
        rows = shown.with_columns(pl.selectors.float().round(4)).rows()
        show_table(session, [f"price:{name}" for name in names], rows)


def _csv(session: Session, shown: pl.DataFrame, file: Path) -> None:
    texts = [
        text_kept(inert(pl.col(n))) if kind == pl.String else pl.col(n)
        for n, kind in shown.schema.items()
    ]
    named = {name: session.text(f"price:{name}") for name in shown.columns}
    table = shown.select(texts).rename(named)
    table.write_csv(file, include_bom=True, line_terminator="\r\n", float_precision=4)
