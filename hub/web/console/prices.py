"""Prices for staff: what moves, one item across its points, and alerts with what they follow from."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import polars as pl
from flask import Response, request

from exchange_schemas.days import today
from exchange_schemas.price_rules import LEVELS
from hub.prices import showing
from hub.prices.decided import history
from hub.prices.deciding import decide as decide_on
from hub.prices.price_pictures import DAYS, of_alert, of_item, pictures
from hub.prices.records import SYSTEM
from hub.prices.tables import DECISIONS
from hub.review import Desk
from hub.states import APPROVER
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import locale, say
from hub.web.console.pictures import picture as drawn
from hub.web.console.policy import STAFF, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.formats.excel_csv import inert, text_kept

NEWEST = 30  # alerts on the first page


def add_prices(console: Console) -> None:
    """Put the pages and the act on the console."""
    _add_overview(console)
    _add_item(console)
    _add_alert(console)


def _add_overview(console: Console) -> None:
    @console.page("/prices", STAFF)
    def overview(_visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            found = showing.overview(console.site, connection, console.catalogue())
            told = showing.alerts(console.site, connection, console.catalogue())
        values = {
            "waiting": showing.waiting(told).to_dicts(),
            "newest": told.head(NEWEST).to_dicts(),
        }
        return page("prices.html", items=found.to_dicts(), levels=LEVELS, **values)

    @console.page("/prices.csv", STAFF)
    def overview_file(_visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            found = showing.overview(console.site, connection, console.catalogue())
        names = [
            "item_name",
            "grade_spec",
            "unit",
            "price_type",
            "period",
            "points",
            "day",
            "price",
            "week",
            "month",
        ]
        return _file(console, found, [*names, *LEVELS], "prices")


def _add_item(console: Console) -> None:
    @console.page("/prices/<item>", STAFF)
    def item(_visit: Visit, item: str) -> Answer:
        with console.engine.connect() as connection:
            found = showing.item(console.site, connection, console.catalogue(), item, today())
        days = _days()
        return page(
            "price_item.html", about=found.about, points=found.standing.points.to_dicts(),
            middle=found.standing.middle.to_dicts(), alerts=found.alerts.to_dicts(), pictures=pictures(found),
            days=days, spans=DAYS, day=today(),
        )  # fmt: skip

    @console.page("/prices/<item>/points.csv", STAFF)
    def points_file(_visit: Visit, item: str) -> Answer:
        with console.engine.connect() as connection:
            found = showing.item(console.site, connection, console.catalogue(), item, today())
        names = [
            "point_name",
            "division_code",
            "day",
            "price",
            "yesterday",
            "week",
            "month",
            "year",
            "silent",
        ]
        return _file(console, found.standing.points, names, f"points-{item}")

    @console.page("/prices/<item>/<int:part>.svg", STAFF)
    def item_picture(_visit: Visit, item: str, part: int) -> Answer:
        with console.engine.connect() as connection:
            found = showing.item(console.site, connection, console.catalogue(), item, today())
        return drawn(of_item(found, part, _days(), locale()))


def _add_alert(console: Console) -> None:
    @console.page("/prices/alerts/<alert>", STAFF)
    def alert(visit: Visit, alert: str) -> Answer:
        standard = console.catalogue().get(showing.ALERTS)
        with console.engine.connect() as connection:
            found = showing.alert(console.site, connection, console.catalogue(), alert)
            decisions = history(connection, alert)
        mine = standard.department in visit.departments(APPROVER)
        return page(
            "price_alert.html", alert=found.record, item=found.item, observed=found.observed.to_dicts(),
            decisions=decisions, may_decide=mine, choices=DECISIONS, system=SYSTEM,
        )  # fmt: skip

    @console.page("/prices/alerts/<alert>/chart.svg", STAFF)
    def alert_picture(_visit: Visit, alert: str) -> Answer:
        with console.engine.connect() as connection:
            found = showing.alert(console.site, connection, console.catalogue(), alert)
        return drawn(of_alert(found, locale()))

    @console.act("/prices/alerts/<alert>/decide", of_roles(APPROVER), "price.decide")
    def decide(visit: Visit, alert: str) -> Answer:
        catalogue = console.catalogue()
        desk = Desk(console.engine, catalogue, catalogue.get(showing.ALERTS), visit.person)
        words = [request.form.get(name, "") for name in ("decision", "reason", "text")]
        decide_on(console.site, desk, alert, *words)
        say(speech(console).text("Decided. What is to be published waits for review now."))
        return see("prices.alert", alert=alert)


def _days() -> int:
    asked = request.args.get("days", DAYS[0], type=int)
    return asked if asked in DAYS else DAYS[0]


def _file(console: Console, found: pl.DataFrame, names: list[str], title: str) -> Response:
    """A table that opens in Excel: BOM, CRLF, nothing that is calculated."""
    told = speech(console)
    if "silent" in names:
        words = [pl.lit(told.text(one)) for one in ("not reported", "reported")]
        found = found.with_columns(silent=pl.when("silent").then(words[0]).otherwise(words[1]))
    texts = [
        text_kept(inert(pl.col(n).cast(pl.String)))
        if found.schema[n] == pl.String
        else pl.col(n).cast(pl.String)
        for n in names
    ]
    lines = StringIO()
    writer = csv.writer(lines)
    writer.writerow([told.text(f"price:{name}") if name not in LEVELS else name for name in names])
    rows: Any = found.select(texts).rows()
    writer.writerows(rows)
    response = Response("\ufeff" + lines.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{title}.csv")
    return response
