"""How one column of the province gets its text: the mapping of a feed in the other direction."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Field of ours → values of which it has one; an empty list: it is empty. Of a list, any element counts.
When = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """A constant, or converted fields; it applies where `when` holds, None: everywhere.

    Of several `fields` the first that isn't empty counts, unless the converter takes them all.
    """

    fields: tuple[str, ...] = ()
    value: str | None = None
    convert: str = "text"
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """The first of `cases` that applies counts; `cut`: what is too long is cut, and told."""

    column: str
    cases: tuple[Case, ...]
    cut: bool = False

    def fields(self) -> Iterator[str]:
        """The fields that it takes its text from."""
        for case in self.cases:
            yield from case.fields


def read_rule(column: str, told: str | Mapping[str, Any]) -> Rule:
    """The rule as a declaration says it (`target.schema.json`, rule)."""
    if isinstance(told, str):
        return Rule(column, (Case((told,)),))
    cases = told.get("cases", [{name: one for name, one in told.items() if name != "cut"}])
    cut = bool(told.get("cut") or any(case.get("cut") for case in cases))
    return Rule(column, tuple(map(_case, cases)), cut)


def read_when(told: Mapping[str, list[Any]] | None) -> When | None:
    """A condition; truth values are written true and false."""
    if told is None:
        return None
    return {name: tuple(map(_word, values)) for name, values in told.items()}


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _case(told: Mapping[str, Any]) -> Case:
    rest = {name: one for name, one in told.items() if name != "cut"}
    when, named = read_when(rest.pop("when", None)), rest.pop("from", ())
    fields = (named,) if isinstance(named, str) else tuple(named)
    return Case(fields, rest.pop("value", None), rest.pop("convert", "text"), rest, when)
