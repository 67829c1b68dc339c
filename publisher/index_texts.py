"""Texts of records as places of pairs of characters, by columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from publisher.bigrams import folded
from publisher.index_layout import CHARACTER_BITS, END, PLACE_BITS, RARE, REST, SLOT, SLOT_BITS

Numbers = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]

LONGEST = 1 << 20  # characters of a record that are searched
_SIGNS = "（）〔〕《》、，。：；“”【】—"  # the usual ones that are left out
#: What a text has to have for `folded` to mean more than leaving out and upper case.
_UNUSUAL = rf"[^\x00-\x7F\u4E00-\u9FFF{_SIGNS}]"
_LEFT_OUT = np.uint32(0xFFFFFFFF)


def searched_text(rows: pl.DataFrame, fields: Sequence[str]) -> pl.Series:
    """Where a search looks in each row: its texts, one a line, folded where `usual` can't do it."""
    parts = [_line(name, rows.schema[name]) for name in fields if name in rows.columns]
    if not parts:
        return pl.repeat("", rows.height, dtype=pl.String, eager=True)
    texts = rows.select(pl.concat_str(parts, separator="\n").str.head(LONGEST)).to_series()
    unusual = texts.str.contains(_UNUSUAL)
    if not unusual.any():
        return texts
    lines = pl.col("text").str.split("\n").list.eval(folded(pl.element())).list.join("\n")
    told = texts.filter(unusual).to_frame("text").select(lines).to_series()
    return texts.scatter(unusual.arg_true(), told)


def _line(name: str, dtype: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if dtype == pl.List(pl.String):
        text = text.list.eval(_one_line(pl.element())).list.join("\n")
    else:
        text = _one_line(text.cast(pl.String))
    return text.fill_null("")


def _one_line(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("\n", " ", literal=True)


@cache
def usual() -> Places:
    """Code point → what folding makes of it in a text without unusual characters."""
    table = np.arange(0x110000, dtype=np.uint32)
    for number in (*range(0x80), *map(ord, _SIGNS)):
        character = chr(number).upper()
        table[number] = ord(character) if character.isalnum() else _LEFT_OUT
    table[ord("\n")] = END
    return table


def slots_of(texts: pl.Series) -> Numbers:
    """How many slots each text takes at most."""
    length = texts.str.len_chars().to_numpy().astype(np.int64)
    return length // SLOT + 1


@dataclass(frozen=True, slots=True)
class Postings:
    """Sorted places of one chunk: those of pair n are `places[starts[n] : starts[n + 1]]`.

    `firsts` and `seconds` are the pairs' code points, END for the end of a text.
    """

    firsts: Numbers
    seconds: Numbers
    starts: Numbers
    places: Places


def postings(texts: pl.Series, slots: Numbers) -> Postings:
    """The places of all pairs of `texts`, whose slots (within the chunk) are given."""
    here, lengths = _characters(texts)
    shift = (slots << SLOT_BITS) - (np.cumsum(lengths) - lengths)
    places = np.arange(len(here), dtype=np.int32) + np.repeat(shift.astype(np.int32), lengths)
    numbers, characters = _numbered(here)
    bits = np.uint64(len(characters).bit_length())
    begun = numbers[:-1] != END
    keys = numbers[:-1][begun].astype(np.uint64)  # in place from here on: there are millions
    keys <<= bits
    keys |= numbers[1:][begun]
    keys <<= np.uint64(PLACE_BITS)
    keys |= places[:-1][begun].view(np.uint32)
    del here, places, numbers, begun
    ordered = pl.Series(keys).sort().to_numpy()  # takes half the time that numpy takes
    return _grouped(ordered, characters, int(bits))


def _characters(texts: pl.Series) -> tuple[Places, Numbers]:
    """The folded characters of all texts, END after each line, and how many are each text's."""
    joined = texts.str.join("\n").item() + "\n"
    here = usual()[np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)]
    stays = here != _LEFT_OUT
    ends = np.cumsum(texts.str.len_chars().to_numpy().astype(np.int64) + 1)
    kept = np.cumsum(stays, dtype=np.int32)[ends - 1]
    return here[stays], np.diff(kept, prepend=0)


def _numbered(here: Places) -> tuple[Places, Numbers]:
    """Each character's number, and the characters by number; END is number 0."""
    seen = np.zeros(int(here.max()) + 1, dtype=bool)
    seen[here] = True
    seen[END] = True
    characters = np.flatnonzero(seen)
    numbers = np.zeros(len(seen), dtype=np.uint32)
    numbers[characters] = np.arange(len(characters), dtype=np.uint32)
    return numbers[here], characters


def _grouped(keys: npt.NDArray[np.uint64], characters: Numbers, bits: int) -> Postings:
    pairs = (keys >> np.uint64(PLACE_BITS)).view(np.int64)
    starts = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    known = pairs[starts]
    places = keys.astype(np.uint32) & np.uint32((1 << PLACE_BITS) - 1)
    return Postings(
        characters[known >> bits],
        characters[known & ((1 << bits) - 1)],
        np.append(starts, len(places)),
        places,
    )


def posting_rows(chunk: int, found: Postings) -> Iterator[tuple[int, memoryview]]:
    """(id, data) of the table `posting`, in order: pairs of their own, then the rare ones."""
    counts = np.diff(found.starts)
    own = np.flatnonzero(counts >= RARE)
    ids = _ids(chunk, found.firsts[own], found.seconds[own])
    yield from _cut(ids, found.places, found.starts[own], found.starts[own + 1])
    yield from _rare_rows(chunk, found, counts)


def _rare_rows(chunk: int, found: Postings, counts: Numbers) -> Iterator[tuple[int, memoryview]]:
    rare = counts < RARE
    seconds = np.repeat(found.seconds[rare], counts[rare]).astype(np.uint64)
    firsts = np.repeat(found.firsts[rare], counts[rare])
    data = seconds << np.uint64(PLACE_BITS) | found.places[np.repeat(rare, counts)]
    starts = np.flatnonzero(np.diff(firsts, prepend=-1))
    ids = _ids(chunk, firsts[starts], REST)
    yield from _cut(ids, data, starts, np.append(starts[1:], len(data)))


def _ids(chunk: int, firsts: Numbers, seconds: Numbers | int) -> Numbers:
    return (chunk << CHARACTER_BITS | firsts) << CHARACTER_BITS | seconds


def _cut(
    ids: Numbers, data: npt.NDArray[Any], starts: Numbers, ends: Numbers
) -> Iterator[tuple[int, memoryview]]:
    view, size = data.view(np.uint8).data, data.itemsize
    parts = map(slice, (starts * size).tolist(), (ends * size).tolist())
    return zip(ids.tolist(), map(view.__getitem__, parts), strict=True)
