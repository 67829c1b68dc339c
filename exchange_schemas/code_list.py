"""A code list in memory: what each code means, and on which days it may be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list, with its Chinese and English title.

    It may be used in records of the days from `valid_from` to `valid_to`, both included; None: since
    or until no day that is known. `successors` are the codes that took its place. `more` has the
    further columns of its row, empty cells left out.
    """

    code: str
    title: str
    title_en: str
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict, compare=False)

    def valid_on(self, day: date) -> bool:
        """Whether the code may be used in a record of that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, eq=False)
class CodeList:
    """A list's codes in the order of its file.

    `periods` has all rows of each code, the earliest first: a code that was given up may have been
    used again later, with another meaning. `codes` has the last of them. `predecessors` has the
    codes whose place each one took.
    """

    name: str
    periods: Mapping[str, tuple[Code, ...]]
    codes: Mapping[str, Code]
    predecessors: Mapping[str, tuple[str, ...]]

    def on(self, code: str, day: date) -> Code | None:
        """The code as it was on that day; None where it isn't in the list or wasn't valid."""
        return next((one for one in self.periods.get(code, ()) if one.valid_on(day)), None)

    def valid_on(self, code: str, day: date) -> bool:
        """Whether `code` is in the list and may be used in a record of that day."""
        return self.on(code, day) is not None

    def instead(self, code: str, day: date) -> list[Code]:
        """What a record of that day has instead of a code that wasn't valid: the codes that took its
        place, or those whose place it took, however many changes lie between."""
        return self.later(code, day) or self._reached(code, day, self._before)

    def later(self, code: str, day: date) -> list[Code]:
        """The codes that took its place, as far as they are valid on that day."""
        return self._reached(code, day, self._after)

    def _after(self, code: str) -> list[str]:
        return [name for one in self.periods.get(code, ()) for name in one.successors]

    def _before(self, code: str) -> list[str]:
        return list(self.predecessors.get(code, ()))

    def _reached(self, code: str, day: date, step: Callable[[str], list[str]]) -> list[Code]:
        """The first valid code on every way from `code`; a way may lead round in a circle."""
        found: dict[str, Code] = {}
        seen, waiting = {code}, step(code)
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            there = self.on(name, day)
            if there is None:
                waiting += step(name)
            else:
                found[name] = there
        return list(found.values())


def code_list(name: str, codes: Iterable[Code]) -> CodeList:
    """A list of rows whose periods don't overlap (see `code_reading`)."""
    periods: dict[str, tuple[Code, ...]] = {}
    before: dict[str, tuple[str, ...]] = {}
    for code in codes:
        periods[code.code] = (*periods.get(code.code, ()), code)
        for later in code.successors:
            before[later] = (*before.get(later, ()), code.code)
    ordered = {
        code: tuple(sorted(rows, key=lambda row: row.valid_from or date.min))
        for code, rows in periods.items()
    }
    return CodeList(name, ordered, {code: rows[-1] for code, rows in ordered.items()}, before)


_DAY = timedelta(days=1)

Gap = tuple[str | None, str | None]


def gaps(rows: Iterable[Code]) -> list[Gap]:
    """The days on which a code isn't valid: first day, and the day behind the last one (ISO).

    None: without a beginning, or an end. `rows` are the code's periods, the earliest first.
    """
    found: list[Gap] = []
    begin = date.min  # of the days that no row has covered so far
    for row in rows:
        if row.valid_from is not None and begin < row.valid_from:
            found.append((_iso(begin), row.valid_from.isoformat()))
        if row.valid_to is None or row.valid_to == date.max:
            return found
        begin = row.valid_to + _DAY
    found.append((_iso(begin), None))
    return found


def _iso(day: date) -> str | None:
    return None if day == date.min else day.isoformat()
