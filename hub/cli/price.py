"""`hub price`: series of prices, what moves in them, and what is decided on alerts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from hub.cli.chosen import AS, JSON, desk, known
from hub.cli.context import Session
from hub.cli.figures import CSV
from hub.cli.output import show_json, show_table
from hub.cli.price_table import COLUMNS, written

STANDS = click.option("--standing", is_flag=True, help="Only alerts that weren't lifted.")
DAY = click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="As of this day instead of today."
)


@click.group()
def price() -> None:
    """Prices of important goods: series, alerts, decisions on their release, and how good alerts are."""


@price.command()
@click.argument("item", required=False)
@CSV
@DAY
@JSON
@click.pass_obj
def series(session: Session, item: str | None, file: Path | None, day: Any, as_json: bool) -> None:
    """Items with their latest price; or one ITEM (name, code or id) at every point, for emergencies.

    \b
    Example:
      hub price series 鲜猪肉
    """
    from hub.prices import showing  # keeps `hub --help` quick

    site, catalogue = session.site(), session.catalogue()
    with session.engine().connect() as connection:
        frame, name = showing.overview(site, connection, catalogue), "items"
        if item is not None:
            found = showing.find_items(frame, item) if frame.height else frame
            if found.height == 1:
                one = showing.item(site, connection, catalogue, found["id"][0], _day(day))
                frame, name = one.standing.points, "points"
            else:
                frame = found
    if item is not None and frame.is_empty():
        raise showing.unknown(item)
    written(session, frame, COLUMNS[name], file, as_json=as_json)


@price.command()
@STANDS
@click.option("--waiting", is_flag=True, help="Only those that stand and nobody decided on.")
@CSV
@JSON
@click.pass_obj
def alerts(
    session: Session, standing: bool, waiting: bool, file: Path | None, as_json: bool
) -> None:
    """Alerts that follow from the prices here, the newest first.

    \b
    Example:
      hub price alerts --waiting
    """
    from hub.prices import showing  # keeps `hub --help` quick

    with session.engine().connect() as connection:
        found = showing.alerts(session.site(), connection, session.catalogue())
    if waiting:
        found = showing.waiting(found)
    elif standing:
        found = found.filter(found["lifted_on"].is_null())
    written(session, found, COLUMNS["alerts"], file, as_json=as_json)


@price.command()
@click.argument("alert")
@CSV
@JSON
@click.pass_obj
def show(session: Session, alert: str, file: Path | None, as_json: bool) -> None:
    """One alert: its rule, the usual range, and every price that it follows from.

    \b
    Example:
      hub price show JG20261126A1B2C3D4E5
    """
    from hub.prices import showing  # keeps `hub --help` quick
    from hub.prices.decided import history

    with session.engine().connect() as connection:
        found = showing.alert(session.site(), connection, session.catalogue(), alert)
        decisions = history(connection, alert)
    if as_json:
        told = {**found.record, "prices": found.observed.to_dicts(), "decisions": decisions}
        show_json(told)
        return
    for name in ("trigger_rule", "analysis", "release_decision", "lifted_on"):
        if found.record[name]:
            click.echo(found.record[name])
    written(session, found.observed, COLUMNS["observed"], file, as_json=False)


@price.command()
@click.argument("alert")
@click.option(
    "--release/--keep",
    "released",
    required=True,
    default=None,
    help="Let the public see it, or not.",
)
@click.option("--reason", required=True, help="The reason in your own words.")
@click.option("--text", help="What the public reads; needed for a release.")
@AS
@JSON
@click.pass_obj
def decide(
    session: Session,
    alert: str,
    released: bool,
    reason: str,
    text: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Decide whether an alert is released; an approver of the price department does.

    \b
    Example:
      hub price decide JG20261126A1B2C3D4E5 --release --reason 涨幅明显 --text 近期价格上涨较快… --as sun
    """
    from hub.prices.deciding import decide as decide_on  # keeps `hub --help` quick
    from hub.prices.tables import KEEP, RELEASE

    at = desk(session, known(session, "price_alert"), actor)
    done = decide_on(session.site(), at, alert, RELEASE if released else KEEP, reason, text)
    if as_json:
        show_json(done)
    else:
        click.echo(f"{done['alert_no']}: {done['decision']}")


@price.command()
@click.option(
    "--sustained", default=10.0, help="Per cent of change that must last, or the alert was false."
)
@click.option(
    "--sizes",
    default="10,20,30,-10,-20,-30",
    help="Jumps in per cent that are put in, or nothing.",
)
@CSV
@JSON
@click.pass_obj
def backtest(
    session: Session, sustained: float, sizes: str, file: Path | None, as_json: bool
) -> None:
    """How good alerts would have been on the prices that are here: false alarms by the year, jumps found.

    \b
    Example:
      hub price backtest --sizes 20,30
    """
    from hub.prices.backtest import backtest as measured  # keeps `hub --help` quick

    wanted = tuple(float(one) for one in sizes.split(",") if one.strip())
    site = session.site()
    with session.engine().connect() as connection:
        told, jumps, every = measured(site, connection, session.catalogue(), sustained, wanted)
    if as_json:
        show_json({**told, "jumps": jumps})
        return
    rows = [
        (session.text(f"backtest:{name}"), value)
        for name, value in told.items()
        if name != "by_level"
    ]
    show_table(session, ("What", "Count"), rows, "Alerts as they would have been")
    names = ("size_pct", "series", "found", "recall", "delay_days")
    columns = ("Jump in per cent", "Series", "Found", "Share found", "Days until found")
    show_table(
        session,
        columns,
        [[one[name] for name in names] for one in jumps],
        "Jumps that were put in",
    )
    if file:
        written(session, every, COLUMNS["judged"], file, as_json=False)


def _day(told: Any) -> date:
    from exchange_schemas.days import today

    return told.date() if told is not None else today()
