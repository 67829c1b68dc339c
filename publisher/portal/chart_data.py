"""What the charts of a selection show: points with the words of the page's language.

Counted by the release's index and kept in memory: a release never changes, so neither do its counts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from exchange_schemas.codes import load_codes
from exchange_schemas.standard import Standard
from publisher.manifest import Release
from publisher.meanings import titles
from publisher.portal.chart_specs import Point, Square
from publisher.portal.speech import text
from publisher.portal.tiles import grid
from publisher.selection import Selection, role_field
from publisher.store import Store
from publisher.tables import chosen

ROLES = ("department", "county", "kind")
MONTHS = 60  # in a chart; a longer time is shown by years
SPAN = 100  # years; a longer time has a wrong date in it, and no room for columns
BARS = 12  # the others are one bar
_KEPT = 512  # selections whose counts stay in memory, of some kB each

Counted = Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class Counts:
    """Remembers what was counted, the last asked longest. Safe between threads."""

    _kept: OrderedDict[tuple[str, int, str], Counted] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(
        self, store: Store, release: Release, standard: Standard, selection: Selection
    ) -> Counted:
        """What is counted by → value → records of the selection: periods in order, else the most first.

        A record with several kinds counts with each; those without a value aren't counted.
        """
        key = (str(release.path), release.number, repr(selection))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = _counted(store, release, standard, selection)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def _counted(store: Store, release: Release, standard: Standard, selection: Selection) -> Counted:
    flags, index = chosen(store, release, standard, selection), store.index(release)
    periods = {unit: index.periods(unit, flags) for unit in ("month", "year")}
    return {**periods, **{role: index.tally(role, flags) for role in ROLES}}


def over_time(counted: Counted) -> list[Point]:
    """Records by month, or by year where that would be too many months; without gaps."""
    months, years = counted["month"], counted["year"]
    span = every_month(list(months))
    if 1 < len(span) <= MONTHS:
        return [Point(month, month, months.get(month, 0)) for month in span]
    return [Point(year, year, years.get(year, 0)) for year in every_year(list(years))]


def every_month(months: Sequence[str]) -> list[str]:
    """All months (2026-01) from the first to the last of `months`, which are in order."""
    numbers = [int(one[:4]) * 12 + int(one[5:]) - 1 for one in months if _is_month(one)]
    if not numbers or len(numbers) != len(months) or numbers[-1] - numbers[0] > SPAN * 12:
        return list(months)
    every = range(numbers[0], numbers[-1] + 1)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in every]


def _is_month(text: str) -> bool:
    return len(text) == 7 and text[:4].isdecimal() and text[5:].isdecimal()


def every_year(years: Sequence[str]) -> list[str]:
    """All years from the first to the last, unless they lie over 100 years apart."""
    numbers = [int(one) for one in years if one.isdecimal()]
    if not numbers or len(numbers) != len(years) or numbers[-1] - numbers[0] > SPAN:
        return list(years)
    return [f"{year:04}" for year in range(numbers[0], numbers[-1] + 1)]


def ranked(counted: Counted, standard: Standard, by: str, chinese: bool) -> list[Point]:
    """Departments or kinds, the most first; those that have no room are one bar at the end."""
    told = names_of(standard, by, chinese)
    points = [Point(v, told.get(v, v), n) for v, n in counted[by].items()]
    if len(points) <= BARS:
        return _distinct(points)
    rest = points[BARS - 1 :]
    other = text("{count} others", count=len(rest))
    last = Point("", other, sum(one.count for one in rest))
    return [*_distinct(points[: BARS - 1]), last]


def names_of(standard: Standard, by: str, chinese: bool) -> dict[str, str]:
    """value → title of departments, kinds or counties, where it isn't the value itself."""
    if by == "county":
        codes = load_codes("divisions").codes.values()
        return {one.code: one.title if chinese else one.title_en for one in codes}
    known = role_field(standard, by)
    return titles(known, english=not chinese) if known else {}


def _distinct(points: list[Point]) -> list[Point]:
    """Two values may have one title; then the value stands behind it."""
    often = [point.title for point in points]
    return [
        Point(p.value, f"{p.title} ({p.value})" if often.count(p.title) > 1 else p.title, p.count)
        for p in points
    ]


def county_map(counted: Counted, chinese: bool) -> tuple[list[Square], list[Point]]:
    """The city's counties as tiles, and what lies elsewhere or in no single county."""
    placed = grid(counted["county"])
    squares = [
        Square(t.code, t.title if chinese else t.title_en, t.count, t.column, t.row)
        for t in placed.tiles
    ]
    codes = load_codes("divisions").codes
    named = {code: one.title if chinese else one.title_en for code, one in codes.items()}
    others = [Point(code, named.get(code, code), n) for code, n in placed.elsewhere.items()]
    return squares, others
