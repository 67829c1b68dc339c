"""The picture of a chain: farm, dealers and shops in columns from left to right, as SVG.

Names are texts of the document and nothing else: they go through an XML writer, and characters that XML
has no word for are replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as Xml

import polars as pl

from hub.trace.chain import Chain
from hub.trace.parties import DEALER, FARM, PERSON, SHOP
from hub.trace.sides import shown

WIDE, HIGH, GAP, ACROSS, MARGIN = 184, 46, 14, 80, 8
SHOWN = 40  # parties of a layer; the table beside the picture has them all
_LETTERS = 13  # of a name, some 12 units each
_FILL = {FARM: "#e2f0d9", DEALER: "#fff2cc", SHOP: "#dceaf7", PERSON: "#f2f2f2"}
_LINE, _WRONG, _INK, _QUIET = "#595959", "#b00020", "#1a1a1a", "#595959"
_NO_CHARACTERS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")
Words = Callable[..., str]
Place = tuple[float, float]


def size_of(chain: Chain) -> tuple[int, int]:
    """Width and height of the picture in user units."""
    layers = _layers(chain)
    wide = len(layers) * WIDE + (len(layers) - 1) * ACROSS + 2 * MARGIN
    high = max(len(one) + (1 if more else 0) for one, more in layers) * (HIGH + GAP) + 2 * MARGIN
    return wide, high


def picture(chain: Chain, title: str, text: Words) -> str:
    """The picture; `text` translates a message id, with the words in it."""
    wide, high = size_of(chain)
    root = Xml.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {wide} {high}", "width": str(wide),
        "height": str(high), "font-family": "sans-serif", "font-size": "12", "role": "img",
    })  # fmt: skip
    _said(Xml.SubElement(root, "title"), title)
    places: dict[str, Place] = {}
    boxes = []
    wrong = set(chain.findings["operator_uscc"].drop_nulls())
    for number, (names, more) in enumerate(_layers(chain)):
        left = MARGIN + number * (WIDE + ACROSS)
        for row, one in enumerate(names):
            top = MARGIN + row * (HIGH + GAP)
            places[str(one["party"])] = (left, top)
            boxes.append((one, left, top))
        if more:
            words = text("and {count} more", count=more)
            _text(root, left, MARGIN + len(names) * (HIGH + GAP) + 20, words, _QUIET)
    _lines(root, chain, places)
    for one, left, top in boxes:
        _box(root, one, left, top, text, is_wrong=one["uscc"] in wrong)
    return Xml.tostring(root, encoding="unicode")


def _layers(chain: Chain) -> list[tuple[list[dict[str, object]], int]]:
    """The parties of each layer that are shown, and how many more there are."""
    groups = chain.parties.partition_by("layer", maintain_order=True)
    return [(one.head(SHOWN).to_dicts(), max(one.height - SHOWN, 0)) for one in groups]


def _lines(root: Xml.Element, chain: Chain, places: dict[str, Place]) -> None:
    told = chain.trades.with_columns(words=shown(pl.col("amount"), pl.col("measure")))
    sums = told.group_by("seller", "buyer", maintain_order=True).agg(
        pl.col("words").str.join("、")
    )
    for seller, buyer, words in sums.iter_rows():
        if seller not in places or buyer not in places:
            continue
        (x1, y1), (x2, y2) = places[seller], places[buyer]
        ahead = x2 > x1
        begin = (x1 + (WIDE if ahead else 0), y1 + HIGH / 2)
        end = (x2 if ahead else x2 + WIDE, y2 + HIGH / 2)
        line = {"stroke": _LINE, "stroke-width": "1.2", "fill": "none"}
        bend = (begin[0] + end[0]) / 2
        path = f"M{begin[0]:g} {begin[1]:g}C{bend:g} {begin[1]:g} {bend:g} {end[1]:g} {end[0]:g} {end[1]:g}"
        Xml.SubElement(root, "path", {"d": path, **line})
        tip = -7 if ahead else 7
        points = f"{end[0]:g},{end[1]:g} {end[0] + tip:g},{end[1] - 4:g} {end[0] + tip:g},{end[1] + 4:g}"
        Xml.SubElement(root, "polygon", {"points": points, "fill": _LINE})
        _text(root, end[0] - 62 if ahead else end[0] + 12, end[1] - 5, words[:10], _QUIET, "11")


def _box(
    root: Xml.Element,
    one: dict[str, object],
    left: float,
    top: float,
    text: Words,
    *,
    is_wrong: bool,
) -> None:
    group = Xml.SubElement(root, "g")
    _said(Xml.SubElement(group, "title"), str(one["name"]))
    Xml.SubElement(group, "rect", {
        "x": f"{left:g}", "y": f"{top:g}", "width": str(WIDE), "height": str(HIGH), "rx": "4",
        "fill": _FILL[str(one["stage"])], "stroke": _WRONG if is_wrong else _LINE,
        "stroke-width": "2.5" if is_wrong else "1", **({} if one["recorded"] else {"stroke-dasharray": "4 3"}),
    })  # fmt: skip
    name = str(one["name"])
    short = name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
    _text(group, left + 8, top + 19, short, _INK)
    below = text(f"stage:{one['stage']}")
    if is_wrong:
        below += " · " + text("with findings")
    _text(group, left + 8, top + 37, below, _WRONG if is_wrong else _QUIET, "11")


def _text(
    root: Xml.Element, left: float, top: float, words: str, colour: str, size: str = "12"
) -> None:
    place = {"x": f"{left:g}", "y": f"{top:g}", "fill": colour, "font-size": size}
    _said(Xml.SubElement(root, "text", place), words)


def _said(element: Xml.Element, words: str) -> None:
    element.text = words.translate(_NO_CHARACTERS)
