"""One line of what a Singer tap writes, with its record just as it is written: 2.00 stays 2.00."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

# What a kind of message must have beside its type. BATCH points to files of records: it can't be
# passed over, so it is refused. ACTIVATE_VERSION tells targets to forget rows that they hold.
_CONTENT = {
    "RECORD": "record",
    "STATE": "value",
    "SCHEMA": "schema",
    "ACTIVATE_VERSION": "version",
}
_WHITE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Message:
    """`content` is the JSON text of the record, the state or the schema."""

    kind: str
    stream: str | None
    content: str


def read_message(line: bytes, number: int, tap: str) -> Message:
    """The message on a line; raises SourceUnreadable (tap_message_wrong)."""
    try:
        members = {name: (value, text) for name, value, text in _members(line.decode())}
        kind, _ = members["type"]
        content = members[_CONTENT[kind]][1]
        stream = None if kind == "STATE" else members["stream"][0]
    except KeyError as error:
        raise _wrong(tap, number, f"it has no {error.args[0]}, or that isn't known") from None
    except (ValueError, TypeError, RecursionError):
        raise _wrong(tap, number, "it isn't an object in JSON") from None
    if kind == "RECORD" and not content.startswith("{"):
        raise _wrong(tap, number, "its record isn't an object")
    return Message(kind, stream, content)


def _members(text: str) -> Iterator[tuple[str, Any, str]]:
    """Name, value and written value of each member of an object; raises ValueError."""
    place = _expect(text, "{", 0)
    while True:
        name, place = _DECODER.raw_decode(text, place)
        if not isinstance(name, str):
            raise TypeError(name)
        place = _expect(text, ":", place)
        value, end = _DECODER.raw_decode(text, place)
        yield name, value, text[place:end]
        place = _skip(text, end)
        if text[place : place + 1] != ",":
            break
        place = _skip(text, place + 1)
    if _expect(text, "}", place) != len(text):
        raise ValueError("something follows")


def _expect(text: str, mark: str, place: int) -> int:
    place = _skip(text, place)
    if text[place : place + 1] != mark:
        raise ValueError(mark)
    return _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    found = _WHITE.match(text, place)
    return found.end() if found else place


def _wrong(tap: str, number: int, reason: str) -> SourceUnreadable:
    issue = Issue("tap_message_wrong", number, value=tap, params={"reason": reason})
    return SourceUnreadable(issue)
