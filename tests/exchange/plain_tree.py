"""A Merkle tree as RFC 9162 defines it in words: recursive, one hash at a time."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from hub.tree.hashing import Hashes, hashes_of, parents
from hub.tree.proofs import Node


def largest_power(size: int) -> int:
    power = 1
    while power * 2 < size:
        power *= 2
    return power


@cache
def mth(leaves: tuple[bytes, ...]) -> bytes:
    """The root of leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power(len(leaves))
    return hashlib.sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: tuple[bytes, ...]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = largest_power(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: tuple[bytes, ...]) -> list[bytes]:
    """PROOF of section 2.1.4.1."""
    return _subproof(m, leaves, known=True)


def _subproof(m: int, leaves: tuple[bytes, ...], *, known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = largest_power(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def some_leaves(count: int, seed: int = 0) -> Hashes:
    """Random leaf hashes, (count, 32)."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def rows(hashes: Hashes) -> tuple[bytes, ...]:
    return tuple(row.tobytes() for row in hashes)


def leaves_of(inputs: list[bytes]) -> Hashes:
    """The leaf hashes of leaf inputs."""
    return hashes_of(b"".join(hashlib.sha256(b"\0" + one).digest() for one in inputs))


def nodes_over(leaves: Hashes) -> Node:
    """The nodes of a tree whose levels are all computed beforehand."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        levels.append(parents(levels[-1]))
    return lambda level, index: levels[level][index].tobytes()
