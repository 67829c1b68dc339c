"""Proofs that an entry is in a tree, and that a tree is the beginning of another one.

RFC 9162, sections 2.1.3 and 2.1.4, https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.3.
`node(level, index)` gives the root of the leaves index · 2^level … (index + 1) · 2^level - 1, as
`hub.tree.tiles.TileNodes` does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hub.tree.hashing import EMPTY_ROOT, HASH
from hub.tree.hashing import node as over

Node = Callable[[int, int], bytes]

_MOST = 64  # nodes of a path: no tree is that high


def root_of(size: int, node: Node) -> bytes:
    """The root of a tree of `size` leaves, 32 bytes."""
    return _root(0, size, node) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """What proves that leaf `index`, from 0, is in the tree of `size` leaves, the lowest node first.

    Raises ValueError where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    first, path = 0, []
    while size > 1:
        split = _split(size)
        if index < first + split:
            path.append(_root(first + split, size - split, node))
            size = split
        else:
            path.append(_root(first, split, node))
            first, size = first + split, size - split
    return path[::-1]


def consistency_path(old: int, new: int, node: Node) -> list[bytes]:
    """What proves that the tree of `old` leaves is the beginning of that of `new`, in RFC order.

    Empty where both are one, or the old one is empty. Raises ValueError where old is more than new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves is no beginning of one of {new}")
    if old in (0, new):
        return []
    first, size, path, known = 0, new, [], True
    while old != size:
        split = _split(size)
        if old <= split:
            path.append(_root(first + split, size - split, node))
            size = split
        else:
            path.append(_root(first, split, node))
            first, size, old, known = first + split, size - split, old - split, False
    # A verifier knows the root of the old tree itself, and not that of a part of it.
    return [*([] if known else [_root(first, size, node)]), *path[::-1]]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether `path` proves that the leaf hash stands at `index`, from 0, in the tree of that root."""
    if not 0 <= index < size or not _hashes([leaf, root, *path]):
        return False
    place, last, found = index, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = over(other + found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = over(found + other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves that the tree of `old` leaves is the beginning of that of `new`."""
    if not 0 <= old <= new or not _hashes([old_root, new_root, *path]):
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    whole = [old_root, *path] if old.bit_count() == 1 else list(path)
    return bool(path) and _same(old - 1, new - 1, whole, old_root, new_root)


def _same(place: int, last: int, path: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = over(other + old), over(other + new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = over(new + other)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _hashes(given: Sequence[bytes]) -> bool:
    return len(given) <= _MOST + 2 and all(len(one) == HASH for one in given)


def _split(size: int) -> int:
    """The largest power of two below `size`: how many leaves are left of a tree's middle."""
    return 1 << (size - 1).bit_length() - 1


def _root(first: int, size: int, node: Node) -> bytes:
    """The root of `size` leaves from `first`, a place where the tree has such a subtree."""
    if size.bit_count() == 1:
        level = size.bit_length() - 1
        return node(level, first >> level)
    split = _split(size)
    return over(_root(first, split, node) + _root(first + split, size - split, node))
