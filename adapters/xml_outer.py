"""What stands above a row in an XML file and belongs to it: `../Header/flow`, `../@date`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.xml_cells import Cells, Names, Texts
from adapters.xml_elements import Element

UP = "../"


@dataclass(slots=True)
class Outer:
    """`columns` are paths that start with `../`; their cells are looked up once for the rows that
    stand in the same element, so what they name must stand before the first of these.
    """

    columns: Names
    cells: Cells
    _parent: Element | None = field(init=False, default=None)
    _texts: Texts = field(init=False, default_factory=list)
    _joined: dict[Names, Names] = field(init=False, default_factory=dict)

    @property
    def keep(self) -> frozenset[str]:
        """Local names of the elements before a row that are asked for."""
        firsts = {path.rpartition(UP)[2].partition("/")[0] for path in self.columns}
        return frozenset(name.rpartition(":")[2] for name in firsts if not name.startswith("@"))

    def join(self, row: Element, names: Names, texts: Texts) -> tuple[Names, Texts]:
        """The row's own cells, and behind them those from above."""
        if not self.columns:
            return names, texts
        parent = row.getparent()
        if parent is not self._parent or parent is None:
            self._parent = parent
            self._texts = [self._text(row, path) for path in self.columns]
        if names not in self._joined:
            self._joined = {names: names + self.columns}
        return self._joined[names], [*texts, *self._texts]

    def _text(self, row: Element, path: str) -> str:
        *ups, rest = path.split(UP)
        found: Element | None = row
        for _ in ups:
            found = None if found is None else found.getparent()
        for place, step in enumerate(rest.removesuffix("/text()").split("/")):
            if found is None or step.startswith("@"):
                return "" if found is None else self.cells.attributes(found).get(step[1:], "")
            beside = reversed(found) if place == 0 else iter(found)  # the last one before the row
            found = next((one for one in beside if self.cells.name(one) == step), None)
        return "" if found is None else found.text or ""


def outer_of(paths: Iterable[str], cells: Cells) -> Outer:
    """What is to be looked up of these paths from a row."""
    return Outer(tuple(path for path in paths if path.startswith(UP)), cells)
