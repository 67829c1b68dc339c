"""Search across releases: each one's matches, merged by day, one page at a time."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from publisher.cursor import decode, encode
from publisher.index import Index, day_number
from publisher.index_layout import CODED
from publisher.query import Facet, Filters, Hit

MOST_VALUES = 200  # of a facet
MOST_OF_CODE = 2_000  # records that are looked at for one code
BETWEEN = "；"  # values of a record that has several of one kind


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for, from where on, how many hits are wanted, and whether facets are."""

    words: str
    filters: Filters
    after: str | None
    size: int
    facets: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What one dataset has to say: how many records match, and the first of them after the cursor.

    `rows` are one more than are wanted where there are more.
    """

    place: int
    dataset: str
    index: Index
    total: int
    rows: Sequence[int]
    tallies: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def keys(self) -> list[tuple[int, int, int]]:
        """By what the rows of all datasets are put in order: newest day first."""
        return [(-int(self.index.days[row]), self.place, row) for row in self.rows]


def part(index: Index, dataset: str, order: Sequence[str], question: Question) -> Part:
    """The part of a dataset; `order` are the datasets as they come on the same day."""
    flags = index.matching(question.words, question.filters)
    first = _start(index, dataset, order, question.after)
    rows = first + np.flatnonzero(flags[first:])[: question.size + 1]
    tallies = {role: index.tally(role, flags) for role in CODED} if question.facets else {}
    total = int(np.count_nonzero(flags))
    return Part(order.index(dataset), dataset, index, total, rows.tolist(), tallies)


def _start(index: Index, dataset: str, order: Sequence[str], after: str | None) -> int:
    """The first row of the dataset that comes after the cursor."""
    told = decode(after, int, str, str)
    if told is None or told[1] not in order:
        return 0
    day, last, record_id = told
    if dataset == last:
        row = index.row(record_id)
        return index.first_on(day) if row is None else row + 1
    before = order.index(dataset) < order.index(last)
    return index.first_before(day) if before else index.first_on(day)


def page(parts: Sequence[Part], size: int) -> tuple[list[Hit], str | None]:
    """The newest hits of all parts, and the cursor of the next page."""
    merged = list(islice(heapq.merge(*(one.keys() for one in parts)), size + 1))
    chosen = merged[:size]
    shown: dict[tuple[int, int], Hit] = {}
    for one in parts:
        rows = [row for _, place, row in chosen if place == one.place]
        told = zip(rows, hits(one.index, one.dataset, rows), strict=True)
        shown.update({(one.place, row): hit for row, hit in told})
    items = [shown[place, row] for _, place, row in chosen]
    if len(merged) <= size or not items:
        return items, None
    return items, encode(-chosen[-1][0], items[-1].dataset, items[-1].record_id)


def hits(index: Index, dataset: str, rows: Sequence[int]) -> list[Hit]:
    """What is shown of some rows of a dataset."""
    found = index.found(rows) if rows else []
    coded = [
        {role: BETWEEN.join(index.values_of(role, row)) or None for role in CODED} for row in rows
    ]
    return [
        Hit(dataset, one.record_id, one.name, one.code, one.document, one.date, **told)
        for one, told in zip(found, coded, strict=True)
    ]


def facets(parts: Sequence[Part]) -> dict[str, list[Facet]]:
    """The hits of all parts, counted by each of `query.FACETS`, the most first."""
    told = {"dataset": Counter({one.dataset: one.total for one in parts if one.total})}
    for role in CODED:
        told[role] = Counter()
        for one in parts:
            told[role].update(one.tallies.get(role, {}))
    return {
        name: [Facet(value, count) for value, count in counts.most_common(MOST_VALUES)]
        for name, counts in told.items()
    }


def of_code(index: Index, dataset: str, code: str) -> list[Hit]:
    """The records of exactly this credit code, newest first."""
    rows = np.flatnonzero(index.matching(code, Filters()))[:MOST_OF_CODE].tolist()
    return [hit for hit in hits(index, dataset, rows) if hit.code == code]


def newest(index: Index, since: str, size: int) -> list[int]:
    """The rows that were published first on `since` (2026-01-31) or later, the newest first."""
    rows = np.flatnonzero(index.published >= day_number(since))
    order = np.lexsort((rows, -index.published[rows].astype(np.int64)))
    return [int(row) for row in rows[order[:size]]]
