"""The Flask application of the portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from publisher.library import Library
from publisher.portal import (
    about,
    complaints,
    dataset_page,
    home,
    plan_page,
    record,
    releases,
    retractions,
    search,
    speech,
    subject,
    today_page,
    trace_page,
)
from publisher.portal.api_page import api
from publisher.portal.catalogues import catalogues
from publisher.portal.changes import as_of
from publisher.portal.charts import charts
from publisher.portal.citations import citations
from publisher.portal.ckan_api import ckan_api
from publisher.portal.ckan_dump import ckan_dump
from publisher.portal.dictionary import dictionary, has_dictionary
from publisher.portal.downloads import downloads
from publisher.portal.errors import broken, error_page
from publisher.portal.feeds import feeds
from publisher.portal.filing import open_filing
from publisher.portal.freshness import fresh_seconds
from publisher.portal.keys import keys
from publisher.portal.openapi import openapi
from publisher.portal.pages import pages
from publisher.portal.price_pages import price_pages
from publisher.portal.settings import UNSAID, Settings
from publisher.portal.subscribing import open_subscribing
from publisher.portal.table import table
from publisher.store import FileStore, Store

BLUEPRINTS = (
    pages,
    downloads,
    table,
    charts,
    price_pages,
    as_of,
    keys,
    dictionary,
    ckan_api,
    ckan_dump,
    catalogues,
    feeds,
    openapi,
    api,
    citations,
)

# Each of them puts its pages on the blueprint.
PAGES = (
    about,
    complaints,
    dataset_page,
    home,
    dataset_page,
    home,
    plan_page,
    dataset_page,
    home,
    record,
    releases,
    retractions,
    search,
    subject,
    today_page,
    trace_page,
)

# Everything comes from this server, and nothing is a script: a name that carries one stays a text.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_portal(
    releases: Path,
    catalogue: Catalogue,
    dictionary_site: Path | None = None,
    filings: Path | None = None,
    answers: Path | None = None,
    today: Callable[[], date] = today,
    settings: Settings = UNSAID,
    subscriptions: Path | None = None,
    retracted: Path | None = None,
    store: Store | None = None,
) -> Flask:
    """The portal over a folder of releases, and over one of the data dictionary if it is there.

    With `filings`, a folder that the portal drops them into, parties may file corrections,
    objections and applications for repair; `answers` is where the hub says what became of them.
    `settings` are what the portal says of itself. With `subscriptions`, a folder like `filings`,
    readers may subscribe. In `retracted` the hub says where what was taken back is gone.
    `store` is where records are searched and read; without it, the files of the releases.
    """
    app = Flask(__name__)
    app.config["LIBRARY"] = Library(releases, catalogue, today, store or FileStore())
    app.config["SETTINGS"] = settings
    app.config["DICTIONARY"] = dictionary_site
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(speech.choose)
    app.context_processor(speech.words)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.context_processor(has_dictionary)
    open_filing(app, filings, answers)
    app.config["RETRACTIONS"] = retracted
    open_subscribing(app, subscriptions, answers)
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
            response.headers.setdefault("Cache-Control", f"public, max-age={fresh_seconds()}")
            response.vary.add("Cookie")
            response.add_etag()
            response.make_conditional(request)
    return response
