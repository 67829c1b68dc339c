"""Actions of CKAN's API that read packages and resources. Each docstring is what help_show says."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson

from publisher.ckan_view.failures import Missing
from publisher.ckan_view.licences import licence_list
from publisher.ckan_view.parameters import Parameters
from publisher.ckan_view.query_tests import folded
from publisher.ckan_view.searching import search, search_facets
from publisher.ckan_view.shelf import Book
from publisher.portal.ckan_desk import Desk

Anything = TypeVar("Anything")


def package_list(desk: Desk) -> list[str]:
    """The names of all datasets. Parameters: limit, offset."""
    return _page(desk.asked, [book.release.dataset for book in desk.shelf.books])


def package_show(desk: Desk) -> orjson.Fragment:
    """One dataset with its resources. Parameters: id (id or name)."""
    return _book(desk, _name_or_id(desk.asked)).written


def current_package_list_with_resources(desk: Desk) -> list[orjson.Fragment]:
    """All datasets with their resources, last changed first. Parameters: limit, offset."""
    books = sorted(desk.shelf.books, key=_changed, reverse=True)
    return [book.written for book in _page(desk.asked, books)]


def package_search(desk: Desk) -> dict[str, Any]:
    """Datasets by words and values, as Solr users write them.

    Parameters: q, fq, fq_list, sort, rows (at most 1000), start, fl, facet, facet.field (a JSON list),
    facet.limit, facet.mincount.
    """
    found = search(desk.shelf.facts, desk.asked)
    shelf = desk.shelf
    organisations = {name: facts["title"] for name, (facts, _) in shelf.organisations.items()}
    licences = {one["id"]: one["title"] for one in licence_list(shelf.site.words)}
    titles = {"organization": organisations, "license_id": licences}
    return {
        "count": found.count,
        "facets": found.facets,
        "results": [_result(desk, shelf.books[place]) for place in found.places],
        "sort": found.sort,
        "search_facets": search_facets(found.facets, titles),
    }


def package_autocomplete(desk: Desk) -> list[dict[str, str]]:
    """Datasets whose name or title has a text. Parameters: q, limit."""
    wanted = folded(desk.asked.needed("q"))
    told = []
    for book in desk.shelf.books:
        name, title = book.package["name"], book.package["title"]
        field = "title" if wanted in folded(title) else "name" if wanted in name else None
        if field:
            shown = f"{title} ({name})" if field == "title" else name
            told.append(
                {"name": name, "title": title, "match_field": field, "match_displayed": shown}
            )
    return told[: desk.asked.number("limit", 10)]


def resource_show(desk: Desk) -> dict[str, Any]:
    """One file of a dataset. Parameters: id."""
    wanted = desk.asked.needed("id")
    if wanted not in desk.shelf.resources:
        raise Missing
    return desk.shelf.resources[wanted][1]


def resource_view_list(desk: Desk) -> list[Any]:
    """The views of a resource: none. Parameters: id."""
    resource_show(desk)
    return []


def _name_or_id(asked: Parameters) -> str:
    return asked.string("id") or asked.needed("name_or_id")


def _book(desk: Desk, key: str) -> Book:
    if key not in desk.shelf.by_key:
        raise Missing
    return desk.shelf.by_key[key]


def _changed(book: Book) -> str:
    return str(book.package["metadata_modified"])


def _result(desk: Desk, book: Book) -> Any:
    """The whole package, or the fields that `fl` names."""
    asked = desk.asked.json("fl") if desk.asked.string("fl").startswith("[") else None
    names = asked if isinstance(asked, list) else desk.asked.string("fl").replace(",", " ").split()
    if not names or "*" in names:
        return book.written
    own = {**book.facts, **{n: book.package[n] for n in names if n in book.package}}
    return {str(name): own[name] for name in names if name in own}


def _page(asked: Parameters, all_: list[Anything]) -> list[Anything]:
    offset, limit = asked.number("offset", 0), asked.number("limit", 0)
    return all_[offset : offset + limit] if limit else all_[offset:]
