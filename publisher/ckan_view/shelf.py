"""All that is released at one moment, as CKAN's packages, made once and kept as written JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from exchange_schemas.standard import Field, Standard
from publisher.ckan_view.columns import columns_of
from publisher.ckan_view.facts import facts_of
from publisher.ckan_view.ids import Ids
from publisher.ckan_view.package import TABLE, Site, package
from publisher.ckan_view.query_tests import Facts
from publisher.dcat.site_words import SiteWords
from publisher.library import Library
from publisher.manifest import Release


@dataclass(frozen=True, slots=True)
class Book:
    """One dataset: its current release, its standard, and the package that both make."""

    release: Release
    standard: Standard
    package: dict[str, Any]
    written: orjson.Fragment
    facts: Facts


@dataclass(frozen=True)
class Shelf:
    """The books in the order of their names."""

    site: Site
    books: Sequence[Book]

    @cached_property
    def by_key(self) -> Mapping[str, Book]:
        """name or id → book."""
        return {book.package[key]: book for book in self.books for key in ("id", "name")}

    @cached_property
    def resources(self) -> Mapping[str, tuple[Book, dict[str, Any]]]:
        """id of a resource → its book and itself."""
        return {one["id"]: (book, one) for book in self.books for one in book.package["resources"]}

    @cached_property
    def tables(self) -> Mapping[str, Book]:
        """id of a resource in the datastore → the book with its records."""
        ids = self.site.ids
        return {ids.resource(book.release.dataset, TABLE): book for book in self.books}

    def columns(self, book: Book) -> Mapping[str, Field]:
        """The columns of a book's release. Raises OSError and ValueError where they can't be read."""
        dataset = book.release.dataset
        if dataset not in self._columns:
            self._columns[dataset] = columns_of(book.release, book.standard)
        return self._columns[dataset]

    @cached_property
    def _columns(self) -> dict[str, Mapping[str, Field]]:
        return {}

    @cached_property
    def organisations(self) -> Mapping[str, tuple[dict[str, Any], list[Book]]]:
        """name → what packages say of it, and its books; in the order of names."""
        told: dict[str, tuple[dict[str, Any], list[Book]]] = {}
        for book in self.books:
            facts = book.package["organization"]
            told.setdefault(facts["name"], (facts, []))[1].append(book)
        return dict(sorted(told.items()))

    @cached_property
    def tags(self) -> Mapping[str, dict[str, Any]]:
        """name → tag, in the order of names."""
        found = {tag["name"]: tag for book in self.books for tag in book.package["tags"]}
        return dict(sorted(found.items()))

    @cached_property
    def facts(self) -> list[Facts]:
        """What each book is found by."""
        return [book.facts for book in self.books]


def shelf(library: Library, address: str, words: SiteWords, permanent: str) -> Shelf:
    """What is released now. `address` is the portal's, without a slash at its end; `permanent` is
    the one that ids are made from, "" where none was set. Raises Corrupt."""
    site = Site(address, words, Ids(permanent))
    books = [_book(library, site, release) for release in library.datasets()]
    return Shelf(site, sorted(books, key=lambda book: book.release.dataset))


def _book(library: Library, site: Site, release: Release) -> Book:
    standard = library.catalogue.get(release.dataset, release.standard_version)
    first = library.release(release.dataset, 1) or release
    made = package(site, standard, release, first.created_at, updating=not library.good(release))
    return Book(release, standard, made, orjson.Fragment(orjson.dumps(made)), facts_of(made))
