"""A feed: one declared connection from a department's source to a standard, in YAML, no code.

`feed.schema.json` is the form of the file; `docs/connect-a-feed.md` explains it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.declaration import read_declaration

MAX_GONE = 0.5  # a feed that would lose this share of its records, or more, is held


@dataclass(frozen=True, slots=True)
class Source:
    """Where deliveries come from. `path` may have `${NAME}`, and be relative to the feed's file."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Format:
    """How a delivery is written.

    csv: `encoding`, `delimiter`. json: `rows`, the dotted path of the list of records ("" for a
    document that is a list), and `total`, the dotted path of the number of records that the source
    says it has. jsonl: `encoding`. xlsx: `sheet`, its name (None: the first), and `header_row`, the
    row with the columns' names, from 1.
    """

    kind: str
    encoding: str = "utf-8"
    delimiter: str = ","
    rows: str = ""
    total: str | None = None
    sheet: str | None = None
    header_row: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field of the standard gets its value: a constant, or converted source cells.

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


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a run is held: `max_gone` is the share (0–1) of records that may vanish at once."""

    max_gone: float = MAX_GONE


@dataclass(frozen=True, slots=True)
class Feed:
    """A declaration as loaded; nothing in it has been looked up yet.

    `title` has zh and en. `nulls` are the texts that stand for "no value" in every column, besides
    the empty one. `ignore` gives the reason for each source column that is left out on purpose.
    """

    name: str
    title: Mapping[str, str]
    standard: str
    version: str | None
    source: Source
    format: Format
    mode: str
    nulls: tuple[str, ...]
    fields: Mapping[str, Rule]
    ignore: Mapping[str, str]
    breaker: Breaker
    path: Path

    @property
    def total(self) -> str | None:
        """Dotted path of the number of records that the source says it has."""
        return self.format.total

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns that fields take their values from, each once."""
        named = (column for rule in self.fields.values() for column in rule.columns)
        return tuple(dict.fromkeys(named))


def load_feed(path: Path) -> Feed:
    """The feed declared at `path`.

    Raises Misdeclared: feed_unknown (no such file), feed_invalid (the place in it and the reason).
    """
    told = read_declaration(path)
    return Feed(
        name=told["feed"],
        title=told["title"],
        standard=told["standard"],
        version=told.get("version"),
        source=Source(**told["source"]),
        format=Format(**told["format"]),
        mode=told["mode"],
        nulls=tuple(told.get("nulls", ())),
        fields={name: _rule(name, rule) for name, rule in told["fields"].items()},
        ignore=told.get("ignore", {}),
        breaker=Breaker(**told.get("breaker", {})),
        path=path.resolve(),
    )


def _rule(name: str, told: str | dict[str, Any]) -> Rule:
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
