"""The list of all keys that a source holds, where it gives one beside an increment."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.mapping import Normaliser
from adapters.members import member_names
from adapters.pull import read
from exchange_schemas.record import key_expr
from exchange_schemas.standard import Standard
from hub.derive import derived_fields


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """The keys of all that a source holds; `unreadable` are those that couldn't be read."""

    keys: pl.Series
    unreadable: int = 0


def read_keys(feed: Feed, artefact: Artefact, standards: list[Standard]) -> dict[str, SourceKeys]:
    """By dataset: the feed's own, first of `standards`, and those derived from it.

    Nothing where the source gave no list. A derived dataset whose key isn't made of the source's
    key can't be told from it: all its keys are unreadable, and nothing of it is removed.
    """
    if not member_names(artefact, keys=True):
        return {}
    found: dict[str, list[pl.Series]] = {}
    normaliser = Normaliser(feed, standards[0])
    for raw in read(feed, artefact, keys=True):
        rows = normaliser.normalise(raw).rows
        for standard in standards:
            mine = rows if standard is standards[0] else derived_fields(standard, rows)
            keys = mine.select(key=key_expr(standard))["key"]
            found.setdefault(standard.dataset, []).append(keys)
    whole = {name: pl.concat(parts) for name, parts in found.items()}
    return {name: SourceKeys(keys.drop_nulls(), keys.null_count()) for name, keys in whole.items()}
