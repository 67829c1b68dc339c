"""Numbers as bars that a template draws as SVG: no script, and the same numbers stand beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SHARE_WIDTH, SHARE_HEIGHT = 200, 12  # user units of a bar of shares
DAYS_WIDTH, DAYS_HEIGHT = 720, 120  # … and of a chart of days
_MOST_LABELS = 8
_LEAST = 1.5  # width of a share that is there at all


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar; `name` says what it counts and is its class."""

    name: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Column:
    """One day; `label` is "" where there is no room for it."""

    day: str
    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


def shares(parts: Mapping[str, int], whole: int) -> list[Piece]:
    """The parts of a whole beside each other; one that is there can be seen, however small."""
    found: list[Piece] = []
    x = 0.0
    for name, value in parts.items():
        if value <= 0 or whole <= 0:
            continue
        width = min(max(SHARE_WIDTH * value / whole, _LEAST), SHARE_WIDTH - x)
        found.append(Piece(name, round(x, 2), round(width, 2)))
        x += width
    return found


def columns(days: Sequence[tuple[str, int]]) -> list[Column]:
    """A column for each day; the highest fills the height."""
    step = DAYS_WIDTH / max(len(days), 1)
    most = max((value for _, value in days), default=0) or 1
    every = -(-len(days) // _MOST_LABELS) or 1
    return [
        Column(
            day=day,
            label=day[5:] if place % every == 0 else "",
            value=value,
            x=round(place * step + step * 0.15, 2),
            y=round(DAYS_HEIGHT * (1 - value / most), 2),
            width=round(step * 0.7, 2),
            height=round(DAYS_HEIGHT * value / most, 2),
        )
        for place, (day, value) in enumerate(days)
    ]
