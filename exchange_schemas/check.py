"""Checks one standard's folder: its declaration, every version's schema, and its samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.loading import load_standard
from exchange_schemas.sample_check import check_invalid, check_valid
from exchange_schemas.schema_check import check_schema, uncompiled_keywords

VALID, INVALID = "samples/valid.jsonl", "samples/invalid.jsonl"
FILES = ("standard.yml", "CHANGELOG.md", VALID, INVALID)


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
    current = load_standard(folder, None)
    for version in current.versions:
        broken = list(check_schema(load_standard(folder, version)))
        yield from broken
        if broken:
            return
        yield from uncompiled_keywords(load_standard(folder, version))
    yield from check_valid(current, folder / VALID)
    yield from check_invalid(current, folder / INVALID)
