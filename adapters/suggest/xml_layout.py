"""Which elements of an XML document are the records: those that repeat and have the most in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lxml import etree

from adapters.suggest.head import Head
from adapters.xml_elements import local_name, open_parser
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

Path = tuple[str, ...]


def rows_options(head: Head) -> dict[str, Any]:
    """`rows` of the document, from its first bytes.

    Raises SourceUnreadable (suggest_no_table) where no element comes twice.
    """
    counts: Counter[Path] = Counter()
    leaves: dict[Path, set[str]] = {}
    for path, names in _elements(head.data):
        counts[path] += 1
        leaves.setdefault(path, set()).update(names)
    found = {
        path: count * len(leaves[path])
        for path, count in counts.items()
        if count > max(1, counts[path[:-1]]) and len(leaves[path]) > 1
    }
    if not found:
        raise SourceUnreadable(Issue("suggest_no_table", file=head.artefact.name))
    best = max(found, key=lambda path: (found[path], -len(path)))
    return {"rows": "/" + "/".join(best)}


def _elements(data: bytes) -> Iterator[tuple[Path, set[str]]]:
    """Every element's path, and the names of what it has besides further levels."""
    parser = open_parser(tag="*", events=("start", "end"))
    path: list[str] = []
    # what is wrong the reader will say; up to there the head can be looked at
    with suppress(etree.XMLSyntaxError):
        parser.feed(data)
    for event, element in parser.read_events():
        if event == "start":
            path.append(local_name(element))
            continue
        leaves = {local_name(child) for child in element if not len(child)}
        yield tuple(path), leaves | {f"@{name}" for name in element.attrib}
        path.pop()
