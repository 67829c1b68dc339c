"""A tree that grows: as much of it as is needed to add leaves and to know its root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.tree.hashing import EMPTY_ROOT, HASH, Hashes, hashes_of, node, parents


@dataclass(frozen=True, slots=True)
class Frontier:
    """`nodes` are the roots of the whole subtrees that `size` leaves fall into, the largest first:
    one for each 1 in the binary form of `size` (a "compact range"), 32 bytes each.

    Raises ValueError where their number doesn't go with the size.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        right = self.size >= 0 and len(self.nodes) == self.size.bit_count()
        if not right or any(len(one) != HASH for one in self.nodes):
            raise ValueError(f"these aren't the nodes of a tree of {self.size} leaves")

    def extend(self, hashes: Hashes) -> Frontier:
        """The tree with these leaf hashes, (n, 32), behind its own."""
        waiting, size, level = list(self.nodes), self.size, 0
        left: list[bytes] = []
        row = hashes
        while len(row) or size >> level:
            if size >> level & 1:
                row = np.concatenate([hashes_of(waiting.pop()), row])
            if len(row) % 2:
                left.append(row[-1].tobytes())
            row = parents(row)
            level += 1
        return Frontier(size + len(hashes), tuple(reversed(left)))

    def root(self) -> bytes:
        """The root of the tree, 32 bytes."""
        if not self.nodes:
            return EMPTY_ROOT
        found = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            found = node(left + found)
        return found

    def placed(self) -> dict[tuple[int, int], bytes]:
        """The nodes by (level, index), as `hub.tree.proofs` asks for them."""
        found, first = {}, 0
        levels = [
            level for level in reversed(range(self.size.bit_length())) if self.size >> level & 1
        ]
        for level, one in zip(levels, self.nodes, strict=True):
            found[level, first >> level] = one
            first += 1 << level
        return found

    def to_json(self) -> dict[str, object]:
        """{"size": …, "nodes": [hex, …]}."""
        return {"size": self.size, "nodes": [one.hex() for one in self.nodes]}

    @classmethod
    def from_json(cls, told: dict[str, object]) -> Frontier:
        """What `to_json` gave; raises ValueError for anything else."""
        size, nodes = told.get("size"), told.get("nodes")
        if type(size) is not int or not isinstance(nodes, list):
            raise ValueError("a tree's frontier has a size and nodes")
        return cls(size, tuple(bytes.fromhex(str(one)) for one in nodes))
