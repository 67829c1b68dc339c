"""The city's counties as a grid of equal tiles, one for each: a map without borders.

Where each tile stands is data: the code list `division_tiles` (columns `column` and `row`, counted
from 0 in the north-west). A site of another city brings a list of its own; what no list places
stands below the others, row by row, so a city without any list still gets its tiles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil, sqrt

from exchange_schemas.codes import Code, load_codes
from exchange_schemas.days import today
from exchange_schemas.divisions import PREFECTURE

PLACES = "division_tiles"
_ALL_DISTRICTS = "01"  # how the code of 市辖区 ends, which is no county


@dataclass(frozen=True, slots=True)
class Tile:
    """One county, its place in the grid (from 0, north-west), and how many records are of it."""

    code: str
    title: str
    title_en: str
    column: int
    row: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """The tiles of the city, and code → count of what lies elsewhere or in no single county."""

    tiles: tuple[Tile, ...]
    elsewhere: Mapping[str, int]


def grid(counts: Mapping[str, int], day: date | None = None) -> Grid:
    """`counts` (division code of six digits → records) on the city's counties of that day.

    Codes of counties that are no more lie elsewhere, as they are looked for under their own code.
    """
    today_s = counties(day or today())
    tiles = tuple(
        Tile(code.code, code.title, code.title_en, *place, counts.get(code.code, 0))
        for code, place in _placed(today_s)
    )
    return Grid(tiles, {code: n for code, n in counts.items() if code not in today_s})


def counties(day: date) -> dict[str, Code]:
    """The counties and districts of the city on that day, by their codes."""
    codes = load_codes("divisions").codes.values()
    return {
        one.code: one
        for one in codes
        if one.valid_on(day) and not one.code.endswith((PREFECTURE, _ALL_DISTRICTS))
    }


def _placed(today_s: Mapping[str, Code]) -> list[tuple[Code, tuple[int, int]]]:
    """Each county with its column and row: the declared ones first, the others below them."""
    declared = load_codes(PLACES).codes
    places = {
        code: (int(one.more["column"]), int(one.more["row"]))
        for code, one in declared.items()
        if code in today_s
    }
    rest = sorted(set(today_s) - set(places))
    wide = max((x for x, _ in places.values()), default=ceil(sqrt(len(rest))) - 1) + 1
    below = max((y for _, y in places.values()), default=-1) + 1
    for place, code in enumerate(rest):
        places[code] = (place % wide, below + place // wide)
    return [(today_s[code], place) for code, place in places.items()]
