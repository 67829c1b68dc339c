"""The whole dataset as a table that can be filtered, sorted and taken along.

Pages go by a cursor, so the last one takes as long as the first. A download has every record of the
selection; a few at a time are made, so that they can't take the machine from the readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response as AnyResponse

from exchange_schemas.standard import Field, Standard
from publisher.portal.pages import chinese, library, released
from publisher.portal.shown import title_of
from publisher.portal.table_form import form_of, other_language, tidy_address
from publisher.portal.table_view import View, read_view, shown_fields
from publisher.query import Rows
from publisher.selected_file import FORMATS, selected_file
from publisher.tables import chosen

table = Blueprint("table", __name__)

ROWS = 25  # on a page
AT_ONCE = 2  # downloads of selections that are made at the same time
RETRY_SECONDS = 20
TYPES = {"records.csv": "text/csv", "records-excel.csv": "text/csv",
         "records.jsonl": "application/x-ndjson"}  # fmt: skip

_making = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Column:
    """A shown column; `sorted` is "ascending", "descending" or None, `turn` the address of the view
    sorted by it the other way, None: it can't be sorted by."""

    field: Field
    title: str
    sorted: str | None
    turn: str | None


@table.get("/datasets/<dataset>/table")
def page(dataset: str) -> str | AnyResponse:
    """One page of a view."""
    release, standard = released(dataset)
    view = read_view(standard, request.args)
    tidy = tidy_address(standard, view)
    if tidy is not None:
        return redirect(tidy)
    found = _rows(dataset, view)
    told = view.arguments(standard)
    following = url_for("table.page", dataset=dataset, **told, after=found.after)
    return render_template(
        "table.html",
        release=release,
        standard=standard,
        form=form_of(release, standard, view),
        columns=[_column(standard, view, name) for name in view.columns],
        rows=found,
        following=following if found.after else None,
        formats=FORMATS,
        followed=_followed(standard, view),
        topic=_followed(standard, view, days=False),
        other_language=other_language(standard, view),
    )


def _rows(dataset: str, view: View) -> Rows:
    asked = view.selection
    where: dict[str, str | list[str]] = {name: list(v) for name, v in asked.where.items()}
    return library().rows(
        dataset, where, asked.words, asked.filters, view.sort, after=view.after, size=ROWS
    )


def _followed(standard: Standard, view: View, days: bool = True) -> dict[str, str] | None:
    """What a feed or a subscription of the view asks for; None: neither knows its conditions.

    Days that are over would find nothing new, so a subscription goes without them.
    """
    if view.selection.where or not view.selection:
        return None
    left_out = {"sort", "columns"} if days else {"sort", "columns", "since", "until"}
    told = view.arguments(standard)
    return {"dataset": standard.dataset} | {n: v for n, v in told.items() if n not in left_out}


def _column(standard: Standard, view: View, name: str) -> Column:
    field = shown_fields(standard)[name]
    down = view.sort == f"-{name}"
    now = "descending" if down else "ascending" if view.sort == name else None
    # Who sorts by a day or an amount mostly wants the latest or largest first.
    first = f"-{name}" if field.kind in ("date", "datetime", "decimal", "integer") else name
    other = name if down else f"-{name}"
    told = view.arguments(standard) | {"sort": other if now else first}
    turn = (
        None if field.kind == "list" else url_for("table.page", dataset=standard.dataset, **told)
    )
    return Column(field, title_of(field, chinese()), now, turn)


@table.get("/datasets/<dataset>/selection/<name>")
def download(dataset: str, name: str) -> Response:
    """All records of a selection, with all fields, as a file of one of the release's formats."""
    release, standard = released(dataset)
    form = FORMATS.get(name)
    if form is None:
        abort(404)
    if not _making.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=RETRY_SECONDS)
    try:
        selection = read_view(standard, request.args).selection
        flags = chosen(library().store, release, standard, selection)
    except BaseException:
        _making.release()
        raise
    response = Response(_Making(selected_file(form, release, standard, flags)))
    response.mimetype = TYPES[name]
    count = int(flags.sum())
    stem, _, ending = name.removeprefix("records").partition(".")
    file = f"{dataset}-{release.number}-selection-{count}{stem}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    response.headers["X-Record-Count"] = str(count)
    response.headers["Cache-Control"] = "public, no-cache"
    return response


class _Making:
    """The bytes of a file, which lets the next download in when it is read or else closed."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._blocks
        finally:
            self.close()

    def close(self) -> None:
        """Called by the server at the end, whatever happened."""
        if self._open:
            self._open = False
            _making.release()
