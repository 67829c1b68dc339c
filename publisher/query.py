"""What is asked of the library of releases, and what it answers: the language of search and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records are wanted; None: of any.

    `dataset` is a name of the catalogue; `department`, `county` and `kind` are values of the fields
    that the standard's roles name (a county is its code of six digits); `since` and `until` are days
    (2026-01-31, both included) of the roles' date.
    """

    dataset: str | None = None
    department: str | None = None
    county: str | None = None
    kind: str | None = None
    since: str | None = None
    until: str | None = None


#: Nothing is left out.
EVERYTHING = Filters()

#: The filters that are counted beside the hits, in the order in which pages show them.
FACETS = ("dataset", "department", "county", "kind")


@dataclass(frozen=True, slots=True)
class Facet:
    """One value by which the hits could be narrowed, and how many of them have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A found record: its dataset, permanent id, and the fields of the standard's roles."""

    dataset: str
    record_id: str
    name: str | None
    code: str | None
    document: str | None
    date: str | None
    department: str | None = None
    county: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of hits, newest first, and how many there are in all.

    `after` is the cursor of the next page (opaque, safe in an address), None on the last one;
    `facets` counts the hits by each of `FACETS`. `updating` are the datasets that were left out
    because they are being updated.
    """

    total: int
    items: list[Hit]
    after: str | None = None
    facets: Mapping[str, list[Facet]] = field(default_factory=dict)
    updating: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a dataset's records as released, how many there are in all, and the next cursor."""

    total: int
    records: list[dict[str, Any]]
    after: str | None = None
