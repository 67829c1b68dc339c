"""Where in a JSON document the records are: the longest list of objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapters.format_json import parse
from adapters.opener import read_blocks
from adapters.suggest.head import Head
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

LARGEST = 64 << 20  # bytes of a document that is looked through
_DEEPEST = 6


def rows_options(head: Head, encoding: str) -> dict[str, Any]:
    """`rows` and `total` of the document; nothing where the document is the list itself.

    Raises SourceUnreadable: json_invalid, suggest_too_large, suggest_no_table (no list of objects).
    """
    document = parse(_text(head, encoding), head.artefact.name)
    found = max(_lists(document, ""), key=lambda one: (one[1], -len(one[0])), default=None)
    if found is None:
        raise SourceUnreadable(Issue("suggest_no_table", file=head.artefact.name))
    path, count = found
    total = next(_totals(document, "", str(count)), None)
    told = {"rows": path, "total": total}
    return {name: value for name, value in told.items() if value}


def _text(head: Head, encoding: str) -> str:
    data, most = bytearray(), LARGEST
    for block in read_blocks(head.artefact):
        data += block
        if len(data) > most:
            raise SourceUnreadable(
                Issue("suggest_too_large", value=f"{most >> 20} MB", file=head.artefact.name)
            )
    return data.decode(encoding, "replace").removeprefix("\ufeff")


def _lists(value: Any, path: str) -> Iterator[tuple[str, int]]:
    """(dotted path, number of objects) of every list of objects; names with a dot can't be told."""
    if isinstance(value, list):
        if value and all(isinstance(one, dict) for one in value[:50]):
            yield path, len(value)
    elif isinstance(value, dict) and path.count(".") < _DEEPEST:
        for name, inner in value.items():
            if "." not in name and name:
                yield from _lists(inner, f"{path}.{name}" if path else name)


def _totals(value: Any, path: str, count: str) -> Iterator[str]:
    """Paths of numbers called total or count, those that are at least the number of records."""
    if not isinstance(value, dict) or path.count(".") >= _DEEPEST:
        return
    for name, inner in value.items():
        here = f"{path}.{name}" if path else name
        if name.lower() in ("total", "totalcount", "count", "totalrows") and isinstance(
            inner, str
        ):
            if inner.isdecimal() and int(inner) >= int(count):
                yield here
        elif "." not in name:
            yield from _totals(inner, here, count)
