"""Statistics on complaints as points of charts: of a release, by month, category and county.

What is withheld because it is small has no point, or a tile with a dash: it isn't zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from publisher.library import Library
from publisher.portal.chart_specs import Point, Square, bars, columns, tiles
from publisher.portal.tiles import counties, grid

DATASET = "complaint_statistic"
ALL_DEPARTMENTS, ALL_CATEGORIES = "全部部门", "全部事项"
MONTHS = 60  # in the chart
MOST = 5_000  # records of a month
NAMES = ("months", "categories", "counties", "departments")
_WITHHELD = "–"


@dataclass(frozen=True, slots=True)
class Figures:
    """Records of the current release: the city's totals by month in order, and all of one month."""

    months: Sequence[dict[str, Any]]
    month: str
    records: Sequence[dict[str, Any]]
    city: str

    @property
    def total(self) -> dict[str, Any]:
        """The city's total of the month."""
        return next(one for one in self.months if one["period"] == self.month)

    def categories(self) -> list[dict[str, Any]]:
        """The city's records by category, the most first."""
        return _ranked(
            one for one in self.records
            if one["division_code"] == self.city and one["dept"] == ALL_DEPARTMENTS and one["category"] != ALL_CATEGORIES
        )  # fmt: skip

    def departments(self) -> list[dict[str, Any]]:
        """The city's records by department, the most first."""
        return _ranked(one for one in self.records if one["dept"] != ALL_DEPARTMENTS)

    def counties(self) -> list[dict[str, Any]]:
        """The counties' totals, by code."""
        found = [
            one for one in self.records
            if one["division_code"] != self.city and one["category"] == ALL_CATEGORIES
        ]  # fmt: skip
        return sorted(found, key=lambda one: str(one["division_code"]))


def read(known: Library, month: str | None) -> Figures | None:
    """The figures of a month, of the last one where none is asked for or it isn't there; None where the
    release has no monthly total of the city."""
    city = city_code(known)
    totals = {"dept": ALL_DEPARTMENTS, "category": ALL_CATEGORIES, "division_code": city}
    every = known.rows(DATASET, totals, sort="period", size=MOST).records
    months = [one for one in every if len(one["period"]) == 7 and "-" in one["period"]]
    if not months:
        return None
    wanted = month if any(one["period"] == month for one in months) else months[-1]["period"]
    records = known.rows(DATASET, {"period": str(wanted)}, size=MOST).records
    return Figures(months[-MONTHS:], str(wanted), records, city)


def city_code(known: Library) -> str:
    """The city's division code: that of its counties, with 00 behind it."""
    return f"{next(iter(counties(known.today())), '440900')[:4]}00"


def spec(figures: Figures, name: str, *, chinese: bool, narrow: bool) -> dict[str, Any] | None:
    """The chart's specification; None where there are fewer than two numbers to draw."""
    if name == "counties":
        return _map(figures, chinese=chinese, narrow=narrow)
    points = points_of(figures, name)
    if len(points) < 2:
        return None
    return (columns if name == "months" else bars)(points, narrow)


def points_of(figures: Figures, name: str) -> list[Point]:
    """What a chart of columns or bars shows: the numbers received that aren't withheld."""
    rows: dict[str, tuple[Sequence[dict[str, Any]], str]] = {
        "months": (figures.months, "period"),
        "categories": (figures.categories(), "category"),
        "departments": (figures.departments(), "dept"),
    }
    found, field = rows[name]
    return [Point(one[field], one[field], one["received"]) for one in found if "received" in one]


def _map(figures: Figures, *, chinese: bool, narrow: bool) -> dict[str, Any] | None:
    """Tiles of the counties; a dash where a county's number is withheld."""
    told = {
        one["division_code"]: one["received"] for one in figures.counties() if "received" in one
    }
    if not told:
        return None
    squares = [
        Square(one.code, one.title if chinese else one.title_en, one.count, one.column, one.row)
        for one in grid(told).tiles
    ]
    made = tiles(squares, narrow)
    for value, square in zip(made["data"]["values"], squares, strict=True):
        value["shown"] = f"{square.count:,}" if square.value in told else _WITHHELD
    made["layer"][2]["encoding"]["text"] = {"field": "shown", "type": "nominal"}
    return made


def _ranked(found: Any) -> list[dict[str, Any]]:
    """The most received first; those withheld last, by name."""
    return sorted(
        found, key=lambda one: (-one.get("received", 0), str(one["category"]), str(one["dept"]))
    )
