"""How one field of the standard gets its value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """A constant, or converted source cells.

    Of several `columns` the first cell that isn't empty counts; a fingerprint takes them all.
    A delivery may lack the columns of an `optional` rule. `options` are the converter's.
    """

    field: str
    columns: tuple[str, ...] = ()
    convert: str | None = None
    value: Any = None
    nulls: tuple[str, ...] = ()
    optional: bool = False
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def read_rule(name: str, told: str | Mapping[str, Any]) -> Rule:
    """The rule of field `name` as a declaration says it (`feed.schema.json`, rule)."""
    if isinstance(told, str):
        return Rule(name, (told,))
    if "value" in told:
        return Rule(name, value=told["value"])
    rest = dict(told)
    columns = rest.pop("from")
    return Rule(
        field=name,
        columns=(columns,) if isinstance(columns, str) else tuple(columns),
        convert=rest.pop("convert", None),
        nulls=tuple(rest.pop("nulls", ())),
        optional=rest.pop("optional", False),
        options=rest,
    )
