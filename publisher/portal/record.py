"""A record's page, at its permanent address, and the record as JSON."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import Response, abort, current_app, render_template, request
from markupsafe import Markup

from exchange_schemas.record import canonical, digest
from exchange_schemas.standard import Standard
from publisher.columns import OBJECTION, PUBLISHED_ON, hub_fields
from publisher.manifest import Release
from publisher.portal import shown
from publisher.portal.first_release import first_release
from publisher.portal.pages import chinese, library, pages, released
from publisher.portal.removed import Removed, tombstone

_MEANINGS = 1000  # tables of meanings that are kept


@pages.get("/datasets/<dataset>/records/<record_id>")
def record(dataset: str, record_id: str) -> str:
    """One record: what it says, what that means, where it comes from, how to check and to object."""
    release, standard, found = current(dataset, record_id)
    roles = standard.roles
    day = found.get(PUBLISHED_ON) if PUBLISHED_ON in hub_fields(standard) else None
    return render_template(
        "record.html",
        release=release,
        standard=standard,
        record_id=record_id,
        cells=shown.cells(standard, found, chinese()),
        meanings=meanings(standard, found),
        name=found.get(roles.name or "") or record_id,
        code=found.get(roles.code or ""),
        objected=OBJECTION in hub_fields(standard) and bool(found.get(OBJECTION)),
        first=first_release(library(), release, record_id, day) if day else None,
        published_on=day,
        commitment=digest(found).hex(),
    )


def meanings(standard: Standard, found: dict[str, Any]) -> Markup:
    """What the fields of a record mean, as HTML: the same for all records that have the same ones."""
    known: dict[Hashable, Markup] = current_app.extensions.setdefault("meanings", {})
    key = (standard.dataset, standard.version, chinese(), *found)
    if key not in known:
        if len(known) >= _MEANINGS:
            known.clear()
        told = shown.meanings(standard, found)
        known[key] = Markup(render_template("meanings.html", meanings=told))  # noqa: S704 - escaped
    return known[key]


@pages.get("/datasets/<dataset>/records/<record_id>.json")
def record_json(dataset: str, record_id: str) -> Response:
    """The record's line of records.jsonl: the bytes whose SHA-256 is its commitment."""
    _, _, found = current(dataset, record_id)
    response = Response(canonical(found), mimetype="application/json")
    response.headers["Cache-Control"] = "public, no-cache"  # it may be taken back any day
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response


def current(dataset: str, record_id: str) -> tuple[Release, Standard, dict[str, Any]]:
    """The dataset's current release and standard, and the record in it.

    410 where the record was taken back, 404 where it never was public.
    """
    release, standard = released(dataset)
    found = library().record(dataset, record_id)
    if found is None:
        stone = tombstone(release, record_id)
        if stone is not None:
            raise Removed(dataset, stone)
        abort(404)
    return release, standard, found
