"""A history of what processes tried and what came of it, and the one judge of all fault tests.

A line is {"at", "process", "type": "invoke" | "ok" | "fail" | "info", "act", …}: info is an act of which
nobody knows whether it happened.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Event = dict[str, Any]
#: key → digest of the record (hex), None where it is gone.
Said = Mapping[str, str | None]


@dataclass
class History:
    """JSON lines in a file, from any thread."""

    path: Path
    _one: threading.Lock = field(default_factory=threading.Lock)

    def note(self, process: str, kind: str, act: str, **more: Any) -> None:
        """One more line."""
        event = {"at": time.monotonic(), "process": process, "type": kind, "act": act, **more}
        with self._one, self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def events(self) -> list[Event]:
        """All of them, in order."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a consumer stores of an entry; `digest` is computed anew from the stored record."""

    seq: int
    key: str
    digest: str | None


@dataclass(frozen=True, slots=True)
class Holding:
    """All that one consumer holds at the end: entries as stored, key → digest of what it shows (None:
    it shows nothing), ranges that the hub has receipts of, and the root of its own tree."""

    name: str
    entries: list[Entry]
    shown: dict[str, str] | None
    acknowledged: list[tuple[int, int]]
    root: bytes


def tally(figures: dict[str, int | float], name: str, count: int) -> None:
    """Add to a figure: several tests count the same, each on another database or store."""
    figures[name] = figures.get(name, 0) + count


def issued(events: Iterable[Event]) -> dict[int, Said]:
    """First seq → what the run that begins there said.

    A run of which its speaker doesn't know whether it was committed has a place only where the
    numbers of the others leave one, and then that of all its entries.
    """
    found: dict[int, Said] = {}
    unknown: list[Said] = []
    last = 0
    for one in events:
        if one["act"] != "say" or one["type"] not in ("ok", "info"):
            continue
        if one["type"] == "info":
            unknown.append(one["said"])
            continue
        if one["first"] != last + 1:
            fits = [said for said in unknown if len(said) == one["first"] - last - 1]
            assert len(fits) == 1, f"entries {last + 1}…{one['first'] - 1} were never issued"
            found[last + 1] = fits[0]
        unknown.clear()
        assert one["last"] - one["first"] + 1 == len(one["said"])
        found[one["first"]], last = one["said"], one["last"]
    assert not unknown, "the speaker has to speak once more"
    return found


def judge(events: list[Event], held: Holding, root: bytes) -> int:
    """Raise AssertionError unless acknowledged ⊆ stored ⊆ issued, digests are equal, each record's
    order is kept, each effect is there exactly once and the root is the hub's; returns the size.

    All that was issued has to be there in the end.
    """
    said = issued(events)
    size = sum(map(len, said.values()))
    _each_once(held, size)
    _as_issued(held, said)
    for first, last in held.acknowledged:
        assert 1 <= first <= last <= size, (
            f"{held.name}: {first}…{last} is acknowledged, not stored"
        )
    told = sorted(n for a, b in held.acknowledged for n in range(a, b + 1))
    assert told == list(range(1, size + 1)), f"{held.name}: not all is acknowledged once"
    _grew(events, held.name, size)
    assert held.root == root, f"{held.name}: another root than the hub's"
    return size


def _each_once(held: Holding, size: int) -> None:
    seqs = [one.seq for one in held.entries]
    assert seqs == list(range(1, size + 1)), f"{held.name}: entries aren't there once, in order"


def _as_issued(held: Holding, said: Mapping[int, Said]) -> None:
    orders: dict[str, list[str | None]] = defaultdict(list)
    stands: dict[str, str] = {}
    for run in _runs(said):
        for key, digest in run.items():
            orders[key].append(digest)
            if digest is None:
                stands.pop(key, None)
            else:
                stands[key] = digest
    stored: dict[str, list[str | None]] = defaultdict(list)
    for one in held.entries:
        stored[one.key].append(one.digest)
    assert stored == orders, f"{held.name}: a record's entries aren't those that were issued"
    place = iter(held.entries)
    for run in _runs(said):  # each run's entries are together, whatever their order among them
        assert {e.key: e.digest for _, e in zip(run, place, strict=False)} == run
    if held.shown is not None:
        assert held.shown == stands, f"{held.name}: what is shown isn't what stands"


def _runs(said: Mapping[int, Said]) -> Iterator[Said]:
    return (said[first] for first in sorted(said))


def _grew(events: Iterable[Event], name: str, size: int) -> None:
    """What a consumer once said it had, it still had with every later word."""
    last = 0
    for one in events:
        if one["process"] == name and one["act"] == "pull" and one["type"] == "ok":
            assert last <= one["last"] <= size, f"{name}: went back from {last} to {one['last']}"
            last = one["last"]
