"""One page of an interface: as much of it as paging needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from adapters.http_auth import at
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are the page's records, as mappings, lists or texts; `document` is what the paths go
    through. `total` is None where the page doesn't say it."""

    rows: list[Any]
    total: int | None
    document: Any


def read_page(body: bytes, content: str, options: Mapping[str, Any], number: int) -> Page:
    """The page; raises SourceUnreadable: page_unreadable, page_place_missing."""
    document = _xml(body, number) if content == "xml" else _json(body, number)
    path = str(options.get("rows", ""))
    rows = _elements(document, path) if content == "xml" else _list(document, path)
    if rows is None:
        raise place_missing(path, number)
    total = at(document, str(options["total"])) if "total" in options else None
    known = str(total) if isinstance(total, int | str) else ""
    return Page(rows, int(known) if known.isdecimal() else None, document)


def place_missing(path: str, number: int) -> SourceUnreadable:
    """Page `number` has nothing of use at `path`."""
    words = {"page": str(number)}
    return SourceUnreadable(Issue("page_place_missing", value=path or "$", params=words))


def _json(body: bytes, number: int) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(number, "JSON", str(error)[:100]) from error


def _xml(body: bytes, number: int) -> Any:
    """The document as mappings, lists and texts: attributes are `@name`, repeated children a list."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable(number, "XML", str(error)[:100]) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _unreadable(number, "XML", "DOCTYPE")
    return {etree.QName(root).localname: _told(root)}


def _told(element: Any) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children and not element.attrib:
        return element.text or ""
    found: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
    for child in children:
        name, value = etree.QName(child).localname, _told(child)
        if name in found:
            held = found[name]
            found[name] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            found[name] = value
    return found


def _list(document: Any, path: str) -> list[Any] | None:
    """The records at the path; null is how many an interface writes that there are none."""
    found = at(document, path)
    above, _, name = path.rpartition(".")
    holder = at(document, above)
    if found is None and isinstance(holder, Mapping) and name in holder:
        return []
    return found if isinstance(found, list) else None


def _elements(document: Any, path: str) -> list[Any] | None:
    """The records at the path; one alone is no list in XML, and none is nothing at all."""
    found = at(document, path)
    if found is None or found == "":
        return [] if at(document, path.rpartition(".")[0]) is not None else None
    return found if isinstance(found, list) else [found]


def _unreadable(number: int, format_: str, reason: str) -> SourceUnreadable:
    words = {"format": format_, "reason": reason}
    return SourceUnreadable(Issue("page_unreadable", value=str(number), params=words))
