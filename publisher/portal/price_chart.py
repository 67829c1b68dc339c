"""Prices over time with alerts on them, as a Vega-Lite specification: the same on the portal and for staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from publisher.portal.chart_lines import Mark, Series, lines
from publisher.portal.chart_specs import BRAND, INK, LINE

MOST = 6  # lines of one picture
#: A level's name in each language in its place; shape and lightness tell them apart as well as the colour.
LEVELS = {"zh": ("蓝", "黄", "橙", "红"), "en": ("blue", "yellow", "orange", "red")}
_FILLS = ("#3d7ab8", "#d9a400", "#d9660a", "#b3131b")
_SHAPES = ("circle", "square", "diamond", "triangle-up")
_SMALL = (320, 72)  # user units


def price_lines(
    series: Sequence[Series],
    unit: str,
    marks: Sequence[Mark] = (),
    *,
    narrow: bool = False,
    language: str = "zh",
) -> dict[str, Any]:
    """Lines of at most `MOST` series; each mark's name is a level (`LEVELS`)."""
    spec = lines(series, unit, marks, narrow=narrow)
    if marks:
        there = {one.name for one in marks}
        kept = [place for place, name in enumerate(LEVELS[language]) if name in there]
        names = [LEVELS[language][place] for place in kept]
        encoding = spec["layer"][-1]["encoding"]
        encoding["shape"]["scale"] = {"domain": names, "range": [_SHAPES[place] for place in kept]}
        encoding["fill"]["scale"] = {"domain": names, "range": [_FILLS[place] for place in kept]}
        encoding["shape"]["sort"] = encoding["fill"]["sort"] = names
    return spec


def small(points: Sequence[tuple[str, float | None]]) -> dict[str, Any]:
    """A line without axes, to be read beside its numbers; its last point is marked."""
    values = [{"day": day, "value": value} for day, value in points]
    known = [value for _, value in points if value is not None]
    middle = sum(known) / len(known) if known else 0.0  # a calm price is to look calm
    span = [min([0.8 * middle, *known]), max([1.2 * middle, *known])]
    last = next((one for one in reversed(values) if one["value"] is not None), None)
    x: dict[str, Any] = {"field": "day", "type": "temporal", "axis": None}
    y: dict[str, Any] = {
        "field": "value",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": span, "zero": False, "nice": False},
    }
    dot = {
        "data": {"values": [last] if last else []},
        "mark": {"type": "point", "filled": True, "size": 60, "color": INK, "opacity": 1},
        "encoding": {"x": x, "y": y},
    }
    return {
        "width": _SMALL[0], "height": _SMALL[1], "background": "#ffffff", "padding": 4,
        "autosize": {"type": "fit", "contains": "padding"}, "config": {"view": {"stroke": LINE}},
        "data": {"values": values},
        "layer": [{"mark": {"type": "line", "color": BRAND, "strokeWidth": 2}, "encoding": {"x": x, "y": y}}, dot],
    }  # fmt: skip
