"""The cells of some rows of an .xlsx, as programs usually write them, without an XML parser.

All tags of a piece of XML are found at once, and looked at a kind at a time, eight bytes a look.
Whatever isn't exactly as expected, even a blank between two tags, makes the whole piece one for the
parser in `xlsx_tokens`; a test holds the two to the same cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from adapters.sheet import LAST_COLUMN, LAST_ROW
from adapters.xlsx_tokens import Bools, Ints, Kind, Tokens
from adapters.xml_text import has_odd_entity, has_plain_breaks, is_utf8, unescaped

Words = NDArray[np.uint64]

_MOST_KINDS = 64  # different attributes of cells in one piece
_ATTRIBUTES = re.compile(
    r'(?: s="(?P<s>\d{1,8})")?(?: t="(?P<t>[a-zA-Z]+)")?(?: [a-z]{2}="\d+")*(?P<end>/?)'
)
_HIDDEN = re.compile(rb'<row r="(\d+)"[^>]* hidden="(?:1|true)"')
_QUOTE, _SLASH, _OPEN, _CLOSE = 0x22, 0x2F, 0x3C, 0x3E
_SPACED = np.frombuffer(b'<t xml:space="preserve">', dtype=np.uint8)
# How many bytes of a word count: the first n.
_FIRST = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
_ALL, _ZEROS = np.uint64((1 << 64) - 1), np.uint64(0x3030303030303030)
_HIGH, _LOW, _SIX = (np.uint64(byte * 0x0101010101010101) for byte in (0xF0, 0x0F, 0x06))
_PAIRS = (
    (np.uint64(10), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(100), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(10_000), np.uint64(32), np.uint64(0x00000000FFFFFFFF)),
)


class _Unusual(Exception):
    """Something is written in another way than expected."""


def scan_rows(piece: bytes) -> Tokens | None:
    """The cells of the rows in `piece`; None where a parser has to look at it."""
    try:
        return _Piece(piece).tokens()
    except _Unusual:
        return None


def _tag(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(text.encode(), "little"))


@dataclass(slots=True)
class _Cells:
    """Of every cell: its tag, where it has a value the tag of that, and where the value starts."""

    tag: NDArray[np.intp]
    value: NDArray[np.intp]
    start: Ints
    has: Bools
    inline: Bools
    formula: Bools


class _Piece:
    """Tags are named by their places among all tags; the last is one that isn't there."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece
        padded = piece + bytes(64)
        self._bytes = np.frombuffer(padded, dtype=np.uint8)
        # eight bytes from each place on
        self._words: Words = np.ndarray((len(piece) + 56,), "<u8", buffer=padded, strides=(1,))
        text = self._bytes[: len(piece)]
        _need(len(piece) > 0 and has_plain_breaks(text))
        _need(not has_odd_entity(piece))
        _need(int(text.max()) < 0x80 or is_utf8(piece))
        opens = np.flatnonzero(text == _OPEN)
        _need(len(opens) > 0 and opens[0] == 0 and piece.endswith(b">"))
        _need(piece.count(b">") == len(opens))
        self._count = len(opens)
        self._opens = np.append(opens, np.full(8, len(piece)))
        self._letters = self._bytes[opens + 1]

    def tokens(self) -> Tokens:
        """Raises _Unusual."""
        rows, ends = self._rows()
        lines, digits, widths = self._numbers(rows)
        cells = self._cells(len(rows) + len(ends))
        owner = np.searchsorted(rows, cells.tag, "right") - 1
        _need(not len(owner) or owner[0] >= 0)
        closed = np.full(len(rows), -1)
        closed[~self._ends_itself(rows)] = ends
        _need(bool((cells.tag < closed[owner]).all()))
        column, after = self._columns(cells.tag, digits[owner], widths[owner])
        _need(bool(((owner[1:] != owner[:-1]) | (column[1:] > column[:-1])).all()))
        kind, kinds = self._kinds(cells.tag, after)
        inline = np.array([name == "inlineStr" for _, name in kinds], dtype=np.bool_)[kind]
        _need(bool(((inline == cells.inline) | ~cells.has).all()))
        hidden = []
        if b" hidden=" in self._piece:
            hidden = [int(number) for number in _HIDDEN.findall(self._piece)]

        def raw(which: NDArray[np.intp]) -> pl.Series:
            return self._texts(cells.start[which], self._opens[cells.value[which] + 1])

        def numbers(which: NDArray[np.intp]) -> pl.Series:
            return self._integers(cells.start[which], self._opens[cells.value[which] + 1])

        has, formula = cells.has, cells.formula
        return Tokens(lines, hidden, owner, column, kind, kinds, has, formula, raw, numbers)

    def _is(self, tags: NDArray[np.intp], text: str) -> Bools:
        """Whether the tags begin like this."""
        found: Bools = (self._words[self._opens[tags]] & _FIRST[len(text)]) == _tag(text)
        return found

    def _length(self, tags: NDArray[np.intp]) -> Ints:
        """Bytes from the tags to the next ones."""
        found: Ints = self._opens[tags + 1] - self._opens[tags]
        return found

    def _ends_itself(self, tags: NDArray[np.intp]) -> Bools:
        found: Bools = self._bytes[self._opens[tags + 1] - 2] == _SLASH
        return found

    def _need_ended(self, tags: NDArray[np.intp]) -> None:
        """Nothing stands between the tags and the next ones."""
        _need(bool((self._bytes[self._opens[tags + 1] - 1] == _CLOSE).all()))

    def _rows(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The tags that open rows, and those that close them."""
        rows = np.flatnonzero(self._letters == ord("r"))
        closing = np.flatnonzero(self._letters == _SLASH)
        ends = closing[self._bytes[self._opens[closing] + 2] == ord("r")]
        opened = rows[~self._ends_itself(rows)]
        _need(len(rows) > 0 and len(opened) == len(ends))
        _need(bool(self._is(rows, '<row r="').all()) and bool(self._is(ends, "</row>").all()))
        self._need_ended(rows)
        _need(bool((self._length(ends) == len("</row>")).all()))
        following = np.append(rows, self._count)[np.searchsorted(rows, opened) + 1]
        _need(bool(((opened < ends) & (ends < following)).all()))
        return rows, ends

    def _numbers(self, rows: NDArray[np.intp]) -> tuple[Ints, Words, Ints]:
        """The rows' numbers; their digits with the quotation mark behind, and how many they are."""
        starts = self._opens[rows] + 8
        written = self._bytes[starts[:, None] + np.arange(8)]
        widths = (written == _QUOTE).argmax(axis=1)
        digits = written.astype(np.int64) - ord("0")
        inside = np.arange(8) < widths[:, None]
        _need(bool((widths > 0).all()) and bool(((digits >= 0) & (digits <= 9))[inside].all()))
        lines = np.zeros(len(rows), dtype=np.int64)
        for place in range(int(widths.max())):
            lines = np.where(inside[:, place], lines * 10 + digits[:, place], lines)
        _need(bool((lines[1:] > lines[:-1]).all()) and lines[0] > 0 and lines[-1] <= LAST_ROW)
        return lines, self._words[starts] & _FIRST[widths + 1], widths

    def _cells(self, others: int) -> _Cells:
        """The cells, all of whose tags have to follow each other as they should.

        `others` counts the tags that are of rows: there must be no further ones.
        """
        tag = np.flatnonzero(self._letters == ord("c"))
        _need(bool(self._is(tag, '<c r="').all()))
        self._need_ended(tag)
        empty = self._ends_itself(tag)
        value, formula = self._behind_formulas(tag, empty)
        plain = ~empty & self._is(value, "<v>")
        bare = ~empty & formula & self._is(value, "</c>")
        inline, start = self._inline(value, ~empty & ~plain & ~bare)
        value = value + inline
        has = plain | inline
        _need(bool((empty | has | bare).all()))
        last = value + np.where(has, np.where(inline, 3, 2), 0)
        full = ~empty
        _need(bool((self._is(last, "</c>") | empty).all()))
        _need(bool((self._length(last) == len("</c>"))[full].all()))
        after = value + 1
        _need(bool((self._is(after, "</v>") & (self._length(after) == 4))[plain].all()))
        count = np.where(empty, 1, last - tag + 1)
        _need(int(count.sum()) + others == self._count)
        return _Cells(tag, value, start, has, inline, formula)

    def _behind_formulas(
        self, tag: NDArray[np.intp], empty: Bools
    ) -> tuple[NDArray[np.intp], Bools]:
        """The tags behind the formulas of cells, and which cells have one."""
        value = tag + 1
        if not (self._letters == ord("f")).any():
            return value, np.zeros(len(tag), dtype=np.bool_)
        formula = ~empty & (self._is(value, "<f>") | self._is(value, "<f "))
        lone = formula & self._ends_itself(value)
        closed = self._is(value + 1, "</f>") & (self._length(value + 1) == len("</f>"))
        _need(bool((closed | ~formula | lone).all()))
        self._need_ended(value[lone])
        return value + formula + (formula & ~lone), formula

    def _inline(self, value: NDArray[np.intp], maybe: Bools) -> tuple[Bools, Ints]:
        """Which cells have a text of their own, and where the values of all cells start."""
        start = self._opens[value] + len("<v>")
        if not maybe.any():
            return np.zeros(len(value), dtype=np.bool_), start
        here = np.flatnonzero(maybe & self._is(value, "<is>"))
        text = value[here] + 1
        bare, kept = self._is(text, "<t>"), self._is(text, "<t xml:s")
        fits = (bare | kept) & (self._length(value[here]) == len("<is>"))
        fits &= self._is(text + 1, "</t>") & (self._length(text + 1) == len("</t>"))
        fits &= self._is(text + 2, "</is>") & (self._length(text + 2) == len("</is>"))
        _need(bool(fits.all()))
        begin = self._opens[text]
        spaced = begin[kept, None] + np.arange(len(_SPACED))
        _need(bool((self._bytes[np.minimum(spaced, len(self._bytes) - 1)] == _SPACED).all()))
        start[here] = begin + np.where(kept, len(_SPACED), len("<t>"))
        inline = np.zeros(len(value), dtype=np.bool_)
        inline[here] = True
        return inline, start

    def _columns(self, tags: NDArray[np.intp], digits: Words, widths: Ints) -> tuple[Ints, Ints]:
        """The cells' columns, and the place behind their names; the rows must be the rows'."""
        start = self._opens[tags] + 6
        word = self._words[start]
        first, second, third = ((word >> np.uint64(8 * k)).astype(np.uint8) - 65 for k in range(3))
        two = second < 26
        three = two & (third < 26)
        column = first.astype(np.int64) + 1
        column = np.where(two, column * 26 + second + 1, column)
        if three.any():
            column = np.where(three, column * 26 + third + 1, column)
        _need(bool((first < 26).all()) and (not len(column) or int(column.max()) <= LAST_COLUMN))
        behind = start + 1 + two + three
        _need(bool(((self._words[behind] & _FIRST[widths + 1]) == digits).all()))
        return column, behind + widths + 1

    def _kinds(self, tags: NDArray[np.intp], start: Ints) -> tuple[Ints, list[Kind]]:
        """The cells' kinds, by all that stands behind their names; few differ."""
        length = self._opens[tags + 1] - 1 - start
        most = int(length.max()) if len(length) else 0
        _need(most <= 24)
        words = [
            self._words[start + 8 * k] & _FIRST[np.clip(length - 8 * k, 0, 8)]
            for k in range(-(-most // 8))
        ]
        code = np.zeros(len(start), dtype=np.int64)
        kinds: list[Kind] = []
        left = np.arange(len(start))
        while len(left):
            _need(len(kinds) < _MOST_KINDS)
            one = left[0]
            same = length[left] == length[one]
            for word in words:
                same &= word[left] == word[one]
            code[left[same]] = len(kinds)
            kinds.append(_kind(self._piece[start[one] : start[one] + length[one]]))
            left = left[~same]
        return code, kinds

    def _texts(self, starts: Ints, ends: Ints) -> pl.Series:
        """What stands between these places."""
        lengths = ends - starts
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        shifts = (starts - offsets[:-1]).astype(np.int32)  # a piece is far smaller than 2 GB
        places = np.repeat(shifts, lengths) + np.arange(offsets[-1], dtype=np.int32)
        content = self._bytes[places].tobytes()
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
        array = pa.Array.from_buffers(pa.large_string(), len(lengths), buffers)
        text = pl.Series(array, dtype=pl.String)
        return unescaped(text) if b"&" in content else text

    def _integers(self, starts: Ints, ends: Ints) -> pl.Series:
        """The numbers that stand between these places: at most eight digits, or null."""
        lengths = ends - starts
        fits = (lengths > 0) & (lengths <= 8)
        shift = ((8 - np.clip(lengths, 1, 8)) * 8).astype(np.uint64)
        word = (self._words[starts] << shift) | (_ZEROS & ~(_ALL << shift))
        fits &= (word & _HIGH) == _ZEROS
        fits &= ((word + _SIX) & _HIGH) == _ZEROS  # the digits, and not what is behind 9
        word &= _LOW
        for ten, bits, mask in _PAIRS:  # two digits to one number, then two pairs, …
            word = (word * ten + (word >> bits)) & mask
        numbers = pl.Series(word.astype(np.int64))
        return numbers if fits.all() else numbers.set(pl.Series(~fits), None)


def _kind(written: bytes) -> Kind:
    found = _ATTRIBUTES.fullmatch(written.decode("latin-1"))
    if found is None:
        raise _Unusual
    return int(found["s"] or 0), found["t"] or "n"


def _need(fits: bool) -> None:
    if not fits:
        raise _Unusual
