"""A bar chart as numbers that a template draws as SVG: no script, and its label says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 150  # user units of the drawing
_LABELS = 8  # labels below the bars at most, so that they don't overlap
_WIDEST = 60  # of a bar, so that three years don't look like three houses
_SPAN = 100  # years; a longer one has a wrong date in it, and no room for bars


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `label` is "" where there is no room for one."""

    name: str
    value: int
    x: float
    y: float
    width: float
    height: float
    label: str


def every_year(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts by year (YYYY, in order) with the years between that have none.

    Where the first and last lie over 100 years apart, the counts are left as they are.
    """
    years = [int(year) for year in counts if year.isdecimal()]
    if len(years) != len(counts) or not years or years[-1] - years[0] > _SPAN:
        return dict(counts)
    return {f"{year:04}": counts.get(f"{year:04}", 0) for year in range(years[0], years[-1] + 1)}


def bars(values: Mapping[str, int]) -> list[Bar]:
    """Bars for values in the order given; the highest fills the height."""
    if not values:
        return []
    step = WIDTH / len(values)
    most = max(values.values())
    width = min(step * 0.8, _WIDEST)
    every = -(-len(values) // _LABELS)
    return [
        Bar(
            name=name,
            value=value,
            x=round(place * step + (step - width) / 2, 2),
            y=round(HEIGHT * (1 - value / most), 2),
            width=round(width, 2),
            height=round(HEIGHT * value / most, 2),
            label=name if place % every == 0 else "",
        )
        for place, (name, value) in enumerate(values.items())
    ]
