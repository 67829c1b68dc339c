"""Checks of a standard that look into another dataset: `agrees` and `exists`.

What they find never rejects a row. A name that isn't the register's is a warning, for a request to
the register's owner and not for a silent change; a record that isn't there is an info. They look at
what the other dataset holds when a run begins; a delivery that is known by its digest isn't looked
up again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.consistency import lookups
from exchange_schemas.consistency_rules import has_one
from exchange_schemas.explain import SHOWN
from exchange_schemas.issue import ISSUE_COLUMNS, empty_issues
from exchange_schemas.standard import Standard
from hub.current import current_fields

_THERE = "there:"  # no field's name can begin so


@dataclass(frozen=True, slots=True)
class Lookup:
    """One check. `known` has the fields that it needs of the other dataset's records; their names
    begin with `_THERE`."""

    told: Mapping[str, Any]
    standard: Standard
    other: Standard
    known: pl.DataFrame

    def issues(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Issues (`ISSUE_COLUMNS`) of accepted rows; those that name no key aren't looked up."""
        on: dict[str, str] = self.told["on"]
        same: dict[str, str] = self.told.get("same", {})
        asking = rows.filter(pl.col(name).is_not_null() for name in on)
        for name, values in self.told.get("when", {}).items():
            asking = asking.filter(has_one(name, values, self.standard))
        asking = asking.select(LINE, *dict.fromkeys([*on, *same]))
        # A batch is smaller than the other dataset, so that is reduced to what the batch asks for.
        keys = [f"{_THERE}{its}" for its in on.values()]
        there = self.known.join(asking, left_on=keys, right_on=list(on), how="semi")
        if self.told["check"] == "exists":
            missing = asking.join(there, left_on=list(on), right_on=keys, how="anti")
            return self._told(missing, next(iter(on)), "reference_missing", {})
        pairs = asking.join(there, left_on=list(on), right_on=keys, maintain_order="left")
        return pl.concat([empty_issues(), *(self._differing(pairs, *one) for one in same.items())])

    def _differing(self, pairs: pl.DataFrame, mine: str, its: str) -> pl.DataFrame:
        """Of rows beside the records there with their keys: where none of them has the row's value."""
        value, found = pl.col(mine), pl.col(f"{_THERE}{its}")
        differing = pairs.filter(value != found)
        for agrees in (value == found, _plain(value) == _plain(found)):
            lines = pairs.filter(agrees)[LINE]
            pairs = differing = differing.filter(~pl.col(LINE).is_in(lines.implode()))
        first = differing.unique(LINE, keep="first", maintain_order=True)
        title = self.other.fields[its]
        words = {
            "other": pl.lit(title.title_en),
            "other_zh": pl.lit(title.title),
            "owner": pl.lit(self.other.owner_en),
            "owner_zh": pl.lit(self.other.owner),
            "found": found.cast(pl.String),
            "key": pl.concat_str(list(self.told["on"]), separator=" "),
        }
        return self._told(first, mine, "reference_differs", words)

    def _told(
        self, rows: pl.DataFrame, name: str, code: str, words: Mapping[str, pl.Expr]
    ) -> pl.DataFrame:
        dataset = {"dataset": self.other.title_en, "dataset_zh": self.other.title}
        told = {**{word: pl.lit(text) for word, text in dataset.items()}, **words}
        return rows.select(
            pl.col(LINE).alias("line"),
            pl.lit(name).alias("field"),
            pl.lit(code).alias("code"),
            pl.col(name).cast(pl.String).str.slice(0, SHOWN).alias("value"),
            pl.struct([text.alias(word) for word, text in told.items()])
            .struct.json_encode()
            .alias("params"),
        ).cast(ISSUE_COLUMNS)


def _plain(text: pl.Expr) -> pl.Expr:
    """Names are the same however wide their brackets and spaces are."""
    return text.cast(pl.String).str.normalize("NFKC").str.replace_all(r"\s", "")


@dataclass(frozen=True, slots=True)
class References:
    """All checks of a standard that look into other datasets."""

    lookups: list[Lookup] = field(default_factory=list)

    def issues(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Issues (`ISSUE_COLUMNS`) of accepted rows."""
        return pl.concat([empty_issues(), *(one.issues(rows) for one in self.lookups)])


def open_references(
    connection: Connection, catalogue: Catalogue, standard: Standard
) -> References:
    """A standard's checks with what they look into, as it is now.

    Datasets that this site doesn't have, or that have no records yet, aren't looked into.
    """
    asked = [told for told in lookups(standard) if told["dataset"] in catalogue.folders]
    needed: dict[str, set[str]] = {}
    for told in asked:
        needed.setdefault(told["dataset"], set()).update(_theirs(told))
    others = {name: catalogue.get(name) for name in needed}
    held = {
        name: current_fields(connection, name, {n: others[name].dtypes[n] for n in sorted(names)})
        for name, names in needed.items()
        if names <= others[name].fields.keys()
    }
    known = {
        name: records.unique().rename(lambda its: f"{_THERE}{its}")
        for name, records in held.items()
        if not records.is_empty()
    }
    return References([
        Lookup(told, standard, others[told["dataset"]], known[told["dataset"]])
        for told in asked
        if told["dataset"] in known
    ])  # fmt: skip


def _theirs(told: Mapping[str, Any]) -> list[str]:
    """The fields of the other dataset's records that a check needs."""
    return list(dict.fromkeys([*told["on"].values(), *told.get("same", {}).values()]))
