"""A row's element as cells: names of columns, and texts.

Elements and attributes in a row are columns: `name`, `outer.name`, `@id`, `name.@id`, and `text()`
for the row's own text. What stands in a row more than once becomes a JSON list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from adapters.xml_elements import Element

Names = tuple[str, ...]
Texts = list[str]  # "" where there is nothing

OWN = "text()"
MOST_SHAPES = 1_000
#: Attributes of elements with these names say how the XML is built, not what is recorded.
_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"

# Blank text between elements isn't in the tree: what is left is text of the row itself. To ask once
# for all rows of a block takes a tenth of the time.
_more_than_elements = etree.XPath("boolean(@* | */@* | text())")
_more_in_rows = etree.XPath("boolean(*/@* | */*/@* | */text())")


@dataclass(slots=True)
class Cells:
    """`namespaces` are the feed's prefixes and URIs, `lists` columns that are lists in every row."""

    namespaces: Mapping[str, str]
    lists: frozenset[str] = frozenset()
    _prefixes: dict[str, str] = field(init=False)
    _named: dict[str, str] = field(init=False, default_factory=dict)
    _shapes: dict[tuple[str, ...], Names] = field(init=False, default_factory=dict)
    _tags: list[str] = field(init=False, default_factory=list)
    _names: Names = field(init=False, default=())

    def __post_init__(self) -> None:
        self._prefixes = {uri: prefix for prefix, uri in self.namespaces.items()}

    def plain(self, rows: list[Element]) -> bool:
        """Whether there is nothing but elements in these rows: no attributes, no text between."""
        parents = {row.getparent() for row in rows}
        return not any(parent is None or _more_in_rows(parent) for parent in parents)

    def of(self, row: Element, plain: bool = False) -> tuple[Names, Texts]:
        """The row's cells. Rows of one shape have the same `Names`, object for object."""
        tags: list[str] = []
        texts: Texts = []
        for one in row.iterdescendants():
            tags.append(one.tag)
            texts.append(one.text or "")
        if len(tags) == len(row) and (plain or not _more_than_elements(row)):
            if tags == self._tags:
                return self._names, texts
            names = tuple(self.name(one) for one in row.iterchildren(etree.Element))
            if len(names) == len(tags) == len(set(names)) and self.lists.isdisjoint(names):
                self._tags, self._names = tags, self._shape(names)
                return self._names, texts
        return self._nested(row)

    def name(self, element: Element) -> str:
        """Its name with the feed's prefix, else with the one it is written with."""
        found = self._named.get(element.tag)
        if found is None:
            space, _, local = element.tag.rpartition("}")
            prefix = self._prefixes.get(space[1:], element.prefix)
            found = f"{prefix}:{local}" if prefix else local
            self._named[element.tag] = found
        return found

    def _shape(self, names: Names) -> Names:
        if len(self._shapes) > MOST_SHAPES:
            self._shapes.clear()
        return self._shapes.setdefault(names, names)

    def _nested(self, row: Element) -> tuple[Names, Texts]:
        found: dict[str, Texts] = {}
        for name, text in self._walk(row, ""):
            found.setdefault(name, []).append(text)
        own = _own_text(row)
        if own:
            found[OWN] = [own]
        texts = [
            json.dumps(cells, ensure_ascii=False)
            if len(cells) > 1 or name in self.lists
            else cells[0]
            for name, cells in found.items()
        ]
        return self._shape(tuple(found)), texts

    def _walk(self, element: Element, before: str) -> Iterator[tuple[str, str]]:
        for name, value in self.attributes(element).items():
            yield f"{before}@{name}", value
        for one in element.iterchildren(etree.Element):
            name = before + self.name(one)
            own = _own_text(one) if len(one) else one.text or ""
            if own or not len(one):
                yield name, own
            yield from self._walk(one, f"{name}.")

    def attributes(self, element: Element) -> dict[str, str]:
        """Its attributes by their names with prefixes, without those that speak of a schema."""
        return {
            self._attribute(element, tag): value
            for tag, value in element.items()
            if not tag.startswith(_SCHEMA)
        }

    def _attribute(self, element: Element, tag: str) -> str:
        space, _, local = tag.rpartition("}")
        if not space:
            return local
        written = next((p for p, uri in element.nsmap.items() if p and uri == space[1:]), None)
        prefix = self._prefixes.get(space[1:], written or "xml")
        return f"{prefix}:{local}"


def _own_text(element: Element) -> str:
    """The text that is the element's, and not that of one in it."""
    parts = [element.text or "", *((one.tail or "") for one in element)]
    return "".join(parts).strip()
