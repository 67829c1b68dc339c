"""Actions of CKAN's API that read records: the datastore."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from exchange_schemas.standard import Field
from publisher.ckan_view.columns import ROW, defined, described
from publisher.ckan_view.failures import Missing, Waiting
from publisher.ckan_view.parameters import Parameters
from publisher.ckan_view.shelf import Book
from publisher.ckan_view.table import Page, page
from publisher.ckan_view.table_query import TableQuery, table_query
from publisher.ckan_view.table_text import lists, objects, separated
from publisher.portal.ckan_desk import Desk


def datastore_search(desk: Desk) -> dict[str, Any]:
    """Records of a resource that is in the datastore.

    Parameters: resource_id, filters (JSON), q (words, or JSON with words by field), fields, sort, limit
    (100 unless said, at most 32000), offset, distinct, include_total, records_format (objects, lists, csv,
    tsv). Without `offset`, follow `_links.next`, whose `after` goes on where the page ended: the last
    page is found as quickly as the first.
    """
    book, fields = table(
        desk, desk.asked.string("resource_id") or desk.asked.needed("resource_id")
    )
    query = table_query(desk.asked, fields)
    found = page(desk.library, book, fields, query)
    told: dict[str, Any] = {
        **_echoed(desk.asked, query),
        "resource_id": desk.asked.string("resource_id"),
        "limit": query.limit,
        **({"offset": query.offset} if query.offset else {}),
        **({"distinct": True} if query.distinct else {}),
        "include_total": query.total,
        "total_estimation_threshold": None,
        "records_format": query.format,
        "records": _records(found, query, fields),
        "fields": columns(query, fields),
        "_links": _links(desk, query, found),
    }
    if query.total:
        told |= {"total": found.total, "total_was_estimated": False}
    return told


def datastore_info(desk: Desk) -> dict[str, Any]:
    """The columns of a resource in the datastore, and how many records it has. Parameters: id."""
    wanted = desk.asked.string("id") or desk.asked.needed("resource_id")
    book, fields = table(desk, wanted, f'Resource/Alias "{wanted}" was not found.')
    file = book.release.file("records.jsonl")
    meta = {
        "id": wanted,
        "count": book.release.counts["records"],
        "table_type": "BASE TABLE",
        "size": file.bytes if file else 0,
        "db_size": sum(one.bytes for one in book.release.files),
        "idx_size": 0,
        "aliases": [],
    }
    return {"meta": meta, "fields": [defined(field) for field in fields.values()]}


def table(desk: Desk, wanted: str, words: str = "") -> tuple[Book, Mapping[str, Field]]:
    """The book of a resource and its columns. Raises Missing, Waiting."""
    book = desk.shelf.tables.get(wanted)
    if book is None:
        raise Missing(words or f'Resource "{wanted}" was not found.')
    if not desk.library.good(book.release):
        raise Waiting
    return book, desk.shelf.columns(book)


def columns(query: TableQuery, fields: Mapping[str, Field]) -> list[dict[str, Any]]:
    """The columns of an answer as CKAN describes them."""
    number = {"id": ROW, "type": "int"}
    return [number if name == ROW else described(fields[name]) for name in query.columns]


def _echoed(asked: Parameters, query: TableQuery) -> dict[str, Any]:
    """What CKAN says again of the question."""
    told = {
        "q": query.inside or asked.given("q"),
        "filters": asked.json("filters"),
        "sort": asked.given("sort"),
    }
    return {name: value for name, value in told.items() if value}


def _records(found: Page, query: TableQuery, fields: Mapping[str, Field]) -> Any:
    if query.format == "objects":
        return objects(found.records, query.columns, fields)
    if query.format == "lists":
        return lists(found.records, query.columns, fields)
    return separated(found.records, query.columns, fields, query.format)


def _links(desk: Desk, query: TableQuery, found: Page) -> dict[str, str]:
    """Where the same question starts, and goes on: by the cursor where there is one, else by offset.

    After the last page that is where nothing is any more, because some readers go on until then.
    """
    same = {
        n: _written(desk.asked.given(n)) for n in desk.asked.names if n not in ("offset", "after")
    }
    beyond = found.total if query.after else query.offset + query.limit
    on = {"after": found.after} if found.after else {"offset": str(beyond)}
    told = {"start": _link(desk, same), "next": _link(desk, same | on)}
    if query.offset > query.limit:
        told["prev"] = _link(desk, same | {"offset": str(query.offset - query.limit)})
    return told


def _link(desk: Desk, arguments: Mapping[str, str]) -> str:
    return f"{desk.path}?{urlencode(arguments)}"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
