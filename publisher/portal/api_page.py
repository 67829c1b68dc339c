"""The page for programs: what there is, and examples that work as they stand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from publisher.portal.addresses import home_address
from publisher.portal.example_programs import EXAMPLES, examples
from publisher.portal.pages import library, released

api = Blueprint("api", __name__)


@api.get("/programs")
def page() -> str:
    """What programs may read, with examples for `?dataset=`, or for the first there is."""
    known = [one.dataset for one in library().datasets() if library().good(one)]
    wanted = request.args.get("dataset", "")
    chosen = wanted if wanted in known else next(iter(known), None)
    release, standard = released(chosen) if chosen else (None, None)
    return render_template(
        "programs.html",
        release=release,
        standard=standard,
        examples=examples(release) if release else [],
        base=home_address(),
    )


@api.get("/programs/<name>")
def example(name: str) -> Response:
    """One example as plain text, for `?dataset=`."""
    if name not in EXAMPLES:
        abort(404)
    release, _ = released(request.args.get("dataset", ""))
    (found,) = [one for one in examples(release) if one.name == name]
    return Response(found.text, mimetype="text/plain")


@api.app_context_processor
def words() -> dict[str, Any]:
    """What the macros of examples use."""
    return {"examples_of": examples}
