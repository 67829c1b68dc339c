"""A record side by side: field by field as the department sent it, and as the public would see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from exchange_schemas.codes import load_codes
from exchange_schemas.standard import Field, Standard
from publisher.scan import BETWEEN

HIDDEN, FOUND = (
    "masked",
    "found",
)  # kinds of parts: what differs for the public, private data found
_LONG = 2_000  # characters, beyond which two texts are compared at their ends only

Parts = list[tuple[str, str]]  # text, kind ("" : nothing of note)
Range = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One field. `public` is a key of `record_words.PUBLIC`; `field` is None where the present standard
    has no such field. `meaning` says what codes stand for. `hits` are private data that the public view shows: kind, first and last
    character."""

    name: str
    field: Field | None
    record: Parts
    view: Parts
    public: str
    hits: Sequence[tuple[str, int, int]] = ()
    before: str | None = None
    changed: bool = False
    meaning: str = ""


def sheet(standard: Standard, shown: Mapping[str, Any], *, chinese: bool = True) -> list[Line]:
    """The lines of a record, `shown` as `showing.record` gives it, in the standard's order. Fields that
    are empty everywhere are left out, and sealed ones are never among them."""
    record, view, before = shown["record"], shown["view"], shown["difference"]
    open_fields = {n: f for n, f in standard.fields.items() if f.tier != "sealed"}
    named = [n for n in open_fields if n in record or n in view or n in before]
    lines = [_line(open_fields[name], shown, chinese) for name in named]
    others = [name for name in record if name not in standard.fields]
    return lines + [Line(n, None, [(as_text(record[n]), "")], [], "no_view") for n in others]


def _line(field: Field, shown: Mapping[str, Any], chinese: bool) -> Line:
    name, has_view = field.name, bool(shown["view"])
    told, seen = as_text(shown["record"].get(name)), as_text(shown["view"].get(name))
    hits = [
        (str(h["kind"]), int(h["start"]), int(h["length"]))
        for h in shown["hits"]
        if h["field"] == name
    ]
    left, right = differing(told, seen) if seen else ([], [])
    found = [(start, start + length, FOUND) for _, start, length in hits]
    change = shown["difference"].get(name)
    return Line(
        name, field, cut(told, left), cut(seen, [*found, *right]), _public(told, seen, has_view),
        [(kind, start + 1, start + length) for kind, start, length in hits],
        None if change is None else as_text(change["before"]), change is not None, _meaning(field, shown["record"].get(name), chinese),
    )  # fmt: skip


def _public(told: str, seen: str, has_view: bool) -> str:
    if not has_view:
        return "no_view"
    if not told and not seen:
        return "empty"
    if not seen:
        return "left_out"
    return "whole" if told == seen else "masked"


def _meaning(field: Field, value: Any, chinese: bool) -> str:
    """What the codes of a field stand for; "" where they say it themselves."""
    if field.codelist is None or value is None:
        return ""
    codes = load_codes(field.codelist).codes
    found = [codes.get(str(one)) for one in (value if isinstance(value, list) else [value])]
    titles = [one.title if chinese else one.title_en or one.title for one in found if one]
    text = BETWEEN.join(titles)
    return "" if text == as_text(value) else text


def as_text(value: Any) -> str:
    """A value as tables show it; "" where there is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return BETWEEN.join(map(str, value))
    return "" if value is None else str(value)


def differing(told: str, seen: str) -> tuple[list[Range], list[Range]]:
    """What of `told` isn't shown, and what of `seen` stands in its place."""
    if told == seen:
        return [], []
    if max(len(told), len(seen)) > _LONG:
        return _between_ends(told, seen)
    left, right = [], []
    for word, a, b, c, d in SequenceMatcher(None, told, seen, autojunk=False).get_opcodes():
        if word != "equal":
            left.append((a, b, HIDDEN))
            right.append((c, d, HIDDEN))
    return left, right


def _between_ends(told: str, seen: str) -> tuple[list[Range], list[Range]]:
    same = min(len(told), len(seen))
    start = next((n for n in range(same) if told[n] != seen[n]), same)
    rest = same - start
    end = next((n for n in range(rest) if told[-1 - n] != seen[-1 - n]), rest)
    return [(start, len(told) - end, HIDDEN)], [(start, len(seen) - end, HIDDEN)]


def cut(text: str, ranges: Iterable[Range]) -> Parts:
    """The text in parts; of ranges that overlap the one that is told first counts."""
    kinds = [""] * len(text)
    for start, end, kind in ranges:
        for n in range(max(start, 0), min(end, len(text))):
            kinds[n] = kinds[n] or kind
    parts: Parts = []
    for character, kind in zip(text, kinds, strict=True):
        if parts and parts[-1][1] == kind:
            parts[-1] = (parts[-1][0] + character, kind)
        else:
            parts.append((character, kind))
    return parts
