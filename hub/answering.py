"""Which department answers today for what a department did: itself, or who took over its work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_

from exchange_schemas.codes import load_codes
from exchange_schemas.departments import successor, successors


@dataclass(frozen=True, slots=True)
class Answering:
    """Departments as they are on the day `on`."""

    on: date

    def code(self, department: str) -> str:
        """The department that is accountable; the same one where nobody is known."""
        found = successor(department, self.on)
        return found.code if found else department

    def may_report(self, department: str) -> tuple[str, ...]:
        """The departments whose word counts for it: itself, and all that do its work now."""
        heirs = (heir.code for heir in successors(department, self.on))
        return tuple(dict.fromkeys((department, *heirs)))

    def codes_of(self, department: str) -> list[str]:
        """All departments for which this one answers, itself among them."""
        known = [code for code in load_codes("departments").codes if self.code(code) == department]
        return sorted({department, *known})

    def named(self, departments: Iterable[str]) -> dict[str, str]:
        """department → the accountable one."""
        return {one: self.code(one) for one in departments}

    def is_of(
        self, column: ColumnElement[str], department: str, owner: str
    ) -> ColumnElement[bool]:
        """A condition on a column of departments; null there means `owner`, the dataset's."""
        mine = column.in_(self.codes_of(department))
        return or_(mine, column.is_(None)) if self.code(owner) == department else mine
