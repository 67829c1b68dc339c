"""Source: pages of a site, a list in several pages and the details that it links to.

Pages are fetched one after another, with a pause, and as robots.txt allows. What is delivered is the
pages as they came; format `html` reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from adapters.http_auth import AUTH
from adapters.http_client import Answer, client
from adapters.page_list import ListPage, bare, cursor_of, fresh, list_page
from adapters.page_manners import Visitor
from adapters.source import Ask, Part
from adapters.text import ENCODING
from exchange_schemas.errors import SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

PAGE = "{page}"  # in the list's address: the page's number
DETAILS, LIST = "details", "list"
_SUFFIXES = {".csv", ".json", ".pdf", ".xls", ".xlsx", ".xml", ".zip"}  # others are pages

_PATH = {"type": "string", "minLength": 1}
_URL = {"type": "string", "pattern": "^(https?://|\\$\\{)"}
_NUMBERED = {"properties": {"url": {"pattern": "\\{page\\}"}}}
_NUMBER = {"type": "integer", "minimum": 0}
_STEP = {"type": "integer", "minimum": 1}
_PAGES = {
    "type": "object",
    "properties": {"first": _NUMBER, "last": {"anyOf": [_NUMBER, _PATH]}, "step": _STEP},
    "required": ["last"],
    "additionalProperties": False,
}
_NOT_WITH_NEXT = {"enum": ["nothing, because next is given"]}


class PagesSource:
    """`take` says whether the list's pages or the details are the delivery; where the feed names
    `details`, these. With `until_known` a pull stops at the links of the last one.
    """

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["url"],
        "properties": {
            "url": _URL,
            "start": _URL,
            "pages": _PAGES,
            "next": _PATH,
            "details": _PATH,
            "empty": _PATH,
            "take": {"enum": [LIST, DETAILS]},
            "dead_links": {"enum": ["stop", "skip"]},
            "until_known": {"type": "boolean"},
            "pinned": _NUMBER,
            "robots": {"type": "boolean"},
            "pause": {"type": "number", "minimum": 0},
            "encoding": ENCODING,
            "auth": AUTH,
        },
        "dependentSchemas": {
            "next": {"properties": {"pages": _NOT_WITH_NEXT}},
            "pages": _NUMBERED,
            "start": {"required": ["pages"]},
            "until_known": {"required": ["details"]},
            "dead_links": {"required": ["details"]},
        },
        "allOf": [
            {"if": _NUMBERED, "then": {"required": ["pages"]}},
            {
                "if": {"properties": {"take": {"const": DETAILS}}, "required": ["take"]},
                "then": {"required": ["details"]},
            },
        ],
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The pages, in the order of the list.

        Raises SourceUnreadable: robots_refused, page_elsewhere, page_too_large,
        pages_without_links, pages_last_missing, pages_in_circles, pages_too_many, pages_too_slow;
        SourceUnavailable: page_missing; and what `Client.page` and `page_tree` raise.
        """
        told = ask.options
        visitor = Visitor(client(ask), ask, str(told["url"]))
        yield from _Pull(ask, visitor).parts()


class _Pull:
    def __init__(self, ask: Ask, visitor: Visitor) -> None:
        self._ask, self._told, self._visitor = ask, ask.options, visitor
        self._take = self._told.get("take", DETAILS if "details" in self._told else LIST)
        self._taken: set[str] = set()  # links: new entries push old ones to the next page
        self._cursor: str | None = None
        self._count = 0

    def parts(self) -> Iterator[Part]:
        pinned = int(self._told.get("pinned", 0))
        for page, answer in self._lists():
            links = page.links() if "details" in self._told else []
            met = False
            if self._told.get("until_known"):
                if self._cursor is None:
                    self._cursor = cursor_of(links, pinned)
                links, met = fresh(links, self._ask.cursor, pinned)
                pinned = 0  # on top of the first page only
            if self._take == LIST:
                yield self._part(answer, page.url)
            else:
                yield from self._details(links)
            if met:
                return

    def _lists(self) -> Iterator[tuple[ListPage, Answer]]:
        """The list's pages one after another."""
        if "next" in self._told:
            yield from self._linked()
        elif "pages" in self._told:
            yield from self._numbered()
        else:
            yield self._list(self._told["url"])

    def _numbered(self) -> Iterator[tuple[ListPage, Answer]]:
        pages, url = self._told["pages"], self._told["url"]
        number, step = pages.get("first", 1), pages.get("step", 1)
        start = self._told.get("start")
        page, answer = self._list(start or url.replace(PAGE, str(number)))
        yield page, answer
        number += 0 if start else step
        last = pages["last"]
        left = page.last() - 1 if isinstance(last, str) else (last - number) // step + 1
        for place in range(left):
            yield self._list(url.replace(PAGE, str(number + place * step)))

    def _linked(self) -> Iterator[tuple[ListPage, Answer]]:
        url: str | None = self._told["url"]
        seen: set[str] = set()
        while url is not None:
            if url in seen:
                raise SourceUnreadable(Issue("pages_in_circles", value=bare(url)))
            seen.add(url)
            page, answer = self._list(url)
            yield page, answer
            url = page.next()

    def _list(self, url: str) -> tuple[ListPage, Answer]:
        answer = self._fetch(url)
        return list_page(answer.url, answer.body, self._told), answer

    def _details(self, links: list[str]) -> Iterator[Part]:
        for link in links:
            if link not in self._taken:
                self._taken.add(link)
                answer = self._detail(link)
                if answer is not None:
                    yield self._part(answer, link)

    def _detail(self, link: str) -> Answer | None:
        """The page at `link`; None where it isn't there and the feed says to go on without it."""
        try:
            return self._fetch(link)
        except SourceUnavailable as error:
            if error.issue.code != "http_missing":
                raise
            if self._told.get("dead_links") == "skip":
                return None
            missing = Issue("page_missing", value=bare(link), params=error.issue.params)
            raise SourceUnavailable(missing) from error

    def _fetch(self, url: str) -> Answer:
        self._count += 1
        if self._count > self._ask.limits.pages:
            raise SourceUnreadable(Issue("pages_too_many", value=str(self._ask.limits.pages)))
        return self._visitor.fetch(url)

    def _part(self, answer: Answer, url: str) -> Part:
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
        name = f"{self._count:06d}{suffix if suffix in _SUFFIXES else '.html'}"
        return Part(name, [answer.body], url, answer.headers, self._cursor)
