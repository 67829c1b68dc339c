"""A feed: one declared connection from a department's source to a standard, in YAML, no code.

`feed.schema.json` is the form of the file; `docs/connect-a-feed.md` explains it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.rule import Rule

MAX_GONE = 0.5  # a feed that would lose this share of its records, or more, is held
MAX_REJECTED = 0.5  # … or of whose rows this share, or more, is rejected


@dataclass(frozen=True, slots=True)
class Source:
    """Where deliveries come from: a kind of `plugins.SOURCES`, and what it is told."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """How a delivery is written: a kind of `plugins.FORMATS`, and what it is told."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """The option `name`, or `default` where the feed doesn't say it."""
        return self.options.get(name, default)

    @property
    def encoding(self) -> str:
        """How text is encoded; utf-8 where the feed doesn't say it."""
        return str(self.get("encoding", "utf-8"))

    @property
    def members(self) -> str:
        """Which files of an archive count: a pattern of their names."""
        return str(self.get("members", "*"))


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a run is held.

    `max_gone` is the share (0–1) of records that may vanish at once, `max_rejected` that of rows
    that may be rejected, `usual` by how much (a share of it) the number of rows may differ from the
    median of the last runs; None: that isn't looked at.
    """

    max_gone: float = MAX_GONE
    max_rejected: float = MAX_REJECTED
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A declaration as loaded; nothing in it has been looked up yet.

    `title` has zh and en. `nulls` are the texts that stand for "no value" in every column, besides
    the empty one. `ignore` gives the reason for each source column that is left out on purpose.
    `every` overrides the standard's update cycle; `contact` is told when a run is held.
    `department` is whose records these are, a code of `departments.csv`; None: the standard's.
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
    every: str | None = None
    contact: str | None = None
    department: str | None = None

    @property
    def total(self) -> str | None:
        """Dotted path of the number of records that the source says it has."""
        total: str | None = self.format.get("total")
        return total

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns that fields take their values from, each once."""
        named = (column for rule in self.fields.values() for column in rule.columns)
        return tuple(dict.fromkeys(named))
