"""Source: an interface over HTTP that gives its records page by page, in JSON or XML."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from adapters.api_page import Page, place_missing, read_page
from adapters.api_paging import PAGING, paging_of
from adapters.api_request import with_parameters
from adapters.http_auth import AUTH, at
from adapters.http_client import REQUEST_OPTIONS, client, request_of
from adapters.politely import politely
from adapters.source import Ask, Part
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class ApiSource:
    """Every page is a part as it came, so the feed's format says what it is: `json` or `xml`.

    `rows` is the dotted path of the records on a page: it tells the end. `total` is where the source
    says how many records there are; if it gave fewer nothing is taken. `since` makes it incremental:
    `param` carries the cursor, which is the greatest value of the column `from` that was seen. The
    source must give what is equal to it again, or it loses what was written in the same moment.
    """

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["url", "rows"],
        "properties": {
            **REQUEST_OPTIONS,
            "auth": AUTH,
            "content": {"enum": ["json", "xml"]},
            "rows": {"type": "string"},
            "total": {"type": "string", "minLength": 1},
            "paging": PAGING,
            "pause": {"type": "number", "minimum": 0},
            "since": {
                "type": "object",
                "required": ["param", "from"],
                "additionalProperties": False,
                "properties": {
                    "param": {"type": "string"},
                    "from": {"type": "string"},
                    "start": {"type": "string"},
                },
            },
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """Page after page.

        Raises as `Client.page`, and SourceUnreadable: page_unreadable, page_place_missing,
        page_repeated, pages_endless, pages_short, link_foreign.
        """
        content = str(ask.options.get("content", "json"))
        last, newest = b"", ask.cursor
        for number, answer in enumerate(_answers(ask, content), 1):
            page, body, headers, url = answer
            digest = hashlib.sha256(body).digest()
            if digest == last and page.rows:
                raise SourceUnreadable(Issue("page_repeated", value=str(number)))
            last = digest
            newest = _newest(ask.options.get("since"), page, newest)
            if page.rows or number == 1:
                yield Part(f"page-{number:06d}.{content}", [body], url, headers, newest)


def _answers(ask: Ask, content: str) -> Iterator[tuple[Page, bytes, Mapping[str, str], str]]:
    """Each page with its bytes, headers and address, until the source has no more."""
    asking, paging = client(ask), paging_of(ask.options.get("paging"), str(ask.options["url"]))
    told = request_of(ask.options)
    since = ask.options.get("since")
    if since and (start := ask.cursor or since.get("start")):
        told = with_parameters(told, {since["param"]: start})
    method = str(ask.options.get("method", "GET"))
    for number in politely(ask.limits.pages, float(ask.options.get("pause", 0))):
        url, request = paging.request(told)
        ask.progress(f"page {number}")
        answer = asking.page(method, url, **request)
        page = read_page(answer.body, content, ask.options, number)
        if "total" in ask.options and page.total is None and not paging.begun:
            raise place_missing(str(ask.options["total"]), number)
        yield page, answer.body, answer.headers, answer.url
        if not paging.go_on(page, answer.headers):
            return
    raise SourceUnreadable(Issue("pages_endless", value=str(ask.limits.pages)))


def _newest(since: Mapping[str, Any] | None, page: Page, known: str | None) -> str | None:
    """The greatest value of the cursor's column so far: numbers by their size, others as texts.

    Dates in ISO 8601 sort so. Where others don't, it is one that was seen, if not the greatest: the
    next pull gets some records again, and misses none.
    """
    if not since:
        return None
    found = [at(row, str(since["from"])) for row in page.rows]
    values = [
        str(value) for value in found if isinstance(value, str | int | float) and value != ""
    ]
    values += [] if known is None else [known]
    if all(_NUMBER.fullmatch(value) for value in values):
        return max(values, key=Decimal, default=None)
    return max(values)
