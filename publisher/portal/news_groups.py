"""Which datasets the page "today" tells of: a table beside this, news.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from exchange_schemas.strict_yaml import read_strictly


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset, and the field values that its records must have. It is passed over where the dataset
    `unless` is released."""

    dataset: str
    where: Mapping[str, str] = field(default_factory=dict)
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What is told under one heading."""

    name: str
    title_zh: str
    title_en: str
    sources: tuple[Source, ...]

    def title(self, chinese: bool) -> str:
        """The title in one of the languages."""
        return self.title_zh if chinese else self.title_en


@cache
def groups() -> tuple[Group, ...]:
    """All groups, in the order of the page."""
    table = files("publisher.portal").joinpath("news.yml").read_text(encoding="utf-8")
    return tuple(
        Group(name, told["title"]["zh"], told["title"]["en"], _sources(told["datasets"]))
        for name, told in read_strictly(table).items()
    )


def _sources(told: Mapping[str, Mapping[str, Any]]) -> tuple[Source, ...]:
    return tuple(Source(dataset, **more) for dataset, more in told.items())
