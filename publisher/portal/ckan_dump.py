"""/datastore/dump/<resource>: all records of a table as one file, streamed."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from werkzeug.exceptions import ServiceUnavailable

from publisher.ckan_view.failures import Invalid, Missing, Waiting
from publisher.ckan_view.parameters import Parameters
from publisher.ckan_view.table import parts
from publisher.ckan_view.table_query import TableQuery, table_query
from publisher.ckan_view.table_text import MEDIA_TYPES, download
from publisher.portal.ckan_api import RETRY_SECONDS
from publisher.portal.ckan_desk import desk
from publisher.portal.ckan_request import parameters
from publisher.portal.ckan_tables import columns, table

ckan_dump = Blueprint("ckan_dump", __name__)

ALL = 2**53  # rows
_TAKEN = ("filters", "q", "distinct", "plain", "language", "fields", "sort", "limit", "offset")


@ckan_dump.get("/datastore/dump/<resource_id>")
def dump(resource_id: str) -> Response:
    """Parameters: format (csv, tsv, json, xml), bom, and those of datastore_search."""
    asked = parameters()
    try:
        format_ = asked.string("format", "csv")
        if format_ not in MEDIA_TYPES:
            raise Invalid({"format": [f"Value must be one of {tuple(MEDIA_TYPES)}"]})  # noqa: TRY301
        return _sent(resource_id, asked, format_)
    except Missing:
        abort(404)
    except Waiting as error:
        raise ServiceUnavailable(retry_after=RETRY_SECONDS) from error
    except Invalid as error:
        told = "\n".join(f"{name}: {' '.join(words)}" for name, words in error.errors.items())
        return Response(told + "\n", status=400, mimetype="text/plain")


def _sent(resource_id: str, asked: Parameters, format_: str) -> Response:
    own = desk(asked)
    book, fields = table(own, resource_id)
    query: TableQuery = table_query(_limited(asked), fields, ALL, ALL)
    rows = parts(own.library, book, fields, query)
    shown = columns(query, fields)
    body = download(rows, shown, fields, format_, asked.flag("bom"))
    response = Response(body, content_type=f"{MEDIA_TYPES[format_]}; charset=utf-8")
    name = f"{resource_id}.{format_}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _limited(asked: Parameters) -> Parameters:
    """What the table is asked for."""
    return Parameters({name: asked.given(name) for name in _TAKEN if name in asked})
