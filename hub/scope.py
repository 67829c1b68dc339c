"""What a scoreboard is about: datasets, months, departments, and the day on which it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, false, or_, select

from exchange_schemas.catalogue import Catalogue
from hub.answering import Answering
from hub.months import last_day, span
from hub.tables import dataset


@dataclass(frozen=True)
class Scope:
    """`numbers`: id of a dataset in the database → its name; `owners`: name → the owner today.

    `months` are in order without a gap. `department` is None for all.
    """

    on: date
    months: list[str]
    names: list[str]
    numbers: Mapping[int, str]
    owners: Mapping[str, str]
    department: str | None = None

    @cached_property
    def answering(self) -> Answering:
        """Who answers for whom on the day."""
        return Answering(self.on)

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day, as the tables keep days."""
        return f"{self.months[0]}-01", last_day(self.months[-1]).isoformat()

    def within(
        self, number: ColumnElement[int], department: ColumnElement[str]
    ) -> ColumnElement[bool]:
        """A condition on columns with the dataset's id and the department (null: the owner)."""
        if self.department is None:
            return number.in_(list(self.numbers))
        code = self.department
        return or_(
            false(),
            *(
                (number == one) & self.answering.is_of(department, code, self.owners[name])
                for one, name in self.numbers.items()
            ),
        )


def scope(
    connection: Connection,
    catalogue: Catalogue,
    on: date,
    first: str,
    last: str,
    name: str | None = None,
    department: str | None = None,
) -> Scope:
    """The months from `first` to `last` of one dataset or all, of one department or all.

    A department that was merged into another one stands for that one. Raises Misdeclared
    (dataset_unknown, month_invalid, months_too_many).
    """
    names = catalogue.datasets() if name is None else [catalogue.get(name).dataset]
    rows = connection.execute(select(dataset.c.id, dataset.c.name))
    numbers = {number: one for number, one in rows if one in names}
    owners = {one: catalogue.get(one).department for one in names}
    asked = department and Answering(on).code(department)
    return Scope(on, span(first, last), names, numbers, owners, asked)
