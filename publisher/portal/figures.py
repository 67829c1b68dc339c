"""A selection's charts as a page shows them: the picture's address and, beside it, the same as text."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, url_for

from exchange_schemas.standard import Standard
from publisher.manifest import Release
from publisher.portal import chart_data
from publisher.portal.chart_data import Counted, Counts
from publisher.portal.chart_specs import Point, bars, columns, tiles
from publisher.portal.pages import chinese, library
from publisher.portal.speech import text
from publisher.portal.table_view import View

TIME, COUNTY, DEPARTMENT, KIND = CHARTS = ("time", "county", "department", "kind")


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a chart, and the address of the table of what it counts."""

    title: str
    count: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart; `wide` and `narrow` are addresses of pictures of `size` (user units).

    `others` are the rows that the picture has no place for.
    """

    name: str
    title: str
    says: str
    wide: str
    narrow: str
    size: tuple[int, int]
    rows: Sequence[Row]
    others: Sequence[Row] = ()


def counted(release: Release, standard: Standard, view: View) -> Counted:
    """What the charts of a view are drawn from."""
    counts: Counts = current_app.extensions.setdefault("chart_counts", Counts())
    return counts.of(library().store, release, standard, view.selection)


def points_of(name: str, found: Counted, standard: Standard) -> tuple[list[Point], list[Point]]:
    """The points of a chart, and those that its picture has no place for."""
    if name == TIME:
        return chart_data.over_time(found), []
    if name == COUNTY:
        squares, others = chart_data.county_map(found, chinese())
        return list(squares) if found["county"] else [], others
    return chart_data.ranked(found, standard, name, chinese()), []


def spec_of(name: str, points: Sequence[Point], narrow: bool) -> dict[str, Any]:
    """How the chart is drawn."""
    draw: Any = {TIME: columns, COUNTY: tiles}.get(name, bars)
    told: dict[str, Any] = draw(points, narrow)
    return told


def figures(release: Release, standard: Standard, view: View) -> list[Figure]:
    """The charts of a view; those that would have less than two points are left out."""
    found = counted(release, standard, view)
    told = ((name, *points_of(name, found, standard)) for name in CHARTS)
    return [
        _figure(release, standard, view, name, points, others)
        for name, points, others in told
        if len(points) > 1
    ]


def _figure(
    release: Release,
    standard: Standard,
    view: View,
    name: str,
    points: Sequence[Point],
    others: Sequence[Point],
) -> Figure:
    title = text(_title(name, points))
    spec = spec_of(name, points, narrow=False)
    told = view.arguments(standard)
    kept = {n: v for n, v in told.items() if n not in ("sort", "columns")}
    address: dict[str, Any] = {
        "dataset": release.dataset,
        "number": release.number,
        "name": name,
        **kept,
    }
    address |= {} if chinese() else {"lang": "en"}
    return Figure(
        name=name,
        title=title,
        says=_says(title, points, in_order=name == TIME),
        wide=url_for("charts.picture", **address),
        narrow=url_for("charts.picture", **address, narrow=1),
        size=(spec["width"], spec["height"]),
        rows=[_row(standard, view, name, point) for point in points],
        others=[_row(standard, view, name, point) for point in others],
    )


def _title(name: str, points: Sequence[Point]) -> str:
    if name == TIME:
        return "Records by month" if len(points[0].title) > 4 else "Records by year"
    titles = {
        COUNTY: "Records by county",
        DEPARTMENT: "Records by department",
        KIND: "Records by kind",
    }
    return titles[name]


def _says(title: str, points: Sequence[Point], in_order: bool) -> str:
    """The chart in a sentence, for who doesn't see it."""
    top = max(points, key=lambda point: point.count)
    words = {"title": title, "top": top.title, "count": f"{top.count:,}"}
    if in_order:
        span = {"first": points[0].title, "last": points[-1].title}
        return text("{title} from {first} to {last}; most in {top}: {count}", **words, **span)
    return text("{title}; most: {top}, {count}", **words)


def _row(standard: Standard, view: View, name: str, point: Point) -> Row:
    if not point.value or not point.count:
        return Row(point.title, point.count, None)
    filters = view.selection.filters
    if name == TIME:
        since, until = _days(point.value)
        since = max(since, filters.since or since)
        until = min(until, filters.until or until)
        filters = replace(filters, since=since, until=until)
    else:
        filters = replace(filters, **{name: point.value})
    narrowed = replace(view, selection=replace(view.selection, filters=filters), after=None)
    address = url_for("table.page", dataset=standard.dataset, **narrowed.arguments(standard))
    return Row(point.title, point.count, address)


def _days(period: str) -> tuple[str, str]:
    """The first and the last day of a year or a month."""
    if len(period) == 4:
        return f"{period}-01-01", f"{period}-12-31"
    try:
        _, last = monthrange(int(period[:4]), int(period[5:]))
    except ValueError:  # a date that isn't one
        last = 31
    return f"{period}-01", f"{period}-{last:02}"
