"""The page of records that were taken back: which, when, why, and where each is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import abort, current_app, render_template, request

from exchange_schemas.days import HERE
from exchange_schemas.standard import Standard
from publisher.news import Change, withdrawn
from publisher.portal.pages import PAGE_SIZE, asked_page, library, pages, pages_of
from publisher.portal.speech import text
from publisher.retractions import Retractions, read_retractions

MOST = 1_000  # of a dataset, the newest; tombstones.csv has all
OWN = ("files", "search", "feeds")


@dataclass(frozen=True, slots=True)
class Surface:
    """A place where a record could be read, and when it was seen to be gone there (None: not yet)."""

    title: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One record that was taken back; `told` and `confirmed` count consumers."""

    change: Change
    standard: Standard
    day: str
    surfaces: tuple[Surface, ...]
    told: int
    confirmed: int

    @property
    def open(self) -> bool:
        """Whether somebody may still hold it."""
        return self.told > self.confirmed or any(one.at is None for one in self.surfaces)


@pages.get("/retractions")
def retractions() -> str:
    """The newest records that were taken back, of all datasets or of `?dataset=`."""
    asked = request.args.get("dataset")
    known = [one.dataset for one in library().datasets()]
    if asked is not None and asked not in known:
        abort(404)
    found = [change for name in known if asked in (None, name)
             for change in withdrawn(library(), name, MOST)]  # fmt: skip
    found.sort(key=lambda one: (one.at, one.dataset, one.record_id), reverse=True)
    pages_in_all = max(1, pages_of(len(found)))
    page = min(asked_page(), pages_in_all)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return render_template(
        "retractions.html", rows=_rows(shown), total=len(found), page=page,
        pages_in_all=pages_in_all, asked=asked,
    )  # fmt: skip


def _rows(changes: list[Change]) -> list[Row]:
    folder: Path | None = current_app.config.get("RETRACTIONS")
    names = {one.dataset for one in changes}
    told = {name: _told(folder, name) for name in names}
    return [_row(one, told[one.dataset]) for one in changes]


def _told(folder: Path | None, dataset: str) -> Retractions:
    nothing = Retractions(dataset, {}, {}, {})
    return nothing if folder is None else read_retractions(folder, dataset)


def _row(change: Change, known: Retractions) -> Row:
    words = {"files": text("Files"), "search": text("Pages and search"), "feeds": text("Feeds")}
    surfaces = [Surface(words[name], _moment(known.gone_at(name, change.release))) for name in OWN]
    surfaces += [
        Surface(title, _moment(known.gone_at(name, change.release)))
        for name, title in known.titles.items()
    ]
    told, confirmed = known.consumers.get(change.record_id, (0, 0))
    standard = library().catalogue.get(change.dataset)
    return Row(change, standard, change.at[:10], tuple(surfaces), told, confirmed)


def _moment(at: str | None) -> str | None:
    """A moment as people here read it."""
    return None if at is None else datetime.fromisoformat(at).astimezone(HERE).strftime("%F %T")
