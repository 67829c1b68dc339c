"""The form in which rejected rows are corrected: what it shows of a row, and what came back changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exchange_schemas.issue import Issue
from exchange_schemas.sealed import HIDDEN
from hub import run_pages
from hub.quarantine import RejectedRow
from hub.quarantine_book import blamed_cells, number_of, shown

#: Of a page: a form has to stay well below what the server takes of one (500 kB, nine bytes a character).
MOST_CELLS, MOST_CHARACTERS, LONGEST_CELL = 600, 30_000, 8_000
_CELL = re.compile(r"cell-(\d{1,10}):(\d{1,18})-(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the form: `name` of its input, None where it can't be corrected here; `why` says what
    is wrong with it."""

    column: str
    name: str | None
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class FormRow:
    """A rejected row: the cells to blame first, the others after; `issues` are those of no cell."""

    row: RejectedRow
    issues: Sequence[Issue]
    blamed: Sequence[Cell]
    others: Sequence[Cell]


def form_row(
    row: RejectedRow, sources: Mapping[str, Sequence[str]], closed: Collection[str], locale: str
) -> FormRow:
    """The row as the form shows it; nothing of `closed` columns."""
    told = replace(
        row, issues=[replace(one, line=None) for one in row.issues]
    )  # the heading says it
    blame = blamed_cells(told, sources, locale)
    cells = [_cell(row, place, column, closed, blame) for place, column in enumerate(row.cells)]
    rest = [one for one in told.issues if not blamed_cells(replace(row, issues=[one]), sources)]
    return FormRow(row, rest, [c for c in cells if c.why], [c for c in cells if not c.why])


def fitting(rows: Sequence[RejectedRow]) -> list[RejectedRow]:
    """As many of the first rows as go into one form; one at least."""
    taken: list[RejectedRow] = []
    cells = characters = 0
    for row in rows:
        cells += len(row.cells)
        characters += sum(len(cell or "") for cell in row.cells.values())
        if taken and (cells > MOST_CELLS or characters > MOST_CHARACTERS):
            break
        taken.append(row)
    return taken


def places_in(form: Mapping[str, str]) -> list[tuple[int, int]]:
    """The (run, place) of the rows of a form that came back."""
    found = (_CELL.fullmatch(name) for name in form)
    pairs = {(int(one[1]), int(one[2])) for one in found if one}
    return sorted(pair for pair in pairs if pair[0] <= run_pages.LARGEST)


def changed(
    rows: Sequence[RejectedRow], form: Mapping[str, str], closed: Collection[str]
) -> dict[str, dict[str, str]]:
    """Number of a row → column → cell, of what isn't as it was shown. What the form doesn't show can't
    be changed by it."""
    found = {number_of(row): dict(_changed(row, form, closed)) for row in rows}
    return {number: cells for number, cells in found.items() if cells}


def _changed(
    row: RejectedRow, form: Mapping[str, str], closed: Collection[str]
) -> Iterator[tuple[str, str]]:
    for place, (column, cell) in enumerate(row.cells.items()):
        given = form.get(_name(row, place))
        if given is None or not _is_open(column, cell, closed):
            continue
        text = shown(given)
        if text != shown(cell):
            yield column, text


def _cell(
    row: RejectedRow, place: int, column: str, closed: Collection[str], blame: Mapping[str, str]
) -> Cell:
    cell = row.cells[column]
    why = blame.get(column, "")
    if column in closed:
        return Cell(column, None, HIDDEN if cell else "", why)
    name = _name(row, place) if _is_open(column, cell, closed) else None
    return Cell(column, name, shown(cell), why)


def _is_open(column: str, cell: str | None, closed: Collection[str]) -> bool:
    return column not in closed and len(cell or "") <= LONGEST_CELL


def _name(row: RejectedRow, place: int) -> str:
    return f"cell-{number_of(row)}-{place}"
