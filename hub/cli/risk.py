"""`hub risk`: signals of product risks, and what people do to them."""

from __future__ import annotations

import click
import polars as pl

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.risk_acts import SEVERITIES, SIGNAL, add_acts, place_of
from hub.risks import showing
from hub.risks.entering import enter as entered
from hub.risks.people import officer
from hub.risks.states import STATES
from hub.risks.steps import Place, history

COLUMNS = (
    "Signal",
    "Product",
    "Channel",
    "Severity reported",
    "Level of risk",
    "State",
    "Due on",
    "Overdue",
)
CHANNELS = click.Choice(["网络", "申投诉举报", "媒体", "国内外通报", "商品危害情报", "主动监测"])


@click.group()
def risk() -> None:
    """Risks of products: signals from every channel, weighed, acted upon, and closed by somebody else."""


def _standing(session: Session, actor: str | None) -> tuple[Place, pl.DataFrame]:
    at = place_of(session)
    with at.engine.connect() as connection:
        one = officer(connection, named(actor))
    if not one.sees:
        raise Refused(Issue("risk_role", value="-", params={"role": "any/任何", "act": "list"}))
    return at, showing.standing(at, today())


@risk.command("list")
@click.option(
    "--state", type=click.Choice(STATES), help="Only this state; without it those that are open."
)
@click.option("--overdue", is_flag=True, help="Only those whose term is over.")
@AS
@JSON
@click.pass_obj
def listed(
    session: Session, state: str | None, overdue: bool, actor: str | None, as_json: bool
) -> None:
    """The signals, what is due first comes first.

    \b
    Example:
      hub risk list --overdue --as zhao
    """
    _at, rows = _standing(session, actor)
    found = showing.chosen(rows, state or "open")
    if overdue:
        found = found.filter("overdue")
    if as_json:
        show_json(found.rename({"now": "state", "_level": "level"}).to_dicts())
        return
    shown = [
        (
            one["signal_id"], one["product"], one["channel"], one["severity"], one["_level"],
            session.text(f"risk:{one['now']}"), one["due_on"], session.text("overdue") if one["overdue"] else "",
        )
        for one in found.to_dicts()
    ]  # fmt: skip
    show_table(session, COLUMNS, shown)


@risk.command()
@SIGNAL
@AS
@JSON
@click.pass_obj
def show(session: Session, signal: str, actor: str | None, as_json: bool) -> None:
    """One signal with its assessment and every step that was made.

    \b
    Example:
      hub risk show FX202600001 --as zhao
    """
    at, rows = _standing(session, actor)
    found = rows.filter(rows["signal_id"] == signal).to_dicts()
    if not found:
        raise Misdeclared(Issue("risk_unknown", value=signal[:64]))
    with at.engine.connect() as connection:
        steps = history(connection, signal)
    if as_json:
        show_json({**found[0], "steps": steps})
        return
    told = found[0]
    state = session.text(f"risk:{told['now']}")
    click.echo(
        f"{told['signal_id']} {told['product']}：{told['hazard']} — {state} {told['_level'] or ''}"
    )
    columns = ("Step", "Act", "State", "Who", "When", "Reason or measure")
    shown = [
        (one["number"], session.text(f"risk_act:{one['act']}"), session.text(f"risk:{one['state']}"),
         one["actor"], one["at"], one["reason"])
        for one in steps
    ]  # fmt: skip
    show_table(session, columns, shown)


@risk.command()
@click.option("--channel", type=CHANNELS, required=True, help="Where the signal comes from.")
@click.option("--product", required=True, help="The product.")
@click.option("--hazard", required=True, help="What harm may come of it.")
@click.option("--severity", type=SEVERITIES, required=True, help="How serious it seems.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="A further field of the standard; may be repeated.")  # fmt: skip
@AS
@JSON
@click.pass_obj
def enter(
    session: Session,
    channel: str,
    product: str,
    hazard: str,
    severity: str,
    fields: tuple[str, ...],
    actor: str | None,
    as_json: bool,
) -> None:
    """Enter a signal that no feed brings; it is checked by the standard and gets a number.

    \b
    Example:
      hub risk enter --channel 媒体 --product 儿童水晶泥 --hazard 硼含量超标 --severity 高 --as zhao
    """
    at = place_of(session)
    with at.engine.connect() as connection:
        one = officer(connection, named(actor))
    more = dict(one.split("=", 1) for one in fields if "=" in one)
    told = {**more, "channel": channel, "product": product, "hazard": hazard, "severity": severity}
    number = entered(at, one, told)
    if as_json:
        show_json({"signal_id": number})
    else:
        click.echo(number)


add_acts(risk)
