"""The catalogue for programs: DCAT-AP 3 as JSON-LD, Turtle and RDF/XML, and Project Open Data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, abort, request

from publisher.ckan_view.columns import columns_of
from publisher.ckan_view.parameters import Parameters
from publisher.ckan_view.shelf import Book
from publisher.dcat import project_open_data, rdf, schema_org
from publisher.dcat.catalogue import Catalogue, catalogue
from publisher.dcat.subject import Places, Subject
from publisher.portal.addresses import home_address, settings
from publisher.portal.ckan_desk import desk, kept, library, moment_of
from publisher.portal.freshness import fresh_seconds

catalogues = Blueprint("catalogues", __name__)

JSON_LD = "application/ld+json"


@catalogues.get("/catalog.jsonld")
def json_ld() -> Response:
    """DCAT-AP 3 as JSON-LD. Parameters: page."""
    return _answer(JSON_LD, lambda: orjson.dumps(_page("catalog.jsonld")))


@catalogues.get("/catalog.<any(ttl, rdf):ending>")
def other(ending: str) -> Response:
    """DCAT-AP 3 as Turtle or RDF/XML. Parameters: page."""
    place = f"catalog.{ending}"
    media_type = rdf.FORMATS[ending][1]
    return _answer(media_type, lambda: rdf.written(_page(place), f"{home_address()}/", ending))


@catalogues.get("/data.json")
def data_json() -> Response:
    """Project Open Data 1.1."""

    def made() -> bytes:
        return orjson.dumps(project_open_data.document(f"{home_address()}/data.json", _subjects()))

    return _answer("application/json", made)


@catalogues.app_context_processor
def words() -> dict[str, Callable[[str], Any]]:
    """What a dataset's page tells search engines."""
    return {"linked_data": linked_data}


def linked_data(dataset: str) -> Any:
    """The dataset in the words of schema.org; None where it isn't released."""
    moment = moment_of(library())
    key = (home_address(), "linked_data", dataset)
    found = kept().answer(moment, key)
    if found is None:
        books = desk(Parameters({})).shelf.books
        told = [_subject(book) for book in books if book.release.dataset == dataset]
        found = (orjson.dumps(schema_org.dataset(told[0]) if told else None), "")
        kept().keep(moment, key, *found)
    return orjson.loads(found[0])


def _page(name: str) -> dict[str, object]:
    root = f"{home_address()}/"
    whole = Catalogue(root, root + name, settings(), _subjects())
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= whole.pages:
        abort(404)
    return catalogue(whole, page)


def _subjects() -> list[Subject]:
    return [_subject(book) for book in desk(Parameters({})).shelf.books]


def _subject(book: Book) -> Subject:
    release, known = book.release, library()
    first = known.release(release.dataset, 1) or release
    months = list(known.counts(release.dataset, "month"))
    days = (min(months), max(months)) if months else None
    places = Places(f"{home_address()}/", release.dataset, release.number, beside=False)
    fields = columns_of(release, book.standard)
    files = release.files
    return Subject(
        book.standard, fields, release, files, settings(), places, days, first.created_at
    )


def _answer(media_type: str, make: Callable[[], bytes]) -> Response:
    moment = moment_of(library())
    key = (home_address(), request.path, request.args.get("page"))
    found = kept().answer(moment, key)
    if found is None:
        body = make()
        found = (body, hashlib.sha256(body).hexdigest()[:32])
        kept().keep(moment, key, *found)
    response = Response(found[0], content_type=f"{media_type}; charset=utf-8")
    response.set_etag(found[1])
    response.headers["Cache-Control"] = f"public, max-age={fresh_seconds()}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.make_conditional(request)
    return response
