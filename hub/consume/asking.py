"""Asking a hub: its address, who asks, what is tried again, and what an answer's fault is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
import orjson

from exchange_schemas.errors import Corrupt, Misdeclared, Refused, SourceUnavailable
from exchange_schemas.issue import Issue

TIMEOUT = httpx.Timeout(10, read=120)  # seconds; a page waits while the hub appends
WAITS = (0.5, 2.0)  # seconds before the second and the third try
FINAL = ("hub_key_unknown", "hub_keys_changed")  # no damage on the way makes these
PREFIX = "/exchange/v1"

Result = TypeVar("Result")


class Hub:
    """A hub's exchange API as one consumer sees it; a context manager.

    `auth` signs or marks each request, also each repeated one. `transport` is for who reaches the hub
    in another way. Raises Misdeclared (parameter_wrong) where `url` isn't an address.
    """

    def __init__(
        self, url: str, auth: httpx.Auth, transport: httpx.BaseTransport | None = None
    ) -> None:
        try:
            base = httpx.URL(url.rstrip("/").removesuffix(PREFIX) + f"{PREFIX}/")
        except httpx.InvalidURL as error:
            words = {"expected": "http://HOST:PORT"}
            raise Misdeclared(
                Issue("parameter_wrong", field="URL", value=url, params=words)
            ) from error
        # Redirects aren't followed: they would carry the key to another host.
        self.client = httpx.Client(base_url=base, auth=auth, timeout=TIMEOUT, transport=transport)

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def address(self) -> str:
        """Of the API, with a slash at its end."""
        return str(self.client.base_url)

    def get(self, path: str, asked: Mapping[str, object] | None = None) -> httpx.Response:
        """What the hub answers, tried three times; raises SourceUnavailable (hub_unreachable),
        Refused (hub_refused)."""
        given = {name: str(value) for name, value in (asked or {}).items() if value is not None}
        return self._ask(lambda: self.client.request("GET", path, params=given))

    def post(self, path: str, body: object = None) -> httpx.Response:
        """As `get`, with a JSON body; what is posted here may be posted twice without harm."""
        content = b"" if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json"} if content else {}
        return self._ask(
            lambda: self.client.request("POST", path, content=content, headers=headers)
        )

    def json(self, path: str, asked: Mapping[str, object] | None = None) -> Any:
        """The JSON that the hub answers; raises as `get`, and Refused where it isn't JSON."""
        response = self.get(path, asked)
        try:
            return orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise refused(response, "JSON?") from error

    def _ask(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        reason = ""
        for wait in (*WAITS, None):
            try:
                response = ask()
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
            else:
                if response.is_success:
                    return response
                if not may_pass(response.status_code):
                    raise refused(response, reason_of(response))
                reason = f"{response.status_code} {reason_of(response)}"
            if wait is not None:
                time.sleep(wait)
        raise self.unreachable(reason)

    def unreachable(self, reason: str) -> SourceUnavailable:
        """The error after the last try."""
        words = {"tries": str(len(WAITS) + 1), "reason": reason}
        return SourceUnavailable(Issue("hub_unreachable", value=self.address, params=words))


def may_pass(status: int) -> bool:
    """Whether an answer may be another one when it is asked for again."""
    return status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS


def again(act: Callable[[], Result]) -> Result:
    """What `act` gives, tried three times where what was received is damaged (Corrupt)."""
    for wait in WAITS:
        try:
            return act()
        except Corrupt as error:
            if error.issue.code in FINAL:
                raise
            time.sleep(wait)
    return act()


def refused(response: httpx.Response, reason: str) -> Refused:
    """The error of an answer that trying again won't change."""
    words = {"status": str(response.status_code), "reason": reason}
    return Refused(Issue("hub_refused", value=str(response.url), params=words))


def reason_of(response: httpx.Response) -> str:
    """Why, in both languages where the hub says so (RFC 9457)."""
    try:
        problem = response.json()
        return f"{problem['detail']} / {problem['detail_en']}"
    except (ValueError, KeyError, TypeError, httpx.ResponseNotRead):
        return response.reason_phrase
