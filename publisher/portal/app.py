"""The Flask application of the portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import HERE, today
from publisher.library import Library
from publisher.portal import speech
from publisher.portal.dictionary import dictionary, has_dictionary
from publisher.portal.downloads import downloads
from publisher.portal.errors import broken, error_page
from publisher.portal.filing import open_filing
from publisher.portal.pages import pages

# Everything comes from this server, and nothing is a script: a name that carries one stays a text.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

_FRESH_SECONDS = 60  # a page may be shown from a cache for this long, and not into the next day


def create_portal(
    releases: Path,
    catalogue: Catalogue,
    dictionary_site: Path | None = None,
    filings: Path | None = None,
    answers: Path | None = None,
    today: Callable[[], date] = today,
) -> Flask:
    """The portal over a folder of releases, and over one of the data dictionary if it is there.

    With `filings`, a folder that the portal drops them into, parties may file corrections,
    objections and applications for repair; `answers` is where the hub says what became of them.
    """
    app = Flask(__name__)
    app.config["LIBRARY"] = Library(releases, catalogue, today)
    app.config["DICTIONARY"] = dictionary_site
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(speech.choose)
    app.context_processor(speech.words)
    app.register_blueprint(pages)
    app.register_blueprint(downloads)
    app.register_blueprint(dictionary)
    app.context_processor(has_dictionary)
    open_filing(app, filings, answers)
    app.register_error_handler(HTTPException, error_page)
    app.register_error_handler(Exception, broken)
    app.after_request(_finish)
    return app


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        speech.remember(response)
        if response.status_code == 200 and not response.cache_control.no_store:
            response.headers.setdefault("Cache-Control", f"public, max-age={_fresh_seconds()}")
            response.vary.add("Cookie")
            response.add_etag()
            response.make_conditional(request)
    return response


def _fresh_seconds() -> int:
    """How long a page may be kept: terms end with the day, so no page outlives it."""
    now = datetime.now(HERE)
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), HERE)
    return min(_FRESH_SECONDS, int((midnight - now).total_seconds()))
