"""Pages of one record each: fields at places of the page, or labels with their values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.csv_header import EDGES
from adapters.page_grid import Grid, GridRow
from adapters.page_path import elements_at, texts_at
from adapters.page_text import as_cell, is_hidden, on_one_line, text_of
from adapters.page_tree import Element, line_of

ALTERNATE = "alternate"
_COLON = "：:"

Found = tuple[int, dict[str, str | None]]  # line, cells by column


def records(page: Element, told: Mapping[str, Any], file: str) -> Iterator[Found]:
    """The records of the page, as `record:` of the feed's format says: one, or one for `each`.

    One in which nothing was found has no cells. Raises Misdeclared (page_path_invalid).
    """
    roots = elements_at(told["each"], page) if "each" in told else [page]
    lists = frozenset(told.get("lists", ()))
    for root in roots:
        found: dict[str, list[str]] = {}
        if told.get("pairs"):
            for part in elements_at(told["within"], root) if "within" in told else [root]:
                for label, value in _pairs(part, told["pairs"] == ALTERNATE, file):
                    found.setdefault(label, []).append(value)
        for column, path in told.get("fields", {}).items():
            found[column] = texts_at(path, root)
        cells = {name: as_cell(texts, name in lists) for name, texts in found.items()}
        yield line_of(root), cells if any(any(texts) for texts in found.values()) else {}


def _pairs(root: Element, alternate: bool, file: str) -> Iterator[tuple[str, str]]:
    """Labels and their values, in the order of the page."""
    for one in root.iter("table", "dl"):
        if one.tag == "dl":
            yield from _of_list(one)
        else:
            for row in Grid(one, file):
                yield from _of_row(row, alternate)


def _of_row(row: GridRow, alternate: bool) -> Iterator[tuple[str, str]]:
    """`<th>` and the `<td>` behind it; of two cells the first and the second; or every two."""
    own = row.own
    if any(cell.is_label for cell in own):
        pairs = [(a, b) for a, b in itertools.pairwise(own) if a.is_label and not b.is_label]
    elif len(own) == 2 or (alternate and len(own) % 2 == 0):
        pairs = list(zip(own[::2], own[1::2], strict=True))
    else:
        return
    for label, value in pairs:
        name = as_label(label.text)
        if name:
            yield name, value.text


def _of_list(described: Element) -> Iterator[tuple[str, str]]:
    label = ""
    for one in described.iterdescendants("dt", "dd"):
        if next(one.iterancestors("dl")) is not described or is_hidden(one):
            continue
        if one.tag == "dt":
            label = as_label(text_of(one))
        elif label:
            yield label, text_of(one)


def as_label(text: str) -> str:
    """A label as the name of a column: on one line, without the colon behind it."""
    return on_one_line(text).rstrip(_COLON + EDGES)
