"""One view of a dataset's table: what is chosen, which columns, in which order; and its address.

The address of a view is permanent and says everything: `?county=440981&since=2024-01-01&
where.subject_type=natural&sort=-decided_on&columns=subject_name,doc_no`. What in it makes no sense
is left out, so an old address still shows something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from exchange_schemas.standard import Field, Standard
from publisher.columns import SALT
from publisher.meanings import allowed
from publisher.query import Filters
from publisher.selection import Selection, public_fields, role_field

LONGEST = 100  # characters of anything that an address says
WHERE = "where."  # before the name of a field
COLUMNS = 6  # that are shown where the address names none
MOST_VALUES = 300  # of a code field that can be chosen from
ROLES = ("department", "county", "kind")
_CURSOR = re.compile(r"[\w.~=-]{1,1000}")


@dataclass(frozen=True, slots=True)
class View:
    """`sort` is a field's name, with "-" before it: descending; None: the release's order.

    `columns` are names of fields. `after` is the cursor of the page; None: the first one.
    """

    selection: Selection
    columns: tuple[str, ...]
    sort: str | None = None
    after: str | None = None

    def arguments(self, standard: Standard) -> dict[str, Any]:
        """The address's arguments, in an order that is always the same, without what goes without
        saying and without the page."""
        filters = self.selection.filters
        told = {name: getattr(filters, name) for name in (*ROLES, "since", "until")}
        told |= {f"{WHERE}{name}": values[0] for name, values in self.selection.where.items()}
        told |= {"q": self.selection.words, "sort": self.sort}
        if self.columns != default_columns(standard):
            told["columns"] = ",".join(self.columns)
        return {name: value for name, value in told.items() if value}

    def first(self) -> View:
        """Its first page."""
        return replace(self, after=None)


def read_view(standard: Standard, asked: MultiDict[str, str]) -> View:
    """The view that an address asks for."""
    told = {name: value.strip()[:LONGEST] for name, value in asked.items()}
    filters = Filters(
        dataset=standard.dataset,
        since=_day(told.get("since")),
        until=_day(told.get("until")),
        **{role: told.get(role) or None for role in ROLES if role_field(standard, role)},
    )
    where = {
        name: (told[WHERE + name],) for name in code_fields(standard) if told.get(WHERE + name)
    }
    selection = Selection(filters, where, told.get("q", ""))
    cursor = asked.get("after", "")
    return View(
        selection,
        _columns(standard, asked.getlist("columns")),
        _sort(standard, told),
        cursor if _CURSOR.fullmatch(cursor) else None,
    )


def _day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        return None


def _columns(standard: Standard, asked: list[str]) -> tuple[str, ...]:
    wanted = {name for text in asked for name in text.split(",")}
    known = tuple(name for name in shown_fields(standard) if name in wanted)
    usual = default_columns(standard)
    return usual if not known or set(known) == set(usual) else known


def _sort(standard: Standard, told: Mapping[str, str]) -> str | None:
    """`sort=-decided_on`, or from a form `sort=decided_on&order=desc`."""
    wanted = told.get("sort", "")
    name = wanted.removeprefix("-")
    if name not in shown_fields(standard) or shown_fields(standard)[name].kind == "list":
        return None
    return f"-{name}" if wanted.startswith("-") or told.get("order") == "desc" else name


def shown_fields(standard: Standard) -> dict[str, Field]:
    """The fields that a table may show, in the order of the release."""
    return {name: one for name, one in public_fields(standard).items() if name != SALT}


def default_columns(standard: Standard) -> tuple[str, ...]:
    """The columns of a table that nobody chose: the fields of the roles, then the standard's first."""
    roles = standard.roles
    known = standard.fields_for("public")
    names = [
        roles.name, roles.document, roles.date, roles.department, roles.kind, roles.code,
    ]  # fmt: skip
    named = [name for name in dict.fromkeys(names) if name in known]
    return tuple(dict.fromkeys([*named, *known]))[:COLUMNS]


def code_fields(standard: Standard) -> dict[str, Field]:
    """The fields that have few possible values, and no role that can be filtered by."""
    with_role = {getattr(standard.roles, role) for role in ROLES}
    return {
        name: one
        for name, one in shown_fields(standard).items()
        if name not in with_role
        and (one.kind == "boolean" or 0 < len(allowed(one)) <= MOST_VALUES)
    }
