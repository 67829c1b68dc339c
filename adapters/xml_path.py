"""Where in an XML file its rows are: `/Data/Rows/Row`, or `//item` wherever one stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.xml_elements import Element, local_name

_PART = r"[^\s/@.*:\[\]()][^\s/@*:\[\]()]*"
_NAME = rf"{_PART}(?::{_PART})?"
_STEP = rf"(?:\*|{_NAME})"
#: A path to rows, as a pattern of JSON Schema: its last step names the rows' element.
ROWS = rf"^//?(?:{_STEP}/)*{_NAME}$"
#: A path from a row to a cell: elements, an attribute, the text of the row, or up to what is above.
CELL = rf"^(?:text\(\)|(?:\.\./)*(?:{_NAME}/)*(?:@{_NAME}|{_NAME}(?:/text\(\))?))$"


@dataclass(slots=True)
class RowPath:
    """`told` has the form of `ROWS`; `namespaces` are the feed's prefixes and their URIs.

    A step without a prefix is an element's name in any namespace. One with a prefix that the feed
    declares is in that namespace, with any other it is as the file writes it. What is in a row is
    part of it, even where it has a row's name.
    """

    told: str
    namespaces: Mapping[str, str]
    met: bool = False  # whether what holds the rows was there
    _steps: list[str] = field(init=False)
    _named: dict[str, bool] = field(init=False, default_factory=dict)
    _parent: Element | None = field(init=False, default=None)
    _fits: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._steps = self.told.lstrip("/").split("/")
        self.met = self.anywhere or self._steps[-2:-1] == ["*"]  # nothing to be met

    @property
    def anywhere(self) -> bool:
        """Whether the rows may stand at any depth."""
        return self.told.startswith("//")

    @property
    def names(self) -> set[str]:
        """Local names of the rows and of what holds them, where the path says it."""
        return {step.rpartition(":")[2] for step in self._steps[-2:]} - {"*"}

    def is_row(self, element: Element) -> bool:
        """Whether the element is a row."""
        tag = element.tag
        if tag not in self._named:
            self._named[tag] = self._is(element, self._steps[-1])
        return self._named[tag] and self.is_below(element.getparent())

    def is_below(self, parent: Element | None) -> bool:
        """Whether a row may stand right below `parent`; the last answer is kept."""
        if parent is None:
            return len(self._steps) == 1
        if parent is not self._parent:
            self._parent, self._fits = parent, self._may_hold(parent)
        return self._fits

    def hold(self, element: Element) -> None:
        """Note that the element was met; it may be what holds the rows."""
        self.met = self.met or self.is_below(element)

    def _may_hold(self, parent: Element) -> bool:
        way = [parent, *parent.iterancestors()][::-1]
        if not self.anywhere:
            return self._ends(way, self._steps[:-1]) and len(way) == len(self._steps) - 1
        outer = any(self._ends(way[:depth], self._steps) for depth in range(1, len(way) + 1))
        return not outer and self._ends(way, self._steps[:-1])

    def _ends(self, way: list[Element], steps: list[str]) -> bool:
        if len(way) < len(steps):
            return False
        tail = way[len(way) - len(steps) :]
        return all(map(self._is, tail, steps))

    def _is(self, element: Element, step: str) -> bool:
        prefix, _, name = step.rpartition(":")
        if name not in ("*", local_name(element)):
            return False
        if prefix in self.namespaces:
            return bool(element.tag == f"{{{self.namespaces[prefix]}}}{name}")
        return not prefix or element.prefix == prefix
