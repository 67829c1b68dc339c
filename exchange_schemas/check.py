"""Checks one standard's folder: its declaration, every version's schema, and its samples."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

from exchange_schemas.consistency import check_consistency
from exchange_schemas.declaration_check import check_declaration, check_named
from exchange_schemas.errors import Misdeclared
from exchange_schemas.hostile import hostile_files
from exchange_schemas.issue import Issue
from exchange_schemas.loading import BLOCKS, load_standard, read_declaration
from exchange_schemas.migration import load_migration, migration_file
from exchange_schemas.sample_check import check_invalid, check_key, check_valid
from exchange_schemas.schema_check import check_schema, uncompiled_keywords

VALID, INVALID = "samples/valid.jsonl", "samples/invalid.jsonl"
DECLARATION = "standard.yml"
FILES = (DECLARATION, "CHANGELOG.md", VALID, INVALID)


def check_standard(path: Path) -> list[Issue]:
    """Everything wrong with the standard in folder `path`; nothing is raised for it.

    Samples are records of the current version: those of `valid.jsonl` raise no issue, those of
    `invalid.jsonl` exactly the ones that they name. A keyword that isn't compiled is an info.
    """
    folder = path.resolve()
    missing = [
        Issue("standard_file_missing", value=str(path / name))
        for name in FILES
        if not (folder / name).is_file()
    ]
    if missing:
        return missing
    try:
        return list(_check(folder))
    except Misdeclared as error:
        return [error.issue]


def _check(folder: Path) -> Iterator[Issue]:
    place = f"{folder.parent.name}/{folder.name}/{DECLARATION}"
    told = read_declaration(folder / DECLARATION)
    broken = list(check_declaration(told, place))
    yield from broken
    if broken:
        return
    for one in told["versions"]:
        dangers = list(_hostile_files(folder, one["version"]))
        yield from dangers
        if dangers:
            return
    yield from _check_versions(folder)


def _hostile_files(folder: Path, version: str) -> Iterator[Issue]:
    return hostile_files(folder / f"v{version}.schema.json", folder.parents[1] / BLOCKS.name)


def _check_versions(folder: Path) -> Iterator[Issue]:
    current = load_standard(folder, None)
    for version in current.versions:
        standard = load_standard(folder, version)
        broken = [*check_schema(standard), *check_named(standard)]
        yield from broken
        if broken:
            return
        yield from uncompiled_keywords(standard)
        earlier = folder / f"samples/v{version}.valid.jsonl"
        if earlier.is_file():
            yield from check_valid(standard, earlier)
    yield from check_consistency(current)
    for way in permutations(current.versions, 2):
        if migration_file(folder, *way).is_file():
            load_migration(folder, *(load_standard(folder, version) for version in way))
    yield from check_key(current, folder / VALID)
    yield from check_valid(current, folder / VALID)
    yield from check_invalid(current, folder / INVALID)
