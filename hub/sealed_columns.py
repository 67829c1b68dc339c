"""Source columns that sealed fields are made of: staff may keep their cells, nothing else tells them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from adapters.feed import Feed
from exchange_schemas.sealed import HIDDEN, sealed_names
from exchange_schemas.standard import Standard

WHOLE_ROW = "原文"  # the cell of a row that couldn't be split into cells


def sealed_columns(feed: Feed, standard: Standard) -> frozenset[str]:
    """The columns of a feed that any sealed field reads."""
    names = sealed_names(standard.fields)
    return frozenset(
        column for name, rule in feed.fields.items() if name in names for column in rule.columns
    )


def closed_columns(feed: Feed, standard: Standard) -> frozenset[str]:
    """The columns whose cells are hidden where rejected rows are shown: a row that couldn't be split has
    the cells of all of them."""
    sealed = sealed_columns(feed, standard)
    return sealed | {WHOLE_ROW} if sealed else sealed


def hidden(cells: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """`cells` by column or field, with `HIDDEN` for what those of `names` say."""
    return {
        name: HIDDEN if name in names and value not in (None, "") else value
        for name, value in cells.items()
    }
