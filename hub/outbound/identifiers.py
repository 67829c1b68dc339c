"""Identifiers of what is delivered: made of what it is, so that sending again is no new message.

They are UUIDs of version 5 (RFC 9562, 5.5), which every province's program takes for a UUID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID, uuid5

NAMESPACE = UUID("6f9f2f5e-3c1b-5d59-9c0f-2d0c6a5b7e41")  # of the hub's deliveries


def space(site: str, target: str, dataset: str, generation: int = 0) -> UUID:
    """The namespace of one target's messages; another generation's are all new to the province."""
    told = [site, target, dataset, *([str(generation)] if generation else [])]
    return uuid5(NAMESPACE, "\n".join(told))


def flow(within: UUID, seq: int) -> str:
    """`flow` of an entry: the province's program takes each once."""
    return flows(within, [seq])[0]


def flows(within: UUID, seqs: Iterable[int]) -> list[str]:
    """`flow` of each entry, in order."""
    return _named(within, (f"flow\n{seq}" for seq in seqs))


def items(within: UUID, keys: Iterable[str]) -> list[str]:
    """`item` of each record: the same in all messages about it."""
    return _named(within, (f"item\n{key}" for key in keys))


def _named(within: UUID, names: Iterable[str]) -> list[str]:
    """uuid5, but for the work that is the same for every name. Polars has no SHA-1."""
    start = hashlib.sha1(within.bytes, usedforsecurity=False)
    found = []
    for name in names:
        digest = start.copy()
        digest.update(name.encode())
        found.append(str(UUID(bytes=digest.digest()[:16], version=5)))
    return found
