"""How an interface is asked for its next page, and how it says that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urljoin

from requests.utils import parse_header_links

from adapters.api_page import Page
from adapters.api_request import with_parameters
from adapters.http_auth import at
from adapters.network import server_of
from exchange_schemas.days import today
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 1}


def _kind(name: str, required: list[str], **properties: Any) -> dict[str, Any]:
    told = {"kind": {"const": name}, **properties}
    return {"required": ["kind", *required], "additionalProperties": False, "properties": told}


_IN_WINDOW = [
    _kind("page", ["param"], param=_TEXT, start={"type": "integer"}, size_param=_TEXT, size=_COUNT),
    _kind("offset", ["param", "size"], param=_TEXT, size_param=_TEXT, size=_COUNT),
    _kind("cursor", ["param", "cursor"], param=_TEXT, cursor=_TEXT, size_param=_TEXT, size=_COUNT),
    _kind("next_link", [], next=_TEXT),
]  # fmt: skip
PAGING: Mapping[str, Any] = {
    "oneOf": [
        *_IN_WINDOW,
        _kind("date_window", ["from", "to", "start", "days"],
              **{"from": _TEXT, "to": _TEXT, "start": _TEXT, "days": _COUNT, "format": _TEXT,
                 "end": {"enum": ["inclusive", "exclusive"]}, "within": {"oneOf": _IN_WINDOW}}),
    ]
}  # fmt: skip

Request = tuple[str, dict[str, Any]]  # address, and what `Client.page` takes


@dataclass(slots=True)
class Paging:
    """One page only; the others build on it. `request` and `go_on` take turns.

    `seen` records were given so far of the `total` that the source says it has.
    """

    told: Mapping[str, Any]
    url: str
    seen: int = 0
    total: int | None = None
    begun: bool = False

    def request(self, base: Mapping[str, Any]) -> Request:
        """The next request, made of the feed's own."""
        return self.url, with_parameters(base, self.params())

    def params(self) -> dict[str, str]:
        """What the next page's request says besides."""
        return {}

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        """Take notice of a page; whether there is another.

        Raises SourceUnreadable: page_repeated, link_foreign, and pages_short at the end.
        """
        self.begun = True
        self.seen += len(page.rows)
        self.total = self.total if page.total is None else page.total
        more = self.follow(page, headers)
        if not more and self.total is not None and self.seen < self.total:
            words = {"expected": str(self.total)}
            raise SourceUnreadable(Issue("pages_short", value=str(self.seen), params=words))
        return more

    def follow(self, page: Page, headers: Mapping[str, str]) -> bool:
        """Whether there is another page, of which `go_on` has counted this one."""
        return False

    def sized(self, params: dict[str, str]) -> dict[str, str]:
        """With the number of records of a page, where the interface takes one."""
        if "size_param" in self.told and "size" in self.told:
            params[str(self.told["size_param"])] = str(self.told["size"])
        return params

    def left(self, page: Page) -> bool:
        """Whether there may be more: not after a page without records, nor when all have come.

        That a page isn't full says nothing: a source may give fewer than it was asked for.
        """
        return bool(page.rows) and (self.total is None or self.seen < self.total)


@dataclass(slots=True)
class ByPage(Paging):
    """Pages are numbered."""

    number: int = 0

    def params(self) -> dict[str, str]:
        start = int(self.told.get("start", 1))
        return self.sized({str(self.told["param"]): str(start + self.number)})

    def follow(self, page: Page, headers: Mapping[str, str]) -> bool:
        self.number += 1
        return self.left(page)


@dataclass(slots=True)
class ByOffset(Paging):
    """Records are numbered from 0."""

    def params(self) -> dict[str, str]:
        return self.sized({str(self.told["param"]): str(self.seen)})

    def follow(self, page: Page, headers: Mapping[str, str]) -> bool:
        return self.left(page)


@dataclass(slots=True)
class ByCursor(Paging):
    """Each page has the cursor of the next one at the path `cursor`; none, or an empty one, ends it.

    So does a page without records whose cursor stays as it was.
    """

    cursor: str | None = None

    def params(self) -> dict[str, str]:
        return self.sized({} if self.cursor is None else {str(self.told["param"]): self.cursor})

    def follow(self, page: Page, headers: Mapping[str, str]) -> bool:
        found = at(page.document, str(self.told["cursor"]))
        before, self.cursor = self.cursor, None if found in (None, "") else str(found)
        if self.cursor is None or self.cursor != before:
            return self.cursor is not None
        if page.rows:
            raise SourceUnreadable(Issue("page_repeated", value=self.cursor))
        return False


@dataclass(slots=True)
class ByLink(Paging):
    """Each page has the address of the next: at the path `next`, or in a Link header (RFC 8288)."""

    link: str | None = None

    def request(self, base: Mapping[str, Any]) -> Request:
        if self.link is None:
            return self.url, with_parameters(base, {})
        return self.link, {**base, "params": {}}  # the link has its parameters

    def follow(self, page: Page, headers: Mapping[str, str]) -> bool:
        found = at(page.document, str(self.told["next"])) if "next" in self.told else None
        if "next" not in self.told:
            links = parse_header_links(headers.get("Link", ""))
            found = next((one["url"] for one in links if one.get("rel") == "next"), None)
        if not found:
            return False
        link = urljoin(self.link or self.url, str(found))
        if server_of(link) != server_of(self.url):
            # our login would go there too
            raise SourceUnreadable(Issue("link_foreign", value=server_of(link)))
        if link == (self.link or self.url):
            raise SourceUnreadable(Issue("page_repeated", value=link.partition("?")[0]))
        self.link = link
        return True


@dataclass(slots=True)
class ByDates(Paging):
    """Windows of `days` days from `start` (YYYY-MM-DD) to today, each paged as `within` says.

    A window goes to the last second of its last day, or, with `end: exclusive`, to the beginning of
    the next day. Each has a total of its own.
    """

    since: date = field(init=False)
    inner: Paging = field(init=False)

    def __post_init__(self) -> None:
        self.since = date.fromisoformat(str(self.told["start"]))
        self._open()

    def request(self, base: Mapping[str, Any]) -> Request:
        return self.inner.request(with_parameters(base, self.params()))

    def params(self) -> dict[str, str]:
        form = str(self.told.get("format", "%Y-%m-%d"))
        end = datetime.combine(self._last(), time.max)
        if self.told.get("end") == "exclusive":
            end = datetime.combine(self._last() + timedelta(days=1), time.min)
        first = datetime.combine(self.since, time.min)
        return {
            str(self.told["from"]): first.strftime(form),
            str(self.told["to"]): end.strftime(form),
        }

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        if self.inner.go_on(page, headers):
            self.begun = True
            return True
        self.since = self._last() + timedelta(days=1)
        self._open()
        return self.since <= today()

    def _open(self) -> None:
        self.inner, self.begun = paging_of(self.told.get("within"), self.url), False

    def _last(self) -> date:
        """The window's last day, which the next one doesn't have."""
        return min(self.since + timedelta(days=int(self.told["days"]) - 1), today())


_KINDS: dict[str, type[Paging]] = {
    "page": ByPage,
    "offset": ByOffset,
    "cursor": ByCursor,
    "next_link": ByLink,
    "date_window": ByDates,
}


def paging_of(told: Mapping[str, Any] | None, url: str) -> Paging:
    """The paging that a feed declares; without one there is a single page."""
    if told is None:
        return Paging({}, url)
    return _KINDS[told["kind"]](told, url)
