"""Complaints: how departments handle tickets, what looks mixed, and the charts of it.

A supervisor or dispatcher sees every department, others see their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from flask import request, url_for
from sqlalchemy import Connection

from exchange_schemas.days import today
from hub.complaints import mixed, splitting
from hub.complaints.efficiency_words import code_names
from hub.complaints.feedback import by_department
from hub.complaints.people import Clerk, clerk
from hub.months import checked, first_day, month_of
from hub.scoreboard_words import shown_rate
from hub.states import APPROVER, HANDLER
from hub.web.console.console import Answer, Console
from hub.web.console.cookies import locale
from hub.web.console.pictures import picture
from hub.web.console.policy import of_roles
from hub.web.console.rendering import page
from hub.web.console.visit import Visit
from publisher.portal.chart_specs import Point, bars

WATCHING = of_roles(HANDLER, APPROVER)
MONTHS = 6  # that are shown without a choice
MIXED = 20  # on the page


@dataclass(frozen=True, slots=True)
class Asked:
    """The months that an address names (YYYY-MM), or the last `MONTHS`."""

    first: str
    last: str

    @classmethod
    def read(cls) -> Asked:
        """Of this request."""
        now = first_day(month_of(today()))
        place = now.year * 12 + now.month - MONTHS  # months since the year 0, from 0
        begins = f"{place // 12:04}-{place % 12 + 1:02}"
        first, last = request.args.get("from") or begins, request.args.get("to") or month_of(now)
        return cls(checked(first), checked(last))


def add_complaints(console: Console) -> None:
    """Put the pages on the console."""

    @console.page("/complaints", WATCHING)
    def overview(visit: Visit) -> Answer:
        asked = Asked.read()
        with console.engine.connect() as connection:
            one = clerk(connection, visit.person)
            rows = _rows(console, connection, one, asked)
            found = splitting.suggestions(console.site, connection, console.catalogue(), one)
        return page(
            "complaints.html",
            asked=asked,
            rows=[_named(row) for row in rows.iter_rows(named=True)],
            every=one.supervises or one.dispatches,
            mixed=[{**row, "why": _why(row)} for row in found[:MIXED]],
            mixed_count=len(found),
            rate=shown_rate,
            pictures=_pictures(rows, asked),
        )

    @console.page("/complaints/on-time.svg", WATCHING)
    def on_time(visit: Visit) -> Answer:
        return _picture(console, visit, "on_time_rate")

    @console.page("/complaints/overdue.svg", WATCHING)
    def overdue(visit: Visit) -> Answer:
        return _picture(console, visit, "overdue")


def _rows(console: Console, connection: Connection, one: Clerk, asked: Asked) -> pl.DataFrame:
    """What somebody sees of the departments' figures."""
    every = by_department(console.site, connection, console.catalogue(), asked.first, asked.last)
    if one.supervises or one.dispatches:
        return every
    return every.filter(pl.col("department").is_in(sorted(one.desks | one.heads)))


def _picture(console: Console, visit: Visit, measure: str) -> Answer:
    asked = Asked.read()
    with console.engine.connect() as connection:
        one = clerk(connection, visit.person)
        rows = _rows(console, connection, one, asked)
    return picture(_spec(_points(rows, measure), measure))


def _spec(points: list[Point], measure: str) -> dict[str, Any]:
    """How it is drawn; a rate on an axis to 100."""
    spec = bars(points, narrow=False)
    if measure == "on_time_rate":
        for layer in spec["layer"]:
            layer["encoding"]["x"]["scale"]["domain"] = [0, 110]
    return spec


def _points(rows: pl.DataFrame, measure: str) -> list[Point]:
    """A bar for each department; of a rate its hundredths."""
    told = rows.drop_nulls(measure).sort(measure, "department", descending=[True, False])
    scale = 100 if measure == "on_time_rate" else 1
    return [
        Point(row["department"], _name(row["department"]), round(row[measure] * scale))
        for row in told.iter_rows(named=True)
    ]


def _pictures(rows: pl.DataFrame, asked: Asked) -> list[dict[str, Any]]:
    """The charts that have something to show, each with the size of its picture."""
    found = []
    for measure, endpoint in (("on_time_rate", "on_time"), ("overdue", "overdue")):
        points = _points(rows, measure)
        if points:
            spec = _spec(points, measure)
            told: dict[str, Any] = {
                "from": asked.first,
                "to": asked.last,
                "lang": request.args.get("lang"),
            }
            address = url_for(f"complaints.{endpoint}", **told)
            size = (spec["width"], spec["height"])
            found.append({"measure": measure, "address": address, "size": size, "points": points})
    return found


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "name": _name(row["department"])}


def _name(department: str) -> str:
    return code_names("department", department)[0 if locale() == "zh_CN" else 1]


def _why(row: dict[str, Any]) -> list[str]:
    """The titles of the rules that hold."""
    place = 0 if locale() == "zh_CN" else 1
    return [title[place] for side in mixed.SIDES for title in mixed.titles(row[side])]
