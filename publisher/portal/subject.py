"""A company's page: everything public about it on a line of time; the same as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from flask import Response, abort, render_template, request

from publisher.portal.event_files import as_csv, as_json
from publisher.portal.events import Event, events_of
from publisher.portal.pages import (
    LONGEST_QUERY,
    asked_page,
    being_updated,
    chinese,
    disclaimers,
    library,
    pages,
    titles,
)

PAGE = 200  # records on a page


@dataclass(frozen=True, slots=True)
class Subject:
    """A company, and what was published about it, the newest first."""

    code: str
    name: str
    events: list[Event]


def known_subject(code: str) -> Subject:
    """404 where nothing is known of it; 503 where something may be, of a dataset being updated."""
    code = "".join(code[:LONGEST_QUERY].split()).upper()
    events = events_of(library(), code, chinese())
    if not events and library().updating():
        raise being_updated()
    if not events:
        abort(404)
    return Subject(code, name_in(events) or code, events)


def name_in(events: Iterable[Event]) -> str | None:
    """What the newest record that says it calls the subject."""
    return next((one.subject for one in events if one.subject), None)


@pages.get("/subjects/<code>")
def subject(code: str) -> str:
    """One company across all datasets, or `?dataset=` one of them."""
    found = known_subject(code)
    counts = Counter(one.hit.dataset for one in found.events)
    only = request.args.get("dataset")
    only = only if only in counts else None
    events = [one for one in found.events if only in (None, one.hit.dataset)]
    pages_in_all = -(-len(events) // PAGE)
    page = min(asked_page(), pages_in_all)
    shown_events = events[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "subject.html",
        subject=found,
        counts=counts,
        only=only,
        years=[(year, list(them)) for year, them in groupby(shown_events, lambda one: one.year)],
        total=len(events),
        by_year=Counter(one.year for one in events),
        page=page,
        pages_in_all=pages_in_all,
        notes=disclaimers(one.hit.dataset for one in shown_events),
        updating=library().updating(),
        titles=titles(),
    )


@pages.get("/subjects/<code>.csv")
def subject_csv(code: str) -> Response:
    """The company's records as a table for spreadsheets."""
    found = known_subject(code)
    return _file(as_csv(found.events, titles(), chinese()), "text/csv", f"{found.code}.csv")


@pages.get("/subjects/<code>.json")
def subject_json(code: str) -> Response:
    """The company's records as released, for programs."""
    found = known_subject(code)
    content = as_json(found.code, found.name, found.events, titles())
    return _file(content, "application/json", f"{found.code}.json")


def _file(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "public, no-cache"  # a record may be taken back any day
    response.vary.add("Cookie")
    response.add_etag()
    response.make_conditional(request)
    return response
