"""Ranges of sequence numbers that say one thing each: laid over each other, joined, subtracted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]  # first, last: both included


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """What a consumer says of the entries from `first` to `last`."""

    first: int
    last: int
    state: str
    code: str | None = None
    reason: str | None = None

    @property
    def said(self) -> tuple[str, str | None, str | None]:
        """What it says, without of which entries."""
        return self.state, self.code, self.reason

    def cut(self, first: int, last: int) -> Range:
        """The same said of other entries."""
        return Range(first, last, self.state, self.code, self.reason)


def overlay(standing: Sequence[Range], later: Iterable[Range]) -> list[Range]:
    """What counts when each of `later` was said after all before it: the latest word on each entry.

    `standing` is in order and doesn't overlap, and so is the result, in as few ranges as say it.
    """
    said = list(later)
    if not said:
        return joined(standing)
    bounds = {r.first for r in (*standing, *said)} | {r.last + 1 for r in (*standing, *said)}
    edges = sorted(bounds)
    place = {edge: number for number, edge in enumerate(edges)}
    over = _latest(said, place, len(edges))
    under = _latest(standing, place, len(edges))
    pieces = []
    for number, first in enumerate(edges[:-1]):
        told = over[number] or under[number]
        if told is not None:
            pieces.append(told.cut(first, edges[number + 1] - 1))
    return joined(pieces)


def _latest(said: Sequence[Range], place: dict[int, int], count: int) -> list[Range | None]:
    """For each piece between two edges the last range that covers it.

    From the last one to the first, each takes what is still free; `onward` leads past what is taken,
    so that no piece is visited twice.
    """
    found: list[Range | None] = [None] * count
    onward = list(range(count + 1))

    def free(at: int) -> int:
        root = at
        while onward[root] != root:
            root = onward[root]
        while onward[at] != root:
            onward[at], at = root, onward[at]
        return root

    for one in reversed(said):
        end = place[one.last + 1]
        at = free(place[one.first])
        while at < end:
            found[at], onward[at] = one, at + 1
            at = free(at)
    return found


def joined(pieces: Iterable[Range]) -> list[Range]:
    """Neighbours that say the same as one; `pieces` are in order and don't overlap."""
    found: list[Range] = []
    for one in pieces:
        before = found[-1] if found else None
        if before is not None and before.last + 1 == one.first and before.said == one.said:
            found[-1] = before.cut(before.first, one.last)
        else:
            found.append(one)
    return found


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union of spans, in order, in as few as have the same numbers."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """What of `spans` isn't in `taken`; both as `merged` gives them."""
    found, at = [], 0
    for begin, last in spans:
        first = begin
        while at < len(taken) and taken[at][1] < first:
            at += 1
        here = at
        while first <= last and here < len(taken) and taken[here][0] <= last:
            if taken[here][0] > first:
                found.append((first, taken[here][0] - 1))
            first = taken[here][1] + 1
            here += 1
        if first <= last:
            found.append((first, last))
    return found


def count(spans: Iterable[Span]) -> int:
    """How many numbers they have, where they don't overlap."""
    return sum(last - first + 1 for first, last in spans)
