"""How one field of the standard gets its value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.expression import columns_of


@dataclass(frozen=True, slots=True)
class Step:
    """One converter of several: its name, and what it is told.

    `main` holds what stands in `{name: value}`; `converters.options_of` says which option it is.
    """

    name: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    main: Any = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A constant, or converted source cells.

    Of several `columns` the first cell that isn't empty counts, unless `join` (what stands between
    them) or `expression` (`{地市}{区县}`) puts them together; some converters take them all.
    `steps` go from text to text before `convert`, whose `options` these are and whose `main` option
    stands in a list as `{convert: main}`. `as_of` is the column with the day for which the last
    converter looks things up; it is the last of `columns`. `default` is taken where there is no
    text. A delivery may lack the columns of an `optional` rule.
    """

    field: str
    columns: tuple[str, ...] = ()
    convert: str | None = None
    value: Any = None
    nulls: tuple[str, ...] = ()
    optional: bool = False
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    main: Any = None
    join: str | None = None
    expression: str | None = None
    as_of: str | None = None
    default: Any = None
    also_from: bool = False  # beside an expression, which is a mistake

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns that the value is made of."""
        return self.columns if self.as_of is None else self.columns[:-1]


def read_rule(name: str, told: str | Mapping[str, Any]) -> Rule:
    """The rule of field `name` as a declaration says it (`feed.schema.json`, rule)."""
    if isinstance(told, str):
        return Rule(name, (told,))
    if "value" in told:
        return Rule(name, value=told["value"])
    rest = dict(told)
    expression, join = rest.pop("expression", None), rest.pop("join", None)
    columns = rest.pop("from", ())
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    nulls, optional = tuple(rest.pop("nulls", ())), rest.pop("optional", False)
    default = rest.pop("default", None)
    *steps, last = _steps(rest.pop("convert", None))
    options = {**last.options, **rest}
    as_of = options.pop("as_of", None)
    named = columns if expression is None else columns_of(expression)
    return Rule(
        field=name,
        columns=named if as_of is None else (*named, as_of),
        convert=last.name or None,
        nulls=nulls,
        optional=optional,
        options=options,
        steps=tuple(steps),
        main=last.main,
        join=join,
        expression=expression,
        as_of=as_of,
        default=default,
        also_from=expression is not None and bool(columns),
    )


def _steps(told: str | list[Any] | None) -> list[Step]:
    """At least one; without a name where the declaration names no converter."""
    return [_step(one) for one in told] if isinstance(told, list) else [Step(told or "")]


def _step(told: str | Mapping[str, Any]) -> Step:
    if isinstance(told, str):
        return Step(told)
    ((name, options),) = told.items()
    return Step(name, options) if isinstance(options, Mapping) else Step(name, main=options)
