"""Rates as bars that a template draws as SVG: no script, and a table beside them says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, LYING = 640, 460  # user units of the drawings with standing bars, with lying ones
ROW, LABELS, NUMBERS = 26, 190, 60  # height of a lying bar; room for its name, and for its number
HEIGHT = 110  # of the standing bars
WIDEST = 44
_MOST_LABELS = 12  # below standing bars, so that they don't overlap


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `rate` is None where there is nothing to draw, `label` "" where there is no room."""

    name: str
    label: str
    rate: float | None
    x: float
    y: float
    width: float
    height: float


def lying(rates: Mapping[str, float | None]) -> list[Bar]:
    """A bar below the other for each name that has a rate; 1 fills the room beside the name."""
    room = LYING - LABELS - NUMBERS
    told = {name: rate for name, rate in rates.items() if rate is not None}
    return [
        Bar(name, name, rate, LABELS, place * ROW + 5, round(room * rate, 2), ROW - 10)
        for place, (name, rate) in enumerate(told.items())
    ]


def standing(rates: Mapping[str, float | None]) -> list[Bar]:
    """A bar beside the other for each name; 1 fills the height."""
    step = WIDTH / max(len(rates), 1)
    width = min(step * 0.7, WIDEST)
    every = -(-len(rates) // _MOST_LABELS) or 1
    return [
        Bar(
            name=name,
            label=name if place % every == 0 else "",
            rate=rate,
            x=round(place * step + (step - width) / 2, 2),
            y=round(HEIGHT * (1 - (rate or 0)), 2),
            width=round(width, 2),
            height=round(HEIGHT * (rate or 0), 2),
        )
        for place, (name, rate) in enumerate(rates.items())
    ]
