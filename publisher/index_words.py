"""Which slots of an index have a word: its pairs of characters, each standing where it should."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from publisher.index_layout import CHUNK, PLACE_BITS, REST, SLOT_BITS, posting_id
from publisher.index_store import Reading

Slots = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]
_MERGED = 8  # lists whose lengths differ by less are merged; else the short one is looked up
_MASK = np.uint64((1 << PLACE_BITS) - 1)


def slots_with(reading: Reading, word: str, slots: int) -> Iterator[Slots]:
    """The slots with the folded `word`, of each chunk of an index of so many slots."""
    for chunk in range(-(-slots // CHUNK)):
        places = _one(reading, chunk, word) if len(word) == 1 else _phrase(reading, chunk, word)
        yield (places >> np.uint32(SLOT_BITS)).astype(np.int64) + chunk * CHUNK


def _one(reading: Reading, chunk: int, character: str) -> Places:
    """The places of a character: it begins a pair wherever it stands, at the end one with END."""
    first = posting_id(chunk, ord(character), 0)
    rows = reading.postings_between(first, first + REST)
    return _joined([_own(data) if number & REST != REST else _rare(data) for number, data in rows])


def _phrase(reading: Reading, chunk: int, word: str) -> Places:
    """Where `word` begins. Every second pair is enough, and the last one.

    The rarest pair is read first: in most chunks nothing is left after one or two, and the places of
    the usual pairs, which are many, needn't be read.
    """
    offsets = [*range(0, len(word) - 1, 2)]
    if len(word) % 2:
        offsets.append(len(word) - 2)
    ids = {offset: posting_id(chunk, *map(ord, word[offset : offset + 2])) for offset in offsets}
    sizes = reading.sizes(list(set(ids.values())))
    offsets.sort(key=lambda offset: sizes.get(ids[offset], 0))
    found = _begins(reading, ids[offsets[0]], offsets[0], sizes)
    for offset in offsets[1:]:
        if not len(found):
            break
        found = _common(found, _begins(reading, ids[offset], offset, sizes))
    return found


def _begins(reading: Reading, number: int, offset: int, sizes: dict[int, int]) -> Places:
    """Where the word would begin that has a pair at `offset`."""
    if number in sizes:
        places = _own(reading.postings([number])[number])
    else:
        rest = reading.postings([number | REST])
        places = _among(rest.get(number | REST, b""), number & REST)
    return places[places >= offset] - np.uint32(offset)


def _common(one: Places, other: Places) -> Places:
    """What is in both; they are sorted."""
    few, many = sorted((one, other), key=len)
    if not len(few):
        return few
    if len(few) * _MERGED > len(many):
        both: Places = np.concatenate((few, many))
        both.sort(kind="stable")  # which finds two runs and merges them
        return np.asarray(both[1:][both[1:] == both[:-1]])
    at = np.searchsorted(many, few)
    at[at == len(many)] = 0
    return np.asarray(few[many[at] == few])


def _own(data: bytes) -> Places:
    return np.frombuffer(data, dtype=np.uint32)


def _rare(data: bytes) -> Places:
    return (np.frombuffer(data, dtype=np.uint64) & _MASK).astype(np.uint32)


def _among(data: bytes, second: int) -> Places:
    """The places of one pair among the rare ones of its first character."""
    keys = np.frombuffer(data, dtype=np.uint64)
    ends = np.array([second << PLACE_BITS, (second + 1) << PLACE_BITS], dtype=np.uint64)
    first, last = np.searchsorted(keys, ends)
    return (keys[first:last] & _MASK).astype(np.uint32)


def _joined(parts: list[Places]) -> Places:
    return np.concatenate(parts) if parts else _own(b"")
