"""A bar chart as numbers that a template draws as SVG: no script, and a table says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 150  # user units of the drawing
_LABELS = 12  # labels below the bars at most, so that they don't overlap


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


def bars(values: Mapping[str, int]) -> list[Bar]:
    """Bars for values in the order given; the highest fills the height."""
    if not values:
        return []
    step = WIDTH / len(values)
    most = max(values.values())
    every = -(-len(values) // _LABELS)
    return [
        Bar(
            name=name,
            value=value,
            x=round(place * step + step * 0.1, 2),
            y=round(HEIGHT * (1 - value / most), 2),
            width=round(step * 0.8, 2),
            height=round(HEIGHT * value / most, 2),
            label=name if place % every == 0 else "",
        )
        for place, (name, value) in enumerate(values.items())
    ]
