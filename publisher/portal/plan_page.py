"""Progress against the city's plan, from the release of target_progress."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from exchange_schemas.language import DEFAULT_LOCALE
from exchange_schemas.plan_targets import the_plan
from publisher.files import EXCEL, WORKBOOK
from publisher.portal import drawing
from publisher.portal.pages import chinese, library, pages, released
from publisher.portal.plan_view import (
    DATASET,
    Progress,
    by_sub_plan,
    chart,
    counts_by_state,
    progress_by_target,
)
from publisher.portal.speech import text

_PART = 500  # records that are read at a time
_DAY_SECONDS = 24 * 3600


@pages.get("/plan")
def plan() -> str:
    """All targets: what was measured last, what was to be reached by when, and whether it is."""
    release = library().latest(DATASET)
    found = _progress() if release is not None else {}
    return render_template(
        "plan.html",
        release=release,
        groups=by_sub_plan(found),
        states=counts_by_state(found),
        contradictions=the_plan().contradictions.values() if found else (),
        files=_files(),
    )


@pages.get("/plan/<target>")
def plan_target(target: str) -> str:
    """One target: its value over time against its steps, the plan's words, and what contradicts them."""
    released(DATASET)
    one = _one(target)
    spec = _spec(one, narrow=False)
    more: dict[str, Any] = {} if chinese() else {"lang": "en"}
    return render_template(
        "plan_target.html",
        one=one,
        wide=url_for("pages.plan_picture", target=target, **more),
        narrow=url_for("pages.plan_picture", target=target, narrow=1, **more),
        size=(spec["width"], spec["height"]),
        files=_files(),
    )


@pages.get("/plan/<target>/chart.svg")
def plan_picture(target: str) -> AnyResponse:
    """The chart of a target. The language is the address's alone."""
    released(DATASET)
    g.locale = "en" if request.args.get("lang") == "en" else DEFAULT_LOCALE
    one = _one(target)
    if not one.drawn:
        abort(404)
    drawn = drawing.svg(_spec(one, narrow=bool(request.args.get("narrow"))))
    response = Response(drawn, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def _progress() -> dict[str, Progress]:
    """What the release says; 503 while it may show a record whose term is over."""
    released(DATASET)
    records: list[dict[str, Any]] = []
    while True:
        found = library().rows(DATASET, offset=len(records), size=_PART)
        records += found.records
        if not found.records or len(records) >= found.total:
            return progress_by_target(records)


def _one(target: str) -> Progress:
    if target not in the_plan().targets:
        abort(404)
    found = progress_by_target(library().rows(DATASET, {"target_id": target}, size=_PART).records)
    if target not in found:
        abort(404)
    return found[target]


def _spec(one: Progress, *, narrow: bool) -> dict[str, Any]:
    names = (text("Measured"), text("To be reached"))
    return chart(one, names, one.target.unit, narrow=narrow)


def _files() -> list[tuple[str, str]]:
    """(title, address) of what can be taken for a spreadsheet."""
    release = library().latest(DATASET)
    if release is None:
        return []
    names = ((EXCEL, "CSV"), (WORKBOOK, "Excel"))
    return [
        (title, url_for("downloads.latest", dataset=DATASET, name=name)) for name, title in names
    ]
