"""Which days are worked, one after the other: counting them forth and back, columns at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class WorkingCalendar:
    """`worked` (boolean) has every day from `first` on, without a gap.

    `provisional`: years that were worked out beforehand and aren't announced yet.
    """

    first: date
    worked: NDArray[np.bool_]
    provisional: tuple[int, ...] = ()

    @property
    def last(self) -> date:
        """The last day of which it is known whether it is worked."""
        return self.first + timedelta(days=len(self.worked) - 1)

    def is_worked(self, day: date) -> bool | None:
        """Whether a day is worked; None beyond the calendar."""
        place = (day - self.first).days
        return bool(self.worked[place]) if 0 <= place < len(self.worked) else None

    def is_provisional(self, day: date) -> bool:
        """Whether a day is in a year that was worked out beforehand: a term that ends there may move."""
        return day.year in self.provisional

    def between(self, begin: pl.Series, end: pl.Series) -> pl.Series:
        """Int32: how many of the days after `begin` until `end` (Date, itself included) are worked.

        Null where either is null or beyond the calendar.
        """
        places = [self._places(day) for day in (begin, end)]
        unknown = (np.minimum(*places) < 0) | (np.maximum(*places) >= len(self._counted))
        before, until = (self._counted.take(place, mode="clip") for place in places)
        return pl.Series(end.name, until - before).set(pl.Series(unknown), None)

    def add(self, begin: pl.Series, count: int) -> pl.Series:
        """Date: the `count`-th worked day after `begin` (Date), which itself isn't counted.

        With 0 it is `begin`. Null where `begin` is null or the day is beyond the calendar.
        """
        if count < 0:
            raise ValueError(f"{count} working days after a day: count forward")
        if count == 0:
            return begin
        places = self._places(begin)
        wanted = self._counted.take(places, mode="clip") + (count - 1)
        unknown = (places < 0) | (places >= len(self._counted)) | (wanted >= len(self._when))
        days = pl.Series(begin.name, self._when.take(wanted, mode="clip")).cast(pl.Date)
        return days.set(pl.Series(unknown), None) if unknown.any() else days

    def _places(self, days: pl.Series) -> NDArray[np.int32]:
        """By row: how many days after the first; negative for null."""
        since = days.cast(pl.Int32) - (self.first - _EPOCH).days
        return since.fill_null(-1).to_numpy()

    @cached_property
    def _counted(self) -> NDArray[np.int32]:
        """By days since the first: how many were worked until then, itself included."""
        return np.cumsum(self.worked, dtype=np.int32)

    @cached_property
    def _when(self) -> NDArray[np.int32]:
        """The worked days themselves, as days since 1970-01-01."""
        return (np.flatnonzero(self.worked) + (self.first - _EPOCH).days).astype(np.int32)
