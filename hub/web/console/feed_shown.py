"""A feed's declaration as people read it, and its last runs as a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.converters import CONVERTERS, default_converter
from adapters.feed import Feed
from adapters.rule import Rule, Step
from exchange_schemas.standard import Standard

_PICTURE_HEIGHT, _BAR, _GAP = 96, 22, 8


@dataclass(frozen=True, slots=True)
class Mapped:
    """One field: the columns that it comes from, the converters, what more is said of it."""

    field: str
    title: str
    title_en: str
    required: bool
    columns: tuple[str, ...]
    steps: tuple[str, ...]
    constant: str | None
    optional: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One run in the picture, in its units: `read` up from the base line, `rejected` of it dark."""

    x: int
    read_y: float
    read_height: float
    rejected_y: float
    rejected_height: float
    words: str


def mapped(feed: Feed, standard: Standard | None) -> list[Mapped]:
    """The fields of a feed, in the order of the declaration."""
    return [_mapped(rule, standard, feed.format.kind) for rule in feed.fields.values()]


def options_of(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a source or a format is told, one line each."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in told.items()
    ]


def bars(runs: Sequence[Mapping[Any, Any]]) -> list[Bar]:
    """The picture of some runs, the oldest first."""
    most = max((row["read"] for row in runs), default=0) or 1
    return [_bar(place, row, most) for place, row in enumerate(runs)]


def width_of(count: int) -> int:
    """How wide the picture of so many runs is."""
    return max(count, 1) * (_BAR + _GAP)


def _bar(place: int, row: Mapping[Any, Any], most: int) -> Bar:
    read = row["read"] / most * _PICTURE_HEIGHT
    # what was rejected is seen even where it is a row of a million
    rejected = max(2.0, row["rejected"] / most * _PICTURE_HEIGHT) if row["rejected"] else 0.0
    return Bar(
        x=place * (_BAR + _GAP),
        read_y=round(_PICTURE_HEIGHT - read, 1),
        read_height=round(read, 1),
        rejected_y=round(_PICTURE_HEIGHT - rejected, 1),
        rejected_height=round(rejected, 1),
        words=f"#{row['id']}: {row['read']:,} / {row['rejected']:,}",
    )


def _mapped(rule: Rule, standard: Standard | None, kind: str) -> Mapped:
    field = standard.fields.get(rule.field) if standard is not None else None
    constant = None
    if not rule.columns and rule.expression is None:
        constant = rule.value if isinstance(rule.value, str) else json.dumps(rule.value)
    usual = default_converter(field, kind) if field is not None else "?"
    return Mapped(
        field=rule.field,
        title=field.title if field else rule.field,
        title_en=field.title_en if field else rule.field,
        required=bool(field and field.required),
        columns=rule.columns,
        steps=() if constant is not None else tuple(_steps(rule, usual)),
        constant=constant,
        optional=rule.optional,
    )


def _steps(rule: Rule, usual: str) -> Iterator[str]:
    if rule.expression is not None:
        yield rule.expression
    if rule.join is not None:
        yield f"join: {rule.join!r}"
    for step in (*rule.steps, Step(rule.convert or usual, rule.options, rule.main)):
        yield _step(step)
    if rule.default is not None:
        yield f"default: {rule.default}"


def _step(step: Step) -> str:
    told = {**step.options, **({} if step.main is None else {_main(step.name): step.main})}
    if not told:
        return step.name
    words = ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in told.items()
    )
    return f"{step.name} ({words})"


def _main(name: str) -> str:
    return CONVERTERS[name].main if name in CONVERTERS else ""
