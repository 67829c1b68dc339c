"""One release in the making: what it is made of, where, and what of it is written already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Field, Standard
from publisher.changes import Parts
from publisher.columns import release_columns
from publisher.contents import Contents, contents_of
from publisher.files import DICTIONARY
from publisher.manifest import Release
from publisher.ordering import View, scanned

#: All that is to be public, or else what differs.
Supply = View | Parts


class WholeNeeded(Exception):
    """Raised where a release can't be made of `Parts`: none is before it, or one with other columns."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the files of a release say of its records.

    `put`: record_id, change (added or changed), _commitment; `gone`: record_id, _commitment and
    published_on; `files`: name → (bytes, hex SHA-256); `commitments_sha256`: `commitments_digest` of
    all of them.
    """

    put: pl.DataFrame
    gone: pl.DataFrame
    files: Mapping[str, tuple[int, str]]
    commitments_sha256: str


@dataclass(frozen=True, slots=True)
class Making:
    """`planned` is the release to be, whose path is the folder in which it is made; `current` the one
    before it. `fields` are its columns in order."""

    planned: Release
    standard: Standard
    fields: Mapping[str, Field]
    current: Release | None
    licence: str = ""  # the terms of use by name, for the workbook

    @property
    def folder(self) -> Path:
        """Where its files go."""
        return self.planned.path

    @property
    def former(self) -> Contents | None:
        """The rows of the release before it; None where there is none, or one of an older kind."""
        found = contents_of(self.current.path) if self.current else None
        return found if found and found.path.is_file() else None

    @property
    def before(self) -> Contents | None:
        """… with the same columns, so that rows can be taken over."""
        found = self.former
        return found if found and list(found.columns) == list(self.fields) else None

    @property
    def same_words(self) -> bool:
        """Whether the dictionary, which is written by now, is that of the release before."""
        if self.current is None:
            return False
        before = self.current.path / DICTIONARY
        return before.is_file() and before.read_bytes() == (self.folder / DICTIONARY).read_bytes()


def fields_of(standard: Standard, supply: Supply) -> dict[str, Field]:
    """The columns of a release of `supply`."""
    view = supply.put if isinstance(supply, Parts) else supply
    return release_columns(standard, pl.DataFrame(schema=scanned(view).collect_schema()))
