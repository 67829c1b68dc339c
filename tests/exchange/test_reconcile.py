"""Reconciliation finds just what differs in a copy, and puts just that right."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Corrupt
from hub.consume import asking
from hub.consume.held_lines import held_leaves, held_lines
from hub.consume.reconcile import Outcome, reconcile
from hub.consume.store import Place, Store
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes
from hub.tree.tiles import edge
from tests.exchange.made_lines import DATASET, LinesHub

SIZE = 700
HUB = LinesHub.of(SIZE)
OTHER = LinesHub.of(SIZE, seed=1)


@dataclass
class LinesStore:
    """A copy in memory: `lines` in any order, whatever they are."""

    lines: list[str]
    last: int
    note: str | None = None
    deaf: bool = False
    replaced: list[bytes] = field(default_factory=list)
    settled: bytes = b""
    name: str = "memory"

    @contextlib.contextmanager
    def receiving(self) -> Iterator[None]:
        yield

    def place(self) -> Place:
        return Place(Frontier(self.last, (b"\0" * 32,) * self.last.bit_count()), self.note)

    def leaves(self) -> Hashes:
        body = "".join(f"{line}\n" for line in self.lines).encode()
        return held_leaves(held_lines(body, 1, self.last), native=True)

    def leaves_near(self, seqs: Sequence[int]) -> Iterator[tuple[int, Hashes]]:
        leaves = self.leaves()
        for seq in seqs:
            yield seq, leaves[seq - 1 : seq]

    def replace(self, body: bytes) -> None:
        self.replaced.append(body)
        put = {line.partition(",")[0]: line for line in body.decode().splitlines()}
        if not self.deaf:
            kept = [line for line in self.lines if line.partition(",")[0] not in put]
            self.lines = [*kept, *put.values()]

    def settle(self, frontier: Frontier) -> None:
        self.settled = frontier.root()

    def confirm(self, note: str) -> None:
        self.note = note


def run(hub: LinesHub, store: LinesStore, **more: Any) -> Outcome:
    with hub.hub() as client:
        return reconcile(client, cast("Store", store), DATASET, hub.keys, **more)


def copy_of(hub: LinesHub, last: int | None = None) -> LinesStore:
    size = len(hub.lines) if last is None else last
    return LinesStore(hub.lines[:size], size)


DAMAGE = st.sampled_from(
    [
        "altered",
        "deleted",
        "swapped",
        "twice",
        "cut",
        "garbage",
        "of another",
        "digest",
        "renumbered",
    ]
)


def damage(store: LinesStore, kind: str, seq: int, other: int) -> set[int]:
    """Do it to the line of `seq`, which is still right; returns the numbers that differ then."""
    place, line = seq - 1, store.lines[seq - 1]
    if kind == "swapped":
        mine, its = line.partition(","), store.lines[other - 1].partition(",")
        store.lines[place] = mine[0] + "," + its[2]
        store.lines[other - 1] = its[0] + "," + mine[2]
        return {seq, other}
    if kind == "renumbered":
        store.lines[place] = f'{{"seq":{other},' + line.partition(",")[2]
        return {seq, other}
    store.lines[place] = damage_line(kind, line, OTHER.lines[place])
    return set() if store.lines[place] == line else {seq}


def damage_line(kind: str, line: str, other: str) -> str:
    """A damaged line; `other` is another stream's."""
    return {
        "altered": line.replace("2026-03-01", "2026-03-02"),
        "deleted": "",
        "twice": f"{line}\n{line}",
        "cut": line[: len(line) // 2],
        "garbage": "�" * 20,
        "of another": other,
        "digest": line.replace('"digest":"', '"digest":"0').replace('"commitment":"', '"commitment":"0'),
    }[kind]  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_damage_is_found_exactly_and_repaired(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, SIZE))
    store, wrong = copy_of(HUB, size), set[int]()
    numbers = data.draw(st.permutations(range(1, size + 1)))[: data.draw(st.integers(0, 12))]
    while numbers:
        kind = data.draw(DAMAGE)
        if kind in ("swapped", "renumbered") and len(numbers) == 1:
            kind = "deleted"
        seq = numbers.pop()
        other = numbers.pop() if kind in ("swapped", "renumbered") else seq
        wrong |= damage(store, kind, seq, other)
    found = run(HUB, store, repair=False)
    assert found.differing == tuple(sorted(wrong))
    assert (found.size, found.repaired) == (size, 0)
    assert not store.replaced
    outcome = run(HUB, store)
    assert outcome.differing == tuple(sorted(wrong))
    assert outcome.repaired == len(wrong)
    given_back = b"".join(store.replaced).decode().splitlines()
    assert given_back == [HUB.lines[seq - 1] for seq in sorted(wrong)]
    assert run(HUB, store).differing == ()


