"""A list of pages: where its links lead, which page comes next, and where an increment stops."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from adapters.network import server_of
from adapters.page_path import found_at, texts_at
from adapters.page_tree import Element, page_tree
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

LARGEST = 8 << 20  # bytes of a page that links are looked for in
KNOWN = 10  # links that the cursor keeps: should the first be withdrawn, the next is met
_NUMBER = re.compile(r"(?<!\d)[0-9]{1,7}(?!\d)")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list as it was asked for (`url`) and as it came; `told` is the feed's source."""

    url: str
    body: bytes
    tree: Element
    told: Mapping[str, Any]

    def links(self) -> list[str]:
        """Where the links to details lead, each once; [] on a list that says it is empty.

        Raises SourceUnreadable (pages_without_links, page_elsewhere), Misdeclared
        (page_path_invalid).
        """
        found = [self._absolute(href) for href in _hrefs(self.told["details"], self.tree)]
        links = list(dict.fromkeys(link for link in found if link))
        empty = self.told.get("empty")
        if not links and not (empty and any(texts_at(empty, self.tree))):
            raise SourceUnreadable(Issue("pages_without_links", value=bare(self.url)))
        for link in links:
            check_host(link, self.url)
        return links

    def next(self) -> str | None:
        """The next page of the list; None on the last, whose link to it is missing or leads back.

        Raises as `links`.
        """
        for href in _hrefs(self.told["next"], self.tree):
            link = self._absolute(href)
            if link and link != urldefrag(self.url)[0]:
                check_host(link, self.url)
                return link
        return None

    def last(self) -> int:
        """How many pages the list has: the first number at `last:`.

        Raises SourceUnreadable (pages_last_missing).
        """
        path = self.told["pages"]["last"]
        for text in texts_at(path, self.tree):
            if number := _NUMBER.search(text):
                return int(number[0])
        issue = Issue("pages_last_missing", value=bare(self.url), params={"expected": path})
        raise SourceUnreadable(issue)

    def _absolute(self, href: str) -> str | None:
        """The link's address; None for one within the page or into a script."""
        bases = [text for text in texts_at("//base/@href", self.tree) if text]
        link = urldefrag(urljoin(urljoin(self.url, bases[0]) if bases else self.url, href))[0]
        inner = not href or href.startswith("#")
        return None if inner or not link.startswith(("http://", "https://")) else link


def list_page(url: str, body: bytes, told: Mapping[str, Any]) -> ListPage:
    """The page at `url` for looking at its links.

    Raises SourceUnreadable: page_too_large, and what `page_tree` raises.
    """
    if len(body) > LARGEST:
        params = {"most": f"{LARGEST >> 20} MB"}
        raise SourceUnreadable(Issue("page_too_large", value=bare(url), params=params))
    return ListPage(url, body, page_tree([body], told.get("encoding"), bare(url)), told)


def _hrefs(path: str, page: Element) -> list[str]:
    """What `path` finds: attributes or texts as they are, of elements where they lead."""
    found = found_at(path, page)
    listed = found if isinstance(found, list) else [str(found)]
    return [(one if isinstance(one, str) else one.get("href", "")).strip() for one in listed]


def check_host(url: str, home: str) -> None:
    """Nothing where both are on one server; else raises SourceUnreadable (page_elsewhere)."""
    if _server(url) != _server(home):
        params = {"expected": urlsplit(home).netloc.rpartition("@")[2]}
        raise SourceUnreadable(Issue("page_elsewhere", value=bare(url), params=params))


def _server(url: str) -> tuple[str, str]:
    """Name and port, as who connects reads them; http and https of one name are one server, as
    redirects lead from one on."""
    host, _, port = server_of(url).partition("://")[2].rpartition(":")
    return host, "" if port in {str(usual) for usual in _PORTS.values()} else port


def bare(url: str) -> str:
    """An address for messages, without what follows the `?`."""
    return url.partition("?")[0]


def fresh(links: list[str], cursor: str | None, pinned: int) -> tuple[list[str], bool]:
    """The links before the first known one, and whether there was one.

    `cursor` is what `cursor_of` gave the last time. The first `pinned` links are kept on top
    however old they are: they are always taken, and never the known one.
    """
    known = set((cursor or "").split("\n"))
    for place, link in enumerate(links[pinned:], pinned):
        if link in known:
            return links[:place], True
    return links, False


def cursor_of(links: list[str], pinned: int) -> str | None:
    """The first links of the newest page, by which the next pull knows where to stop."""
    return "\n".join(links[pinned : pinned + KNOWN]) or None
