"""A subject's dated records as points on a line of time for each dataset, as a Vega-Lite specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hub.subjects.filing import Entry
from publisher.portal.chart_specs import BRAND, FONT, INK, LINE, QUIET, SIZE, WIDE

_ROW = 34  # height of one dataset's line


def picture_of(entries: Iterable[Entry], title_of: Callable[[str], str]) -> dict[str, Any] | None:
    """Points of all that have a day; None where fewer than two have. Records of one day are one larger
    point with their number."""
    counts: dict[tuple[str, str], int] = {}
    for one in entries:
        if one.date:
            place = (one.date, title_of(one.dataset))
            counts[place] = counts.get(place, 0) + 1
    if len(counts) < 2:
        return None
    values = [
        {"day": day, "dataset": title, "count": count}
        for (day, title), count in sorted(counts.items())
    ]
    names = list(dict.fromkeys(str(one["dataset"]) for one in values))
    axis = {"labelColor": INK, "labelFontSize": SIZE, "labelLimit": 0, "domain": False, "ticks": False, "gridColor": LINE}  # fmt: skip
    x = {"field": "day", "type": "temporal", "title": None, "scale": {"padding": 20},
         "axis": {**axis, "format": "%Y-%m", "labelColor": QUIET, "labelOverlap": True, "tickCount": 8}}  # fmt: skip
    y = {
        "field": "dataset",
        "type": "nominal",
        "sort": names,
        "title": None,
        "axis": {**axis, "grid": True},
    }
    size = {
        "field": "count",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [1, max(10, *counts.values())], "range": [90, 400]},
    }
    point = {"type": "point", "filled": True, "color": BRAND, "opacity": 0.9}
    number = {"mark": {"type": "text", "dy": -13, "fontSize": 11, "color": INK},
              "transform": [{"filter": "datum.count > 1"}],
              "encoding": {"x": x, "y": y, "text": {"field": "count", "type": "quantitative"}}}  # fmt: skip
    return {
        "width": WIDE, "height": len(names) * _ROW, "background": "#ffffff", "padding": 4,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": {"font": FONT, "view": {"stroke": None}}, "data": {"values": values},
        "layer": [{"mark": point, "encoding": {"x": x, "y": y, "size": size}}, number],
    }  # fmt: skip
