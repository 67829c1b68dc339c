"""How an interface is asked for its next page, and how it says that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from requests.utils import parse_header_links

from adapters.api_page import Page
from adapters.http_auth import at
from exchange_schemas.days import today
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 1}


def _kind(name: str, required: list[str], **properties: Any) -> dict[str, Any]:
    told = {"kind": {"const": name}, **properties}
    return {"required": ["kind", *required], "additionalProperties": False, "properties": told}


PAGING: Mapping[str, Any] = {
    "oneOf": [
        _kind("page", ["param"], param=_TEXT, start={"type": "integer"}, size_param=_TEXT, size=_COUNT),
        _kind("offset", ["param", "size"], param=_TEXT, size_param=_TEXT, size=_COUNT),
        _kind("cursor", ["param", "cursor"], param=_TEXT, cursor=_TEXT, size_param=_TEXT, size=_COUNT),
        _kind("next_link", [], next=_TEXT),
        _kind("date_window", ["from", "to", "start", "days"],
              **{"from": _TEXT, "to": _TEXT, "start": _TEXT, "days": _COUNT, "format": _TEXT}),
    ]
}  # fmt: skip

Request = tuple[str, dict[str, Any]]  # address, and what `Client.page` takes


@dataclass(slots=True)
class Paging:
    """One page only; the others build on it. `request` and `go_on` take turns."""

    told: Mapping[str, Any]
    url: str

    def request(self, base: Mapping[str, Any]) -> Request:
        """The next request, made of the feed's own."""
        return self.url, _with(base, self.params())

    def params(self) -> dict[str, str]:
        """What the next page's request says besides."""
        return {}

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        """Take notice of a page; whether there is another."""
        return False

    def sized(self, params: dict[str, str]) -> dict[str, str]:
        """With the number of records of a page, where the interface takes one."""
        if "size_param" in self.told and "size" in self.told:
            params[str(self.told["size_param"])] = str(self.told["size"])
        return params


@dataclass(slots=True)
class ByPage(Paging):
    """Pages are numbered; the first without records ends it, or one that isn't full."""

    number: int = 0

    def params(self) -> dict[str, str]:
        start = int(self.told.get("start", 1))
        return self.sized({str(self.told["param"]): str(start + self.number)})

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        self.number += 1
        return len(page.rows) >= int(self.told.get("size", 1))


@dataclass(slots=True)
class ByOffset(Paging):
    """Records are numbered from 0."""

    offset: int = 0

    def params(self) -> dict[str, str]:
        return self.sized({str(self.told["param"]): str(self.offset)})

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        self.offset += len(page.rows)
        # a source may give fewer than it was asked for, and have more
        return bool(page.rows)


@dataclass(slots=True)
class ByCursor(Paging):
    """Each page has the cursor of the next one at the path `cursor`; none, or an empty one, ends it."""

    cursor: str | None = None

    def params(self) -> dict[str, str]:
        return self.sized({} if self.cursor is None else {str(self.told["param"]): self.cursor})

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        found = at(page.document, str(self.told["cursor"]))
        before, self.cursor = self.cursor, None if found in (None, "") else str(found)
        if self.cursor is not None and self.cursor == before:
            raise SourceUnreadable(Issue("page_repeated", value=self.cursor))
        return self.cursor is not None


@dataclass(slots=True)
class ByLink(Paging):
    """Each page has the address of the next: at the path `next`, or in a Link header (RFC 8288)."""

    link: str | None = None

    def request(self, base: Mapping[str, Any]) -> Request:
        if self.link is None:
            return self.url, _with(base, {})
        return self.link, {**base, "params": {}}  # the link has its parameters

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        found = at(page.document, str(self.told["next"])) if "next" in self.told else None
        if "next" not in self.told:
            links = parse_header_links(headers.get("Link", ""))
            found = next((one["url"] for one in links if one.get("rel") == "next"), None)
        if not found:
            return False
        link = urljoin(self.link or self.url, str(found))
        if _server(link) != _server(self.url):
            # our login would go there too
            raise SourceUnreadable(Issue("link_foreign", value=_server(link)))
        if link == (self.link or self.url):
            raise SourceUnreadable(Issue("page_repeated", value=link.partition("?")[0]))
        self.link = link
        return True


@dataclass(slots=True)
class ByDates(Paging):
    """Windows of `days` days from `start` (YYYY-MM-DD) to today, each one page."""

    since: date = field(init=False)

    def __post_init__(self) -> None:
        self.since = date.fromisoformat(str(self.told["start"]))

    def params(self) -> dict[str, str]:
        form = str(self.told.get("format", "%Y-%m-%d"))
        first = datetime.combine(self.since, datetime.min.time())
        last = datetime.combine(self._last(), datetime.min.time())
        return {
            str(self.told["from"]): first.strftime(form),
            str(self.told["to"]): last.strftime(form),
        }

    def go_on(self, page: Page, headers: Mapping[str, str]) -> bool:
        self.since = self._last() + timedelta(days=1)
        return self.since <= today()

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


def _with(base: Mapping[str, Any], params: Mapping[str, str]) -> dict[str, Any]:
    return {**base, "params": {**base.get("params", {}), **params}}


def _server(url: str) -> str:
    told = urlsplit(url)
    return f"{told.scheme}://{told.netloc.rpartition('@')[2]}"
