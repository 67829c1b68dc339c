"""A tree as files: tiles of 256 neighbouring hashes of every eighth level.

C2SP tlog-tiles, https://c2sp.org/tlog-tiles. Tile `index` of `level` has the roots of 256 subtrees of
256^level leaves each. A whole tile never changes, and all other nodes are computed from one tile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from hub.tree.hashing import HASH, Hashes, hashes_of, parents

HEIGHT = 8  # levels of the tree in one tile
WIDTH = 256  # hashes in a whole tile
LEVELS = 64  # more than a tree can have

_PATH = re.compile(r"tile/(0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """`width` is the number of its hashes, 1 to 256; below 256 it is a partial tile at the edge."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (0 <= self.level < LEVELS and self.index >= 0 and 1 <= self.width <= WIDTH):
            raise ValueError(f"there can't be a tile {self.level}, {self.index}, {self.width}")

    @property
    def path(self) -> str:
        """tile/<level>/<index>[.p/<width>], e.g. tile/0/x001/x234/067."""
        groups = f"{self.index:,}".split(",")
        parts = [f"x{int(part):03d}" for part in groups[:-1]] + [f"{int(groups[-1]):03d}"]
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{self.level}/{'/'.join(parts)}{partial}"


#: Gives the bytes of a tile, 32 · width.
Read = Callable[[Tile], bytes]


def tile_at(path: str) -> Tile:
    """The tile of a path; raises ValueError for any other way to write it, or no tile at all."""
    parts = _PATH.fullmatch(path)
    if parts is None:
        raise ValueError(f"{path} is no tile")
    level, index, width = parts.groups()
    found = Tile(int(level), int(re.sub(r"[x/]", "", index)), int(width or WIDTH))
    if found.path != path:
        raise ValueError(f"{path} is no tile; it is written {found.path}")
    return found


def count_at(level: int, size: int) -> int:
    """How many hashes the tiles of a level have in a tree of `size` leaves."""
    return size >> HEIGHT * level


def tile_of(level: int, index: int, size: int) -> Tile:
    """A tile as it is in a tree of `size` leaves; raises ValueError where that has none there."""
    return Tile(level, index, min(WIDTH, count_at(level, size) - index * WIDTH))


def edge(size: int) -> list[Tile]:
    """The partial tiles of a tree, from the lowest level: they alone change when it grows."""
    counts = [(level, count_at(level, size)) for level in range(LEVELS)]
    return [Tile(level, n // WIDTH, n % WIDTH) for level, n in counts if n % WIDTH]


def tiles_of(
    leaves: Hashes, size: int = 0, read: Read | None = None
) -> Iterator[tuple[Tile, bytes]]:
    """The tiles that are new or wider when `leaves`, (n, 32), are added to a tree of `size`.

    The lowest level first. `read` gives the partial tiles (`edge`) of the tree of `size`; it isn't
    asked where that ends with a tile.
    """
    row, level = leaves, 0
    while len(row):
        before = count_at(level, size)
        index, kept = divmod(before, WIDTH)
        if kept:
            if read is None:
                raise ValueError(f"a tree of {size} leaves has partial tiles to begin with")
            row = np.concatenate([hashes_of(read(Tile(level, index, kept))), row])
        for first in range(0, len(row), WIDTH):
            part = row[first : first + WIDTH]
            yield Tile(level, index + first // WIDTH, len(part)), part.tobytes()
        row = roots(row[: len(row) // WIDTH * WIDTH])
        level += 1


def roots(hashes: Hashes) -> Hashes:
    """The root of each 256 hashes, (256 · n, 32) → (n, 32)."""
    for _ in range(HEIGHT):
        hashes = parents(hashes)
    return hashes


class TileNodes:
    """The nodes of a tree of `size` leaves, computed from its tiles; each tile is read once.

    `read` may give a wider tile than asked for: what is asked for is its beginning.
    """

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._pyramids: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The root of the leaves index · 2^level … (index + 1) · 2^level - 1.

        Raises ValueError where the tree has not all of them, or a tile is too short.
        """
        if index + 1 << level > self.size:
            raise ValueError(f"a tree of {self.size} leaves has no node {level}, {index}")
        tall, inner = divmod(level, HEIGHT)
        number = (index << inner) // WIDTH
        rows = self._pyramids.setdefault((tall, number), [])
        if not rows:
            tile = tile_of(tall, number, self.size)
            rows.append(self._whole(tile))
        while len(rows) <= inner:
            rows.append(parents(hashes_of(rows[-1])).tobytes())
        place = (index - (number * WIDTH >> inner)) * HASH
        return rows[inner][place : place + HASH]

    def _whole(self, tile: Tile) -> bytes:
        raw = self._read(tile)[: tile.width * HASH]
        if len(raw) != tile.width * HASH:
            raise ValueError(f"{tile.path} has {len(raw)} bytes, not {tile.width * HASH}")
        return raw