def test_an_equal_copy_costs_one_checkpoint() -> None:
    store = copy_of(HUB)
    HUB.asked.clear()
    outcome = run(HUB, store)
    assert HUB.asked == ["checkpoint"]
    assert (outcome.differing, outcome.requests, outcome.surplus) == ((), 1, 0)
    assert store.note == HUB.note()
    assert outcome.transferred_bytes >= len(HUB.note().encode())


def test_only_what_differs_is_asked_for() -> None:
    store = copy_of(HUB)
    del store.lines[299]
    HUB.asked.clear()
    outcome = run(HUB, store)
    edges = [tile.path for tile in edge(SIZE)]
    assert HUB.asked == ["checkpoint", *edges, "tile/0/001", "entries"]
    assert outcome.differing == (300,)


def test_what_was_never_received_is_no_difference() -> None:
    store = copy_of(HUB, 300)
    outcome = run(HUB, store)
    assert (outcome.size, outcome.differing) == (300, ())
    assert store.note is None  # the checkpoint is of more than the copy has


def test_an_empty_copy() -> None:
    assert run(HUB, copy_of(HUB, 0)).differing == ()


def test_a_wholly_lost_copy_comes_back() -> None:
    store = LinesStore([], SIZE)
    assert run(HUB, store).repaired == SIZE
    assert sorted(store.lines) == sorted(HUB.lines)


def test_what_is_too_much_is_told() -> None:
    store = copy_of(HUB, 600)
    whole = store.leaves()

    def more() -> Hashes:
        return np.concatenate([whole, whole[:3]])

    store.leaves = more  # type: ignore[method-assign]
    assert run(HUB, store).surplus == 3


def test_a_store_that_keeps_nothing_is_told() -> None:
    store = copy_of(HUB)
    store.lines[5], store.deaf = "", True
    with pytest.raises(Corrupt) as raised:
        run(HUB, store)
    assert raised.value.issue.code == "copy_unrepaired"


@pytest.mark.usefixtures("_no_waits")
def test_a_right_copy_is_not_repaired_to_a_rewritten_past() -> None:
    """The hub shows a whole other history, rightly signed: the copy's checkpoint knows better."""
    store = copy_of(HUB)
    store.note = HUB.note()
    longer = LinesHub.of(SIZE + 1, seed=1)
    with pytest.raises(Corrupt) as raised:
        run(longer, store)
    assert raised.value.issue.code == "hub_rewrote"
    assert not store.replaced


@pytest.fixture
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAITS", (0.0, 0.0))


@pytest.mark.usefixtures("_no_waits")
@pytest.mark.parametrize("path", ["tile/0/001", *(tile.path for tile in edge(SIZE))])
@pytest.mark.parametrize("how", ["flipped", "short", "long"])
def test_a_wrong_tile_is_not_believed(path: str, how: str) -> None:
    store = copy_of(HUB)
    del store.lines[299]
    with HUB.hub() as client:
        right = client.get(f"datasets/{DATASET}/{path}").content
    wrong = {"flipped": bytes([right[0] ^ 1]) + right[1:], "short": right[:-32], "long": right * 2}
    lying = LinesHub(HUB.lines, HUB.leaves, changed={path: wrong[how]})
    with pytest.raises(Corrupt) as raised:
        run(lying, store)
    assert raised.value.issue.code == "tile_unproven"
    assert not store.replaced


@pytest.mark.usefixtures("_no_waits")
def test_a_wrong_entry_is_not_believed() -> None:
    store = copy_of(HUB)
    del store.lines[299]
    lying = LinesHub(HUB.lines, HUB.leaves)
    lying.changed["entries"] = OTHER.lines[299].encode() + b"\n"
    with pytest.raises(Corrupt) as raised:
        run(lying, store)
    assert raised.value.issue.code == "entry_unproven"
    assert not store.replaced
