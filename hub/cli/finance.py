"""`hub finance`: what the checks of finance statistics found, and the values of an indicator."""

from __future__ import annotations

import click
import polars as pl

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.found import records
from hub.cli.output import show_json, show_table
from hub.finance.checks import WRITES
from hub.finance.series import DATASET, as_series

COLUMNS = (
    "Check",
    "Indicator",
    "Period",
    "Institution or kind",
    "Before",
    "Value as reported",
    "Due on",
)
CHECKS = click.Choice(
    ["缺报", "迟报", "异常波动", "同比不符", "环比不符", "单位变化", "分项不符", "修订"]
)


@click.group()
def finance() -> None:
    """Statistics of finance: what is missing, late, doubtful or revised."""


@finance.command("list")
@click.option(
    "--check", "checks", multiple=True, type=CHECKS, help="Only this check; may be repeated."
)
@click.option("--indicator", help="Only this indicator's code.")
@JSON
@click.pass_obj
def listed(
    session: Session, checks: tuple[str, ...], indicator: str | None, as_json: bool
) -> None:
    """What the checks found, as the analysis computed it last.

    \b
    Example:
      hub finance list --check 缺报
    """
    rows = records(session, WRITES).sort("period_to", "check_id", descending=[True, False])
    if checks:
        rows = rows.filter(pl.col("check").is_in(checks))
    if indicator:
        rows = rows.filter(pl.col("indicator_code") == indicator)
    if as_json:
        show_json([{k: v for k, v in one.items() if v is not None} for one in rows.to_dicts()])
        return
    shown = rows.select(
        "check", "indicator_name", "period", pl.coalesce("org_name", "org_type"), "before", "value", "due_on"
    )  # fmt: skip
    show_table(session, COLUMNS, shown.iter_rows())


@finance.command()
@click.argument("indicator")
@JSON
@click.pass_obj
def show(session: Session, indicator: str, as_json: bool) -> None:
    """The values of an indicator, newest first, of every division and institution.

    \b
    Example:
      hub finance show DK001
    """
    known = records(session, DATASET)
    rows = as_series(known).filter(pl.col("indicator_code") == indicator)
    if rows.is_empty():
        codes = ", ".join(known["indicator_code"].unique().sort())
        words = {"field": "indicator_code", "known": codes}
        raise Misdeclared(Issue("indicator_unknown", value=indicator[:40], params=words))
    found = rows.sort("period_to", "division_code", descending=[True, False]).select(
        "period", "division_code", pl.coalesce("org_name", "org_type").alias("institution"),
        "value", "unit", "yoy_pct", "mom_pct",
    )  # fmt: skip
    if as_json:
        show_json(found.to_dicts())
        return
    divisions = load_codes("divisions").codes
    titles = {
        code: one.title if session.locale == "zh_CN" else one.title_en
        for code, one in divisions.items()
    }
    shown = found.with_columns(pl.col("division_code").replace(titles))
    columns = ("Period", "Division", "Institution or kind", "Value as reported", "Unit",
               "On the year before, %", "On the period before, %")  # fmt: skip
    show_table(session, columns, shown.iter_rows())
