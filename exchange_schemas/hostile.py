"""Schemas that could hurt whoever reads them: refused when a standard is checked.

Here records are judged in linear time, but a standard goes to consumers, whose validators may try a
pattern in every way, compare every two items, or fetch what is referred to. `hostile` looks at one
schema, before any validator sees it; `hostile_files` at the files that it is put together from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from exchange_schemas.issue import Issue
from exchange_schemas.loading import BLOCK, BLOCKS
from exchange_schemas.pattern_risk import explosive

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OURS = ("urn:exchange:", BLOCK)  # what a schema may be called; nothing of it can be fetched

MOST_BYTES = 262_144  # of a file: ten times the largest standard, and read in a millisecond
MOST_DEPTH = 12  # schemas inside each other: a rule across fields needs five, Python breaks at 300
MOST_PARTS = 3_000  # schemas in a schema: a hundred fields with ten rules across them have 500
MOST_VALUES = (
    500  # of an enum: it stands in every copy of the schema; what is longer is a code list
)
MOST_LETTERS = 500  # of a pattern: nobody can check a longer one by reading it
MOST_UNIQUE = 1_000  # items that must differ: many validators compare every two of them
MOST_BLOCKS = 32  # references to blocks, those in blocks counted where they stand
MOST_BLOCK_DEPTH = 4  # blocks that refer to blocks: each level may multiply what is merged

_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
_LISTED = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONE = frozenset({
    "if", "then", "else", "not", "items", "contains", "propertyNames", "additionalProperties",
    "unevaluatedProperties", "unevaluatedItems", "contentSchema",
})  # fmt: skip
REFERRING = ("$ref", "$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$vocabulary")


def hostile(schema: Any, place: str) -> Iterator[Issue]:
    """Issues of one schema, resolved or as it stands in its file.

    Call it before `check_schema` of a validator, which breaks off on a schema that is too deep.
    """
    parts = 0
    waiting: list[tuple[str, str, Any, int]] = [(place, "", schema, 0)]
    while waiting:
        where, keyword, part, depth = waiting.pop(0)
        parts += 1
        if depth > MOST_DEPTH:
            yield _told("schema_deep", where, depth, MOST_DEPTH)
            return
        if parts > MOST_PARTS:
            yield _told("schema_wide", place, parts, MOST_PARTS)
            return
        if isinstance(part, Mapping):
            block = depth == 1 and keyword == "allOf" and [*part] == ["$ref"]
            yield from _names(where, part, depth, block)
            yield from _patterns(where, part)
            yield from _counts(where, part)
            waiting += [(*inner, depth + 1) for inner in _inner(where, part)]


def _inner(place: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The schemas in a schema: place, keyword, schema."""
    for keyword, told in schema.items():
        if keyword in _NAMED and isinstance(told, Mapping):
            yield from ((f"{place} {name}", keyword, part) for name, part in told.items())
        elif keyword in _LISTED and isinstance(told, list):
            yield from ((f"{place} {keyword}[{n}]", keyword, part) for n, part in enumerate(told))
        elif keyword in _ONE:
            yield f"{place} {keyword}", keyword, told


def _counts(place: str, schema: Mapping[str, Any]) -> Iterator[Issue]:
    values, most = schema.get("enum"), schema.get("maxItems")
    if isinstance(values, list) and len(values) > MOST_VALUES:
        yield _told("enum_long", place, len(values), MOST_VALUES)
    if schema.get("uniqueItems") and not (isinstance(most, int) and most <= MOST_UNIQUE):
        yield _told("unique_unbounded", place, "-" if most is None else most, MOST_UNIQUE)


def _names(
    place: str, schema: Mapping[str, Any], depth: int, may_be_block: bool
) -> Iterator[Issue]:
    """What the schema is called, what it is written in, and what it refers to."""
    for keyword in REFERRING:
        told = schema.get(keyword)
        block = may_be_block and str(told).startswith(BLOCK)
        if told is not None and not block:
            words = {"place": place, "keyword": keyword}
            yield Issue("reference_refused", value=_short(told), params=words)
    dialect, name = schema.get("$schema"), schema.get("$id")
    if dialect is not None and (dialect != DIALECT or depth):
        words = {"place": place, "keyword": "$schema", "expected": DIALECT}
        yield Issue("schema_foreign", value=_short(dialect), params=words)
    if name is not None and (depth or not str(name).startswith(OURS)):
        words = {"place": place, "keyword": "$id", "expected": f"{OURS[0]}…"}
        yield Issue("schema_foreign", value=_short(name), params=words)


def _patterns(place: str, schema: Mapping[str, Any]) -> Iterator[Issue]:
    named = schema.get("patternProperties")
    for pattern in [schema.get("pattern"), *(named if isinstance(named, Mapping) else ())]:
        if not isinstance(pattern, str):
            continue
        if len(pattern) > MOST_LETTERS:
            yield _told("pattern_long", place, len(pattern), MOST_LETTERS)
            continue
        try:
            if explosive(pattern):
                yield Issue("pattern_explosive", value=pattern, params={"place": place})
        except ValueError as error:
            words = {"place": place, "reason": str(error)}
            yield Issue("pattern_unreadable", value=pattern, params=words)


def _told(code: str, place: str, found: object, most: int) -> Issue:
    return Issue(code, value=str(found), params={"place": place, "expected": str(most)})


def _short(told: object) -> str:
    return str(told)[:200]


def hostile_files(path: Path, blocks: Path | None = None) -> Iterator[Issue]:
    """Issues of a schema's file and of the blocks that it refers to, before they are put together.

    `blocks` is the folder beside the standards, from which a block is taken first. What can't be read
    or isn't there is left to `load_standard`.
    """
    folders = [BLOCKS] if blocks is None else [blocks, BLOCKS]
    waiting: list[tuple[Path, tuple[str, ...]]] = [(path, ())]
    referred = 0
    while waiting:
        file, way = waiting.pop(0)
        size = file.stat().st_size if file.is_file() else 0
        if size > MOST_BYTES:
            yield _told("schema_large", file.name, size, MOST_BYTES)
            return
        try:
            named = list(_blocks_of(file))
        except RecursionError:  # brackets in brackets, thousands of them
            yield _told("schema_deep", file.name, f"> {MOST_DEPTH}", MOST_DEPTH)
            return
        for name in named:
            referred += 1
            there = " → ".join((*way, name))
            if name in way:
                words = {"place": path.name, "found": there}
                yield Issue("block_circular", value=name, params=words)
                return
            if len(way) == MOST_BLOCK_DEPTH:
                yield _told("block_deep", path.name, there, MOST_BLOCK_DEPTH)
                return
            if referred > MOST_BLOCKS:
                yield _told("block_many", path.name, referred, MOST_BLOCKS)
                return
            waiting.append((_block_file(name, folders), (*way, name)))


def _block_file(name: str, folders: list[Path]) -> Path:
    files = [folder / f"{name}.schema.json" for folder in folders]
    return next((file for file in files if file.is_file()), files[-1])


def _blocks_of(file: Path) -> Iterator[str]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    parts = told.get("allOf", ()) if isinstance(told, dict) else ()
    for part in parts if isinstance(parts, list) else ():
        name = part.get("$ref") if isinstance(part, dict) else None
        if isinstance(name, str) and name.startswith(BLOCK):
            yield name.removeprefix(BLOCK)
