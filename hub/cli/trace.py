"""`hub trace`: where a batch came from and went, who has to give it back, and what its ledgers lack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table

if TYPE_CHECKING:
    import polars as pl

    from hub.analysis.inputs import Inputs
    from hub.trace.chain import Chain
    from hub.trace.walk import Limits

PRODUCER = click.option("--producer", help="Whose batch, where several producers used the number.")
PRODUCT = click.option("--product", help="Of which product, where a producer used it for several.")
STEPS = click.option("--steps", type=int, default=24, show_default=True, help="Stages each way.")
ROOM = click.option("--rows", type=int, default=2000, show_default=True, help="Rows in all.")


@click.group()
def trace() -> None:
    """Food trace and recall: from a batch back to the farm and on to the shops."""


@trace.command()
@click.argument("batch")
@PRODUCER
@PRODUCT
@STEPS
@ROOM
@JSON
@click.pass_obj
def show(
    session: Session,
    batch: str,
    producer: str | None,
    product: str | None,
    steps: int,
    rows: int,
    as_json: bool,
) -> None:
    """Who had a batch or the goods of a trace code, and what is found in their ledgers.

    \b
    Example:
      hub trace show 20260101A --producer 信宜市池洞怀乡鸡专业合作社
    """
    from hub.trace.walk import Limits

    found = _chain(session, batch, producer, product, Limits(steps, rows))
    if as_json:
        show_json(_told(found))
        return
    _show_parties(session, found)
    _show_findings(session, found.findings)
    for _, maker, name in found.walk.others:
        words = session.text("The same number is also one of: {producer}, {product}")
        click.echo(words.format(producer=maker or "–", product=name))
    if found.walk.cut:
        click.echo(session.text("The chain is longer: raise --steps or --rows to see all of it."))


@trace.command()
@click.argument("batch")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Workbook to write.")
@PRODUCER
@PRODUCT
@STEPS
@ROOM
@JSON
@click.pass_obj
def recall(
    session: Session,
    batch: str,
    out: Path,
    producer: str | None,
    product: str | None,
    steps: int,
    rows: int,
    as_json: bool,
) -> None:
    """Write the recall list of a batch as a workbook: who received how much and when, and what is left.

    \b
    Example:
      hub trace recall 20260101A --out 召回名单.xlsx
    """
    from hub.trace.recall_list import write_recall_list
    from hub.trace.walk import Limits

    found = _chain(session, batch, producer, product, Limits(steps, rows))
    chinese = session.locale == "zh_CN"
    inputs = _inputs(session)
    count = write_recall_list(out, inputs, found, _text(session), chinese=chinese)
    if as_json:
        show_json({"file": str(out), "operators": count, "cut": found.walk.cut})
        return
    words = session.text("Written: {file}, {count} operators")
    click.echo(words.format(file=out, count=count))
    if found.walk.cut:
        click.echo(session.text("The chain is longer: raise --steps or --rows to see all of it."))


@trace.command()
@click.option("--kind", help="Only this kind, see exchange_schemas/codes/trace_finding_kinds.csv.")
@click.option("--operator", metavar="USCC", help="Only of the operator with this credit code.")
@click.option("--limit", type=int, default=50, show_default=True, help="The newest of them.")
@JSON
@click.pass_obj
def findings(
    session: Session, kind: str | None, operator: str | None, limit: int, as_json: bool
) -> None:
    """What the ledgers lack and where they contradict each other, as the last computing found it.

    \b
    Example:
      hub trace findings --kind more_out_than_in
    """
    from hub.trace.findings_now import newest_findings

    _, newest = newest_findings(_inputs(session), kind or "", limit, operator or "")
    if as_json:
        show_json(newest.to_dicts())
        return
    _show_findings(session, newest)


@trace.command()
@click.argument("code")
@JSON
@click.pass_obj
def code(session: Session, code: str, as_json: bool) -> None:
    """What the public may know of a trace code: product, producer, batch and certificates.

    \b
    Example:
      hub trace code 44098326071600118785
    """
    import polars as pl

    from exchange_schemas.errors import Misdeclared
    from exchange_schemas.issue import Issue

    standard = session.catalogue().get("food_trace_public")
    names = list(standard.fields_for("public"))
    rows = _inputs(session).scan("food_trace_public").filter(pl.col("trace_code") == code)
    found = rows.select(names).collect().to_dicts()
    if not found:
        raise Misdeclared(Issue("trace_unknown", value=code[:64]))
    if as_json:
        show_json(found[0])
        return
    chinese = session.locale == "zh_CN"
    cells = [
        (field.title if chinese else field.title_en, _cell(found[0][name]))
        for name, field in standard.fields.items()
        if found[0].get(name) is not None
    ]
    show_table(session, ("Field", "Value"), cells, "What the public sees")


def _inputs(session: Session) -> Inputs:
    from hub.analysis.inputs import Inputs

    site = session.site()
    return Inputs(site, session.engine(), site.catalogue())


def _chain(
    session: Session, batch: str, producer: str | None, product: str | None, limits: Limits
) -> Chain:
    from hub.trace.chain import chain

    return chain(_inputs(session), batch, producer, product, limits)


def _text(session: Session) -> Callable[..., str]:
    def text(message: str, **values: object) -> str:
        return session.text(message).format(**values)

    return text


def _told(found: Chain) -> dict[str, object]:
    """The chain for programs."""
    walk = found.walk
    rows = walk.rows.select("way", *_ROW)
    return {
        "asked": walk.asked,
        "begun_by": walk.begun_by,
        "cut": walk.cut,
        "others": [list(one) for one in walk.others],
        "rows": rows.to_dicts(),
        "links": walk.links.to_dicts(),
        "operators": found.parties.drop("party").to_dicts(),
        "findings": found.findings.to_dicts(),
    }


_ROW = (
    "trace_batch_no", "prev_batch_no", "happened_at", "operator_name", "operator_uscc", "direction",
    "counterparty_name", "counterparty_uscc", "product_name", "batch", "producer_name", "quantity",
    "unit", "division_code",
)  # fmt: skip


def _show_parties(session: Session, found: Chain) -> None:
    from hub.trace.words import STAGES

    columns = (
        "Stage",
        "Operator",
        "Credit code",
        "Goods received",
        "First received",
        "Sold on",
        "Left",
    )
    rows = [
        (session.text(STAGES[one["stage"]]), one["name"], one["uscc"], one["received"],
         one["first_at"], one["sold"], one["left"])
        for one in found.parties.to_dicts()
    ]  # fmt: skip
    show_table(session, columns, rows, "Who had it")


def _show_findings(session: Session, found: pl.DataFrame) -> None:
    from hub.trace.words import code_title

    chinese = session.locale == "zh_CN"
    columns = ("Finding", "Operator", "Day", "What was found", "Expected", "Rows of the ledger")
    rows = [
        (code_title("trace_finding_kinds", one["kind"], chinese=chinese), one["operator_name"],
         one["happened_on"], one["found"], one["expected"], "、".join(one["trace_batch_nos"]))
        for one in found.to_dicts()
    ]  # fmt: skip
    show_table(session, columns, rows, "Findings")


def _cell(value: object) -> str:
    return "；".join(map(str, value)) if isinstance(value, list) else str(value)
