"""What each page of a scoreboard shows: plain values for its template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from hub.scoreboard import GROUPS, RATES, summed
from hub.scoreboard_words import (
    Both,
    advice,
    both,
    dataset_names,
    department_names,
    field_names,
    shown_rate,
    titled,
)
from hub.web.scoreboard_site.bars import lying, standing
from hub.web.scoreboard_site.told import SHOWN, Told

Values = dict[str, Any]

INDEX = (
    "overdue", "late", "silent", "nil_reports", "rejected", "corrected_rows", "corrected_records",
    "withdrawn", "objections_upheld",
)  # fmt: skip
DETAIL = (
    "in_time", "late", "overdue", "silent", "nil_reports", "runs", "rejected", "corrected_rows",
    "corrected_records", "withdrawn", "repaired", "objections_upheld",
)  # fmt: skip


def page_of(department: str) -> str:
    """The place of a department's page."""
    return f"departments/{department}.html"


def list_of(key: Mapping[str, Any], measure: str) -> str:
    """The place of the page with the ids behind a number."""
    return f"records/{key['department']}-{key['dataset']}-{key['month']}-{measure}.html"


def shared(told: Told) -> Values:
    """What every page shows: the months and the day."""
    months = told.scope.months
    return {"first": months[0], "last": months[-1], "on": told.scope.on, "rate": shown_rate}


def index(told: Told) -> Values:
    """Departments with their sums, and a chart for each rate."""
    rows = summed(told.board, ("department",)).rows(named=True)
    names = {row["department"]: department_names(row["department"]) for row in rows}
    charts = [
        _chart(rate, {names[row["department"]][0]: row[rate] for row in rows}, lie=True)
        for rate in RATES
    ]
    cards = [
        {**row, "names": names[row["department"]], "page": page_of(row["department"])}
        for row in rows
    ]
    return {"rows": cards, "charts": charts, "rates": _titles(RATES), "counts": _titles(INDEX)}


def department(told: Told, code: str) -> Values:
    """Trend by month, every number, what is overdue, and why rows were rejected."""
    mine = told.of(told.board, code)
    trend = {row["month"]: row for row in summed(mine, ("month",)).rows(named=True)}
    charts = [
        _chart(rate, {m: trend.get(m, {}).get(rate) for m in told.scope.months}, lie=False)
        for rate in RATES
    ]
    (total,) = summed(mine, ("department",)).rows(named=True)
    return {
        "code": code,
        "names": department_names(code),
        "total": total,
        "charts": charts,
        "rates": _titles(RATES),
        "counts": _titles(DETAIL),
        "rows": [_line(told, row) for row in mine.rows(named=True)],
        "late": [_named(told, row) for row in told.of(told.late, code).rows(named=True)],
        "silent": [_silent(told, row) for row in told.of(told.silent, code).rows(named=True)],
        "causes": _causes(told, told.of(told.causes, code)),
        "shown": SHOWN,
    }


def lists(told: Told) -> dict[str, Values]:
    """The pages with ids: place → values."""
    numbers = {tuple(row[name] for name in GROUPS): row for row in told.board.rows(named=True)}
    found: dict[str, Values] = {}
    for key, part in told.ids.group_by([*GROUPS, "measure"], maintain_order=True):
        row = dict(zip([*GROUPS, "measure"], map(str, key), strict=True))
        count = numbers[tuple(row[name] for name in GROUPS)][row["measure"]]
        found[list_of(row, row["measure"])] = {
            **_named(told, row),
            "names": department_names(row["department"]),
            "page": page_of(row["department"]),
            "title": titled(row["measure"]),
            "count": count,
            "ids": part["id"].to_list(),
        }
    return found


def _titles(names: Any) -> dict[str, Both]:
    return {name: titled(name) for name in names}


def _chart(rate: str, rates: dict[str, float | None], *, lie: bool) -> Values:
    """Bars, and in words what they show."""
    bars = lying(rates) if lie else standing(rates)
    words = ", ".join(f"{name} {shown_rate(value)}" for name, value in rates.items())
    return {"name": rate, "title": titled(rate), "bars": bars, "words": words}


def _line(told: Told, row: dict[str, Any]) -> Values:
    """A row of the board; `links` has the pages behind those of its numbers that aren't 0."""
    listed = [n for n in DETAIL if row[n] and n not in ("in_time", "silent")]
    return {**_named(told, row), "links": {name: list_of(row, name) for name in listed}}


def _named(told: Told, row: Mapping[str, Any]) -> Values:
    state = {"state_names": both(row["state"])} if "state" in row else {}
    return {**row, "dataset_names": dataset_names(told.catalogue, row["dataset"]), **state}


def _silent(told: Told, row: dict[str, Any]) -> Values:
    days = (told.scope.on - row["due"]).days
    return {**_named(told, row), "owner_names": department_names(row["owner"]), "days": days}


def _causes(told: Told, frame: pl.DataFrame) -> list[Values]:
    """By dataset, cause and field, over all months, the most frequent first."""
    added = frame.group_by("dataset", "code", "field").agg(pl.col("count").sum())
    rows = added.sort("count", "dataset", "code", "field", descending=[True, False, False, False])
    found = []
    for row in rows.rows(named=True):
        field = field_names(told.catalogue, row["dataset"], row["field"])
        words = {"field_names": field, "advice": advice(row["code"], field)}
        found.append({**_named(told, row), **words})
    return found
