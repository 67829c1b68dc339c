"""Chance that falls the same way on every machine and every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from `Random.random()` alone, whose sequence Python keeps from version to version."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def chance(self, share: float) -> bool:
        """True in `share` of the throws."""
        return self._random.random() < share

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, things: Sequence[T]) -> T:
        """One of `things`."""
        return things[self.between(0, len(things) - 1)]

    def early(self, things: Sequence[T]) -> T:
        """One of `things`, the first ones far more often than the last."""
        return things[int(self._random.random() ** 3 * len(things))]

    def day(self, first: date, last: date) -> date:
        """A day from `first` to `last`, both included."""
        return first + timedelta(days=self.between(0, (last - first).days))
