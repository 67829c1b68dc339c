"""Which leaves of two trees of one size differ: from the edge down, through tiles that differ, only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.tree.hashing import HASH, Hashes, hashes_of
from hub.tree.proofs import root_of
from hub.tree.tiles import WIDTH, Read, Tile, TileNodes, count_at, edge, roots

#: Whether a root is that of the first `size` entries of what was signed.
Signed = Callable[[int, bytes], bool]


class OwnTree:
    """A tree over the leaves that one holds, (n, 32), as rows of its tiles' levels."""

    def __init__(self, leaves: Hashes) -> None:
        self.size = len(leaves)
        self.rows = [leaves]
        while count_at(len(self.rows), self.size):
            below = self.rows[-1]
            self.rows.append(roots(below[: len(below) // WIDTH * WIDTH]))

    def root(self) -> bytes:
        """The root, 32 bytes."""
        return root_of(self.size, TileNodes(self.size, lambda tile: self.tile(tile).tobytes()))

    def tile(self, tile: Tile) -> Hashes:
        """The hashes of a tile, (width, 32)."""
        first = tile.index * WIDTH
        return self.rows[tile.level][first : first + tile.width]


@dataclass(frozen=True, slots=True)
class Differing:
    """`seqs` of the entries that differ, rising, and what their leaves (n, 32) should be."""

    seqs: npt.NDArray[np.int64]
    leaves: Hashes


def differing(own: OwnTree, read: Read, signed: Signed) -> Differing:
    """The leaves of `own` that aren't those of the other tree, which `read` gives by its tiles.

    Every tile is held against what was signed before it is used, and only those below a difference are
    asked for. Raises Corrupt (tile_unproven).
    """
    tiles = {tile: read(tile) for tile in edge(own.size)}
    _check_edge(own.size, tiles, signed)
    found: list[tuple[int, bytes]] = []
    waiting = [(tile, hashes_of(raw)) for tile, raw in tiles.items()]
    while waiting:
        tile, hashes = waiting.pop()
        for place in np.flatnonzero((own.tile(tile) != hashes).any(axis=1)).tolist():
            number, expected = tile.index * WIDTH + place, hashes[place].tobytes()
            if tile.level:
                below = Tile(tile.level - 1, number)
                waiting.append((below, _whole(below, read, expected)))
            else:
                found.append((number + 1, expected))
    found.sort()
    seqs = np.array([seq for seq, _ in found], np.int64)
    return Differing(seqs, hashes_of(b"".join(leaf for _, leaf in found)))


def _check_edge(size: int, tiles: dict[Tile, bytes], signed: Signed) -> None:
    """The partial tiles at the edge make the whole root, so they can be held against it at once."""
    for tile, raw in tiles.items():
        if len(raw) != tile.width * HASH:
            raise _unproven(tile)
    if not signed(size, root_of(size, TileNodes(size, tiles.__getitem__))):
        raise _unproven(next(iter(tiles)))


def _whole(tile: Tile, read: Read, expected: bytes) -> Hashes:
    raw = read(tile)
    if len(raw) != WIDTH * HASH or roots(hashes_of(raw)).tobytes() != expected:
        raise _unproven(tile)
    return hashes_of(raw)


def _unproven(tile: Tile) -> Corrupt:
    return Corrupt(Issue("tile_unproven", value=tile.path))
