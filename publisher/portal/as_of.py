"""What of a dataset was public on a day, and what differs between two days.

Nothing here says anything of a party: a record is its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import polars as pl
from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from publisher import as_of as past
from publisher.as_of import History
from publisher.columns import RECORD_ID
from publisher.history import REMOVED
from publisher.manifest import Release
from publisher.portal.pages import asked_page, library, released

as_of = Blueprint("as_of", __name__)

ROWS = 50  # on a page
JSON_ROWS = 1_000  # in one answer to a program
KINDS = (REMOVED, past.CHANGED, past.ADDED)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST = 100  # characters of a cursor that are looked at


@as_of.get("/datasets/<dataset>/as-of/")
def choose(dataset: str) -> AnyResponse:
    """The form of the pages leads here: to the day that was chosen, or to what differs between two."""
    release, _ = released(dataset)
    day, other = (request.args.get(name, "") for name in ("day", "other"))
    days = sorted(_checked(release, one) for one in (day, other) if one)
    if len(days) == 2:
        return redirect(url_for("as_of.difference", dataset=dataset, day=days[0], other=days[1]))
    chosen = days[0] if days else library().today().isoformat()
    return redirect(url_for("as_of.day", dataset=dataset, day=chosen))


@as_of.get("/datasets/<dataset>/as-of/<day>")
def day(dataset: str, day: str) -> str:
    """The records that were public on a day, or those that had been and weren't."""
    release, standard = released(dataset)
    history, number = _asked(release, day)
    state = REMOVED if request.args.get("kind") == REMOVED else past.PUBLIC
    rows = past.standing(history, number, state, after(), ROWS + 1)
    return render_template(
        "as_of.html",
        release=release,
        standard=standard,
        day=day,
        state=state,
        then=library().release(dataset, number) if number else None,
        known_from=_known_from(history, number),
        counts={
            past.PUBLIC: past.count_public(history, number),
            REMOVED: past.count_removed(history, number),
        },
        rows=list(rows.head(ROWS).iter_rows(named=True)),
        following=rows[RECORD_ID][ROWS - 1] if rows.height > ROWS else None,
        first_day=history.days[0],
        today=library().today().isoformat(),
    )


@as_of.get("/datasets/<dataset>/as-of/<day>/records.csv")
def day_csv(dataset: str, day: str) -> Response:
    """All of `day` as CSV: the columns of `as_of.COLUMNS`."""
    history, number = _asked(released(dataset)[0], day)
    return _csv(past.slices(history, number), past.COLUMNS, f"{dataset}-{day}.csv")


@as_of.get("/datasets/<dataset>/as-of/<day>/records.json")
def day_json(dataset: str, day: str) -> Response:
    """A part of `day` for programs, with the address of the next part."""
    history, number = _asked(released(dataset)[0], day)
    state = REMOVED if request.args.get("kind") == REMOVED else past.PUBLIC
    rows = past.standing(history, number, state, after(), JSON_ROWS)
    following = None
    if rows.height == JSON_ROWS:
        last = rows[RECORD_ID][-1]
        following = url_for("as_of.day_json", dataset=dataset, day=day, after=last, kind=state)
    told = {
        "dataset": dataset,
        "day": day,
        "release": number or None,
        "public": past.count_public(history, number),
        "removed": past.count_removed(history, number),
        "records": list(rows.iter_rows(named=True)),
        "next": following,
    }
    return _json(told)


@as_of.get("/datasets/<dataset>/as-of/<day>/<other>")
def difference(dataset: str, day: str, other: str) -> str:
    """What differs between two days, with the reasons for removals."""
    release, standard = released(dataset)
    history, table = _difference(release, day, other)
    kinds = dict(table["change"].value_counts().iter_rows())
    wanted = request.args.get("kind")
    shown = table.filter(pl.col("change") == wanted) if wanted in KINDS else table
    page = min(asked_page(), max(1, -(-shown.height // ROWS)))
    return render_template(
        "as_of_difference.html",
        release=release,
        standard=standard,
        day=day,
        other=other,
        kind=wanted if wanted in KINDS else None,
        kinds=[(kind, kinds.get(kind, 0)) for kind in KINDS],
        known_from=_known_from(history, history.release_on(day)),
        rows=list(shown.slice((page - 1) * ROWS, ROWS).iter_rows(named=True)),
        page=page,
        pages_in_all=-(-shown.height // ROWS),
        first_day=history.days[0],
        today=library().today().isoformat(),
    )


@as_of.get("/datasets/<dataset>/as-of/<day>/<other>/differences.csv")
def difference_csv(dataset: str, day: str, other: str) -> Response:
    """All of `difference` as CSV: the columns of `as_of.DIFFERENCES`."""
    _, table = _difference(released(dataset)[0], day, other)
    return _csv(table.iter_slices(JSON_ROWS), past.DIFFERENCES, f"{dataset}-{day}-{other}.csv")


@as_of.get("/datasets/<dataset>/as-of/<day>/<other>/differences.json")
def difference_json(dataset: str, day: str, other: str) -> Response:
    """A part of `difference` for programs, with the address of the next part."""
    _, table = _difference(released(dataset)[0], day, other)
    page = asked_page()
    following = None
    if table.height > page * JSON_ROWS:
        following = url_for(
            "as_of.difference_json", dataset=dataset, day=day, other=other, page=page + 1
        )
    rows = table.slice((page - 1) * JSON_ROWS, JSON_ROWS)
    told = {
        "dataset": dataset,
        "days": [day, other],
        "counts": {kind: int((table["change"] == kind).sum()) for kind in KINDS},
        "records": list(rows.iter_rows(named=True)),
        "next": following,
    }
    return _json(told)


def _checked(release: Release, day: str) -> str:
    """The day, if it is one up to today; else 404: of what is to come nothing is known."""
    last = max(library().today(), date.fromisoformat(release.created_at[:10]))
    try:
        known = _DAY.fullmatch(day) is not None and date.fromisoformat(day) <= last
    except ValueError:
        known = False
    if not known:
        abort(404)
    return day


def _asked(release: Release, day: str) -> tuple[History, int]:
    history = past.history_of(release)
    return history, history.release_on(_checked(release, day))


def _difference(release: Release, day: str, other: str) -> tuple[History, pl.DataFrame]:
    history, before = _asked(release, day)
    if _checked(release, other) < day:
        abort(404)
    return history, past.difference(history, before, history.release_on(other))


def _known_from(history: History, number: int) -> int | None:
    """The first release whose changes are known, where that is a later one than was asked for."""
    return history.first if 0 < number < history.first else None


def after() -> str:
    """The record id behind which a list goes on, as the address says."""
    return request.args.get("after", "")[:_LONGEST]


def _csv(parts: Iterable[pl.DataFrame], columns: Iterable[str], name: str) -> Response:
    def lines() -> Iterator[str]:
        yield ",".join(columns) + "\r\n"
        for part in parts:
            yield part.select(columns).write_csv(include_header=False, line_terminator="\r\n")

    response = Response(lines(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def _json(told: dict[str, Any]) -> Response:
    response = jsonify(told)
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
