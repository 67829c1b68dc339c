"""Roots and proofs are those of RFC 9162, for every size up to 300, and nothing else is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.tree.frontier import Frontier
from hub.tree.hashing import EMPTY_ROOT
from hub.tree.proofs import (
    consistency_path,
    inclusion_path,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.exchange.plain_tree import mth, nodes_over, path, proof, rows, some_leaves

MOST = 300
HASHES = some_leaves(MOST)
LEAVES = rows(HASHES)
NODES = nodes_over(HASHES)
SIZES = st.integers(1, MOST)


def roots() -> list[bytes]:
    return [mth(LEAVES[:size]) for size in range(MOST + 1)]


def test_every_root() -> None:
    growing = Frontier()
    for size, expected in enumerate(roots()):
        assert root_of(size, NODES) == expected
        assert Frontier().extend(HASHES[:size]).root() == expected
        assert growing.root() == expected
        assert growing == Frontier().extend(HASHES[:size])
        growing = growing.extend(HASHES[size : size + 1])


@given(st.lists(st.integers(0, MOST), max_size=6).map(sorted))
def test_a_tree_grows_in_any_steps(ends: list[int]) -> None:
    growing = Frontier()
    for first, last in zip([0, *ends], [*ends, MOST], strict=True):
        growing = growing.extend(HASHES[first:last])
        assert growing == Frontier.from_json(growing.to_json())
    assert growing.size == MOST
    assert growing.root() == mth(LEAVES)


@pytest.mark.parametrize(
    "told",
    [
        {"size": 3, "nodes": ["00" * 32]},
        {"size": 1, "nodes": ["00" * 31]},
        {"size": -1, "nodes": ["00" * 32]},
        {"size": "1", "nodes": ["00" * 32]},
        {"size": True, "nodes": ["00" * 32]},
        {"size": 1, "nodes": "00" * 32},
        {"size": 1, "nodes": ["zz" * 32]},
        {},
    ],
)
def test_what_is_no_frontier_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"nodes|frontier|hex"):
        Frontier.from_json(told)


def test_inclusion_of_every_leaf_in_every_tree() -> None:
    known = roots()
    for size in range(1, MOST + 1):
        for index in range(size):
            found = inclusion_path(index, size, NODES)
            assert verify_inclusion(LEAVES[index], index, size, found, known[size])


def test_consistency_of_every_pair() -> None:
    known = roots()
    for new in range(MOST + 1):
        for old in range(new + 1):
            found = consistency_path(old, new, NODES)
            assert verify_consistency(old, new, known[old], known[new], found)


@given(SIZES, st.data())
def test_paths_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    assert inclusion_path(index, size, NODES) == path(index, LEAVES[:size])
    old = data.draw(st.integers(1, size))
    assert consistency_path(old, size, NODES) == proof(old, LEAVES[:size])


@given(st.integers(2, MOST), st.data())
def test_a_changed_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    found, root = inclusion_path(index, size, NODES), mth(LEAVES[:size])
    leaf = LEAVES[index]
    other = data.draw(st.integers(0, MOST).filter(lambda one: one != index))
    assert not verify_inclusion(leaf, other, size, found, root)
    assert not verify_inclusion(leaf, index, size, damaged(found, data), root)
    assert not verify_inclusion(flipped(leaf, data), index, size, found, root)
    assert not verify_inclusion(leaf, index, size, found, flipped(root, data))
    assert not verify_inclusion(leaf, -1, size, found, root)


@given(st.integers(1, MOST), st.data())
def test_a_proof_for_another_size_is_refused(size: int, data: st.DataObject) -> None:
    """The path alone may fit another size; with the root of that size it doesn't."""
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, MOST).filter(lambda one: one != size))
    found = inclusion_path(index, size, NODES)
    assert not verify_inclusion(LEAVES[index], index, other, found, mth(LEAVES[:other]))


@given(st.integers(2, MOST), st.data())
def test_a_changed_consistency_proof_is_refused(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    before, after = mth(LEAVES[:old]), mth(LEAVES[:new])
    found = consistency_path(old, new, NODES)
    assert not verify_consistency(old, new, before, after, damaged(found, data))
    assert not verify_consistency(old, new, flipped(before, data), after, found)
    assert not verify_consistency(old, new, before, flipped(after, data), found)
    assert not verify_consistency(new, old, after, before, found)
    assert not verify_consistency(old, new, before, after, [])


def test_edges_of_consistency() -> None:
    root = mth(LEAVES)
    assert verify_consistency(0, MOST, EMPTY_ROOT, root, [])
    assert not verify_consistency(0, MOST, root, root, [])
    assert not verify_consistency(0, MOST, EMPTY_ROOT, root, [root])
    assert not verify_consistency(MOST, MOST, root, root, [root])
    assert not verify_consistency(MOST, MOST, root, EMPTY_ROOT, [])


def test_what_a_tree_has_not() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(5, 5, NODES)
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(-1, 5, NODES)
    with pytest.raises(ValueError, match="no beginning"):
        consistency_path(6, 5, NODES)


def damaged(found: list[bytes], data: st.DataObject) -> list[bytes]:
    """The path with a bit flipped, a node left out or too many, one cut short, or two swapped."""
    place = data.draw(st.integers(0, len(found) - 1))
    one = found[place]
    choices = [
        [*found[:place], flipped(one, data), *found[place + 1 :]],
        [*found[:place], *found[place + 1 :]],
        [*found[:place], one, *found[place:]],
        [*found[:place], one[:-1], *found[place + 1 :]],
        [*found, one],
    ]
    if len(found) > 1:
        choices.append([*found[1:], found[0]])
    return data.draw(st.sampled_from(choices))


def flipped(raw: bytes, data: st.DataObject) -> bytes:
    place, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    return raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
