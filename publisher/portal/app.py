"""The Flask application of the portal."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from exchange_schemas.catalogue import Catalogue
from publisher.library import Library
from publisher.portal import speech
from publisher.portal.dictionary import dictionary, has_dictionary
from publisher.portal.downloads import downloads
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

_FRESH_SECONDS = 60  # a page may be shown from a cache for this long


def create_portal(
    releases: Path, catalogue: Catalogue, dictionary_site: Path | None = None
) -> Flask:
    """The portal over a folder of releases, and over one of the data dictionary if it is there."""
    app = Flask(__name__)
    app.config["LIBRARY"] = Library(releases, catalogue)
    app.config["DICTIONARY"] = dictionary_site
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(speech.choose)
    app.context_processor(speech.words)
    app.register_blueprint(pages)
    app.register_blueprint(downloads)
    app.register_blueprint(dictionary)
    app.context_processor(has_dictionary)
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(Exception, _broken)
    app.after_request(_finish)
    return app


def _error_page(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return render_template("error.html", code=code), code


def _broken(error: Exception) -> tuple[str, int]:
    # The reader is told nothing of the inside; the operator finds it in the log.
    current_app.logger.exception("a page failed", exc_info=error)
    return render_template("error.html", code=500), 500


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        speech.remember(response)
        if response.status_code == 200:
            response.headers.setdefault("Cache-Control", f"public, max-age={_FRESH_SECONDS}")
            response.vary.add("Cookie")
            response.add_etag()
            response.make_conditional(request)
    return response
