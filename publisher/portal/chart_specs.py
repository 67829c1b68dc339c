"""The portal's three kinds of chart as Vega-Lite specifications: columns, bars, and tiles.

Colours: one blue, and for tiles five steps of it that differ in lightness, so that nobody needs to
tell colours apart; each text has a contrast of 4.5 and more to what it stands on (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width

INK, QUIET, LINE, BRAND, REST = "#1b2733", "#55636f", "#d5dde4", "#0b4f8a", "#8495a3"
NOTHING = "#f3f6f9"  # the ground of a tile without records
STEPS = ("#d6e6f4", "#a3cae6", "#65a5d1", "#2471ad", "#08406f")  # few to many
ON_STEPS = (INK, INK, INK, "#ffffff", "#ffffff")
FONT = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"

WIDE, NARROW = 1060, 340  # user units, of which one is about a pixel
SIZE = 13
_TILE, _HIGH = 108, 84
_BAR = {True: 44, False: 32}  # height of one with its label: narrow or not
_ROOM = 44  # half-width characters of a name
_LABELLED = 24  # columns at most that have their number above them


@dataclass(frozen=True, slots=True)
class Point:
    """One bar, column or tile: the value counted, what it is called, how many records.

    `value` "" stands for all that have no bar of their own.
    """

    value: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Square(Point):
    """A tile in its place, from 0 in the north-west."""

    column: int
    row: int


def columns(points: Sequence[Point], narrow: bool) -> dict[str, Any]:
    """Periods side by side; `points` in their order, without gaps."""
    shown = _labelled(_names(points), 4 if narrow else 12)
    x = {
        "field": "name", "type": "ordinal", "sort": None, "title": None,
        "axis": {"values": shown, "labelAngle": 0, "grid": False, "domain": True,
                 "labelOverlap": False, "labelFlush": False, "labelLimit": 0},
        "scale": {"paddingInner": 0.2, "paddingOuter": 0.1},
    }  # fmt: skip
    y = {
        "field": "count", "type": "quantitative", "title": None,
        "axis": {"format": ",d", "tickCount": 4, "tickMinStep": 1}, "scale": {"nice": 4},
    }  # fmt: skip
    told = {"text": {"field": "count", "type": "quantitative", "format": ",d"}}
    above = {"mark": {"type": "text", "dy": -8, "fontSize": SIZE, "color": INK}, "encoding": told}
    few = len(points) <= (_LABELLED // 3 if narrow else _LABELLED)
    layer = [{"mark": {"type": "bar", "color": BRAND}}, *([above] if few else [])]
    size = (NARROW if narrow else WIDE, 220 if narrow else 260)
    return _chart(points, size, {"encoding": {"x": x, "y": y}, "layer": layer})


def _labelled(periods: list[str], most: int) -> list[str]:
    """Which of them are named below the columns: Januaries rather than any months."""
    begins = [period for period in periods if period.endswith("-01")]
    chosen = begins if len(begins) > 2 else periods
    return chosen[:: -(-len(chosen) // most)]


def bars(points: Sequence[Point], narrow: bool) -> dict[str, Any]:
    """Values below each other; on a narrow picture their names stand above the bars."""
    most = max((point.count for point in points), default=1)
    axis = {"labelLimit": 0, "labelPadding": 8, "grid": False, "labelColor": INK}
    y = {"field": "name", "type": "nominal", "sort": None, "title": None,
         "axis": None if narrow else axis, "scale": {"paddingInner": 0.3, "paddingOuter": 0.1}}  # fmt: skip
    room = 1.3 if narrow else 1.15  # beside the longest bar, for its number
    x = {"field": "count", "type": "quantitative", "axis": None,
         "scale": {"domain": [0, most * room], "nice": False}}  # fmt: skip
    colour = {"condition": {"test": "datum.rest", "value": REST}, "value": BRAND}
    bar = {"type": "bar", **({"height": 14, "yOffset": 9} if narrow else {})}
    number = {"type": "text", "align": "left", "dx": 6, "color": INK, "fontSize": SIZE,
              **({"yOffset": 9} if narrow else {})}  # fmt: skip
    name = {"type": "text", "align": "left", "yOffset": -10, "color": INK, "fontSize": SIZE}  # fmt: skip
    told = {"field": "count", "type": "quantitative", "format": ",d"}
    layer: list[dict[str, Any]] = [
        {"mark": bar, "encoding": {"x": x, "color": colour}},
        {"mark": number, "encoding": {"x": x, "text": told}},
    ]
    if narrow:
        named = {"x": {"datum": 0, "type": "quantitative"}, "text": {"field": "name"}}
        layer.append({"mark": name, "encoding": named})
    size = (NARROW if narrow else WIDE, len(points) * _BAR[narrow] + 10)
    return _chart(points, size, {"encoding": {"y": y}, "layer": layer})


def tiles(squares: Sequence[Square], narrow: bool) -> dict[str, Any]:
    """A map of equal tiles with names and numbers, darker where there is more."""
    breaks = steps(max((square.count for square in squares), default=0))
    wide = max((square.column for square in squares), default=0) + 1
    high = max((square.row for square in squares), default=0) + 1
    place = {
        "x": {"field": "column", "type": "ordinal", "axis": None, "scale": {"padding": 0.03}},
        "y": {"field": "row", "type": "ordinal", "axis": None, "scale": {"padding": 0.03}},
    }
    ground = {
        "field": "count", "type": "quantitative",
        "scale": {"type": "threshold", "domain": breaks, "range": [NOTHING, *STEPS[: len(breaks)]]},
        "legend": {"title": None, "orient": "bottom", "direction": "horizontal", "format": ",d",
                   "labelFontSize": SIZE, "labelColor": INK},
    }  # fmt: skip
    text = {"condition": _on_steps(breaks), "value": INK}
    rect = {"type": "rect", "cornerRadius": 3, "stroke": LINE}
    layer = [
        {"mark": rect, "encoding": {"color": ground}},
        {"mark": {"type": "text", "dy": -11, "fontSize": 15}, "encoding":
            {"text": {"field": "name"}, "color": text}},
        {"mark": {"type": "text", "dy": 12, "fontSize": 17, "fontWeight": "bold"}, "encoding":
            {"text": {"field": "count", "type": "quantitative", "format": ",d"}, "color": text}},
    ]  # fmt: skip
    tile = min(_TILE, (NARROW - 10) // wide) if narrow else _TILE
    size = (max(wide * tile, 300), high * _HIGH + (64 if narrow else 40))
    rows = [{"column": square.column, "row": square.row} for square in squares]
    return _chart(squares, size, {"encoding": place, "layer": layer}, rows)


def steps(most: int) -> list[int]:
    """Where the steps of colour begin, from 1 on: round numbers, five at most."""
    if most <= len(STEPS):
        return list(range(1, max(most, 1) + 1))
    raw = most / len(STEPS)
    size = 10 ** (len(str(int(raw))) - 1)
    width = next(size * one for one in (1, 2, 3, 4, 5, 10) if size * one >= raw)
    return [1, *(width * step for step in range(1, len(STEPS)) if width * step <= most)]


def _on_steps(breaks: Sequence[int]) -> list[dict[str, Any]]:
    """Colours of texts, the darkest ground first: the first test that holds counts."""
    pairs = list(zip(breaks, ON_STEPS, strict=False))
    return [{"test": f"datum.count >= {least}", "value": colour} for least, colour in pairs[::-1]]


def _names(points: Sequence[Point]) -> list[str]:
    """Short names, each of its own: what has one name would be one bar.

    Vega's own limit would cut a character of two code units, such as 𠮷, in half.
    """
    found: list[str] = []
    for point in points:
        name = _short(point.title)
        again = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({again + 1})" if again else name)
    return found


def _short(text: str) -> str:
    wide = accumulate(2 if east_asian_width(one) in "WF" else 1 for one in text)
    room = sum(width <= _ROOM for width in wide)
    return text if room == len(text) else f"{text[: room - 1]}…"


def _chart(
    points: Sequence[Point],
    size: tuple[int, int],
    told: dict[str, Any],
    more: Sequence[dict[str, int]] = (),
) -> dict[str, Any]:
    values = [
        {"name": name, "count": point.count, "rest": not point.value}
        | (more[place] if more else {})
        for place, (name, point) in enumerate(zip(_names(points), points, strict=True))
    ]
    axis = {"labelColor": QUIET, "labelFontSize": SIZE, "gridColor": LINE, "domainColor": LINE,
            "domain": False, "ticks": False, "labelPadding": 6}  # fmt: skip
    legend = {"gradientHorizontalMinLength": 290, "gradientHorizontalMaxLength": 290,
              "gradientThickness": 14}  # fmt: skip
    config = {"font": FONT, "view": {"stroke": None}, "axis": axis, "legend": legend}
    return {
        "width": size[0], "height": size[1], "background": "#ffffff",
        "autosize": {"type": "fit", "contains": "padding"}, "padding": 4,
        "config": config, "data": {"values": values}, **told,
    }  # fmt: skip
