"""A chart of lines over days, with marks on them, as a Vega-Lite specification.

Lines differ in lightness and in dashes, marks in shape and size, so that nobody needs to tell colours
apart (WCAG 2.2, 1.4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from publisher.portal.chart_specs import BRAND, FONT, INK, LINE, NARROW, QUIET, REST, SIZE, WIDE

_COLOURS = (BRAND, "#b4530a", "#1b6e3c", "#6b3fa0", REST, INK)
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [10, 4])
_SHAPES = ("circle", "diamond", "triangle-up", "square")
_CONFIG = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET, "titleColor": QUIET, "labelFontSize": SIZE, "titleFontSize": SIZE,
        "gridColor": LINE, "domainColor": LINE, "domain": False, "ticks": False, "labelPadding": 6,
    },
    "legend": {"labelFontSize": SIZE, "labelColor": INK, "labelLimit": 0, "symbolSize": 120},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """One line: what it is called, and (day as 2026-01-31, value or None where the line is broken)."""

    name: str
    points: Sequence[tuple[str, float | None]]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on a day: how it is called in the legend, and the value that it stands at."""

    name: str
    day: str
    value: float


def lines(
    series: Sequence[Series],
    unit: str,
    marks: Sequence[Mark] = (),
    *,
    narrow: bool = False,
    zero: bool = False,
) -> dict[str, Any]:
    """Lines of at most six series; `unit` names the axis. `zero` lets the axis begin at 0."""
    names = [one.name for one in series]
    values = [
        {"day": day, "value": value, "series": one.name}
        for one in series
        for day, value in one.points
    ]
    x = {"field": "day", "type": "temporal", "title": None,
         "axis": {"format": "%Y-%m", "tickCount": 5 if narrow else 10, "grid": False, "domain": True,
                  "labelOverlap": True}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "title": unit,
         "scale": {"zero": zero, "nice": True}, "axis": {"tickCount": 5}}  # fmt: skip
    legend = (
        None
        if len(series) < 2
        else {"title": None, "orient": "bottom", "columns": 1 if narrow else 3}
    )
    colour = {"field": "series", "type": "nominal", "sort": names,
              "scale": {"domain": names, "range": list(_COLOURS[: len(names)])}, "legend": legend}  # fmt: skip
    dash = {"field": "series", "type": "nominal", "sort": names,
            "scale": {"domain": names, "range": list(_DASHES[: len(names)])}, "legend": legend}  # fmt: skip
    line = {"mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash}}  # fmt: skip
    layer: list[dict[str, Any]] = [line]
    if marks:
        layer.append(_marks(marks, x, y, set(names)))
    return {
        "width": NARROW if narrow else WIDE, "height": 240 if narrow else 320, "background": "#ffffff",
        "autosize": {"type": "fit", "contains": "padding"}, "padding": 4, "config": _CONFIG,
        "data": {"values": values}, "layer": layer,
        "resolve": {"scale": {"shape": "independent", "fill": "independent"}},
    }  # fmt: skip


def _marks(
    marks: Sequence[Mark], x: dict[str, Any], y: dict[str, Any], told: set[str]
) -> dict[str, Any]:
    """Points of their own, with a legend that tells shapes from each other, unless the lines' has `told`."""
    names = list(dict.fromkeys(one.name for one in marks))
    legend = None if told.issuperset(names) else {"title": None, "orient": "bottom"}
    values = [{"day": one.day, "value": one.value, "mark": one.name} for one in marks]
    shape = {"field": "mark", "type": "nominal", "sort": names,
             "scale": {"domain": names, "range": list(_SHAPES[: len(names)])},
             "legend": legend}  # fmt: skip
    fill = {"field": "mark", "type": "nominal", "sort": names,
            "scale": {"domain": names, "range": ["#3d7ab8", "#d9a400", "#d9660a", "#b3131b"][: len(names)]},
            "legend": legend}  # fmt: skip
    mark = {
        "type": "point",
        "filled": True,
        "size": 90,
        "stroke": INK,
        "strokeWidth": 0.6,
        "opacity": 1,
    }
    return {"data": {"values": values}, "mark": mark,
            "encoding": {"x": x, "y": y, "shape": shape, "fill": fill}}  # fmt: skip
