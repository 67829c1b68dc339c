"""Reading a release's index: which records match, in the order of the release, newest first.

Records are known by their rows, 0 for the newest. What matches is told as a flag for each row: to
count, to page and to combine are operations on columns, which take as long on the last page as on
the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from publisher.bigrams import words_of
from publisher.index_cells import column
from publisher.index_layout import CODED, FREE, NO_DAY, ORDER
from publisher.index_rows import SEPARATOR
from publisher.index_store import Found, Reading
from publisher.index_words import slots_with
from publisher.query import Filters

Flags = npt.NDArray[np.bool_]
_EPOCH = np.datetime64("1970-01-01")


class Index:
    """The index of one release. `opened` opens it for one reading; columns are kept once read.

    Safe to share between threads.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Reading]]) -> None:
        self._opened = opened
        with opened() as reading:
            self.fields: dict[str, list[str]] = json.loads(reading.roles())
            self._order = np.frombuffer(reading.cells(ORDER)[0][1], dtype=np.uint32)
            owner = column("owner", reading.cells("owner"))
            self.values = _values(reading.values())
        #: Orders of the rows by other fields, kept for `tables`.
        self.orders: dict[str, npt.NDArray[np.uint32]] = {}
        rank = np.full(len(owner), FREE, dtype=np.uint32)
        rank[self._order] = np.arange(len(self._order), dtype=np.uint32)
        taken = owner != FREE
        rank[taken] = rank[owner[taken]]
        self._rank = rank

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self._order)

    @cached_property
    def days(self) -> npt.NDArray[np.int32]:
        """Each row's day since 1970-01-01 by the date of the roles, falling; NO_DAY without one."""
        return self._column("day")

    @cached_property
    def published(self) -> npt.NDArray[np.int32]:
        """The day since 1970-01-01 on which each row was published first; NO_DAY: not known."""
        return self._column("published")

    @cached_property
    def codes(self) -> dict[str, npt.NDArray[np.uint32]]:
        """Each row's code of `values`, by role; 0: none."""
        return {role: self._column(role) for role in CODED}

    def _column(self, name: str) -> npt.NDArray[Any]:
        with self._opened() as reading:
            return column(name, reading.cells(name))[self._order]

    def matching(self, words: str, filters: Filters) -> Flags:
        """The rows with all the words that pass the filters (its dataset isn't looked at)."""
        flags = np.ones(self.rows, dtype=bool)
        wanted = words_of(words)
        if wanted:
            with self._opened() as reading:
                for word in wanted:
                    flags &= self._with(reading, word)
        for role in CODED:
            value = getattr(filters, role)
            if value:
                flags &= self.having(role, [value])
        if filters.since or filters.until:
            flags &= self._between(filters.since, filters.until)
        return flags

    def _with(self, reading: Reading, word: str) -> Flags:
        flags = np.zeros(self.rows, dtype=bool)
        for slots in slots_with(reading, word, len(self._rank)):
            flags[self._rank[slots]] = True
        return flags

    def having(self, role: str, wanted: Sequence[str]) -> Flags:
        """The rows with one of the values in a coded role."""
        told = self.values[role]
        chosen = np.array([not set(one).isdisjoint(wanted) for one in told], dtype=bool)
        if not chosen.any():
            return np.zeros(self.rows, dtype=bool)
        found: Flags = chosen[self.codes[role]]
        return found

    def _between(self, since: str | None, until: str | None) -> Flags:
        flags = np.zeros(self.rows, dtype=bool)
        first = self.first_on(until) if until else 0
        last = self.first_before(since or "0001-01-01")
        flags[first:last] = True
        return flags

    def first_on(self, day: str | int) -> int:
        """The first row of that day (2026-01-31, or since 1970-01-01) or of an earlier one."""
        return int(np.searchsorted(-self.days.astype(np.int64), -day_number(day), side="left"))

    def first_before(self, day: str | int) -> int:
        """The first row that is earlier than that day."""
        return int(np.searchsorted(-self.days.astype(np.int64), -day_number(day), side="right"))

    def row(self, record_id: str) -> int | None:
        """The row of a record; None: there is no such record."""
        with self._opened() as reading:
            slot = reading.slot(record_id)
        return None if slot is None else int(self._rank[slot])

    def found(self, rows: Sequence[int]) -> list[Found]:
        """What is shown of these rows, in this order."""
        slots = self._order[np.array(rows, dtype=np.int64)].tolist()
        with self._opened() as reading:
            known = reading.records(slots)
        return [known[slot] for slot in slots]

    def values_of(self, role: str, row: int) -> tuple[str, ...]:
        """A row's values in a coded role."""
        return self.values[role][int(self.codes[role][row])]

    def tally(self, role: str, flags: Flags) -> dict[str, int]:
        """value → how many of the rows have it, the most first; a row counts with all its values."""
        told = self.values[role]
        counts = np.bincount(self.codes[role][flags], minlength=len(told))
        found: dict[str, int] = {}
        for code in np.flatnonzero(counts).tolist():
            for value in told[code]:
                found[value] = found.get(value, 0) + int(counts[code])
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def periods(self, unit: str, flags: Flags) -> dict[str, int]:
        """Month (2026-01) or year (2026) → how many of the rows are of it, in order."""
        days = self.days[flags & (self.days != NO_DAY)]
        period = (_EPOCH + days).astype(f"datetime64[{'M' if unit == 'month' else 'Y'}]")
        told, counts = np.unique(period, return_counts=True)
        return dict(zip(np.datetime_as_string(told).tolist(), counts.tolist(), strict=True))


def day_number(day: str | int) -> int:
    """Days since 1970-01-01 of a day such as 2026-01-31, or as it is given."""
    if isinstance(day, int):
        return day
    return int((np.datetime64(day, "D") - _EPOCH).astype(np.int64))


def _values(rows: list[tuple[str, int, str]]) -> dict[str, list[tuple[str, ...]]]:
    """role → values by code; nothing at code 0 and at those that aren't used."""
    told: dict[str, list[tuple[str, ...]]] = {}
    for role in CODED:
        known = {code: value for name, code, value in rows if name == role}
        told[role] = [()] * (max(known, default=0) + 1)
        for code, value in known.items():
            told[role][code] = tuple(value.split(SEPARATOR))
    return told
