"""Tiles: their paths, which there are in a tree, and that all its nodes come out of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.tree.frontier import Frontier
from hub.tree.hashing import hashes_of, node
from hub.tree.proofs import inclusion_path, root_of, verify_inclusion
from hub.tree.tiles import Tile, TileNodes, count_at, edge, tile_at, tile_of, tiles_of
from tests.exchange.plain_tree import some_leaves

SIZE = 70_000
LEAVES = some_leaves(SIZE)
SEEN = dict(tiles_of(LEAVES))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(1, 5, 17), "tile/1/005.p/17"),
        (Tile(63, 1000, 255), "tile/63/x001/000.p/255"),
    ],
)
def test_published_paths(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tile_at(path) == tile


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_names_its_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tile_at(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/64/000",
        "tile/00/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/-1/000",
        "tile/0/٠٠٠",
        "tile/0/../000",
        "tile/entries/000",
        "/tile/0/000",
        "tile/0/000\n",
        "",
    ],
)
def test_other_ways_to_write_a_path_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="tile"):
        tile_at(path)


@pytest.mark.parametrize("wrong", [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_there_is_no_such_tile(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="tile"):
        Tile(*wrong)


def test_the_tree_of_the_specification() -> None:
    """70,000 leaves: 273 whole tiles and one of 112; one whole and one of 17; one of 1."""
    whole = [tile for tile in SEEN if tile.width == 256]
    assert [sum(tile.level == level for tile in whole) for level in range(3)] == [273, 1, 0]
    assert edge(SIZE) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert set(edge(SIZE)) == SEEN.keys() - set(whole)
    assert edge(256) == [Tile(1, 0, 1)]
    assert edge(0) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, SIZE), max_size=4).map(sorted))
def test_a_tree_grows_tile_by_tile(ends: list[int]) -> None:
    """In whatever steps the leaves come, the tiles are in the end the same."""
    kept: dict[Tile, bytes] = {}
    for first, last in zip([0, *ends], [*ends, SIZE], strict=True):
        partial = {tile: kept[tile] for tile in edge(first)}  # no other one is asked for
        kept |= dict(tiles_of(LEAVES[first:last], first, partial.__getitem__))
    assert {tile: raw for tile, raw in kept.items() if tile in SEEN} == SEEN


def test_a_tree_that_ends_within_a_tile_needs_it() -> None:
    with pytest.raises(ValueError, match="partial tiles"):
        list(tiles_of(LEAVES[:1], 5))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, SIZE), st.data())
def test_proofs_from_tiles(size: int, data: st.DataObject) -> None:
    """Also where a later, wider tile is all that there is."""
    nodes = TileNodes(size, lambda tile: SEEN[tile_of(tile.level, tile.index, SIZE)])
    root = Frontier().extend(LEAVES[:size]).root()
    assert root_of(size, nodes) == root
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, size, nodes)
    assert verify_inclusion(LEAVES[index].tobytes(), index, size, path, root)


def test_nodes_of_all_levels() -> None:
    nodes = TileNodes(SIZE, SEEN.__getitem__)
    for level in range(16):
        last = (SIZE >> level + 1) - 1
        both = nodes(level, 2 * last) + nodes(level, 2 * last + 1)
        assert nodes(level + 1, last) == node(both)
    assert nodes(16, 0) == Frontier().extend(LEAVES[: 1 << 16]).root()


def test_nodes_that_a_tree_has_not() -> None:
    nodes = TileNodes(SIZE, SEEN.__getitem__)
    for level, index in [(0, SIZE), (4, SIZE >> 4), (17, 0)]:
        with pytest.raises(ValueError, match="no node"):
            nodes(level, index)


def test_a_short_tile_is_refused() -> None:
    nodes = TileNodes(SIZE, lambda tile: SEEN[tile][:-32])
    with pytest.raises(ValueError, match="bytes, not"):
        nodes(0, 0)


def test_a_level_holds_the_roots_of_the_level_below() -> None:
    for tile, raw in SEEN.items():
        if tile.level:
            first = tile.index * 256
            below = [SEEN[tile_of(tile.level - 1, first + at, SIZE)] for at in range(tile.width)]
            expected = [Frontier().extend(hashes_of(one)).root() for one in below]
            assert np.array_equal(hashes_of(raw), hashes_of(b"".join(expected)))
    assert count_at(1, SIZE) == 273
