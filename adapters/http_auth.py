"""How a feed shows who it is: a key in a header, a password, OAuth 2.0, or a login that gives a token."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from adapters.source import SECRET
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

EARLY = 30  # seconds before its end at which a token is renewed
LARGEST = 1 << 20  # bytes of an answer to a login

_TEXT = {"type": "string", "minLength": 1}
AUTH: Mapping[str, Any] = {
    "oneOf": [
        {
            "required": ["kind", "name", "value"],
            "additionalProperties": False,
            "properties": {"kind": {"const": "header"}, "name": _TEXT, "value": SECRET},
        },
        {
            "required": ["kind", "user", "password"],
            "additionalProperties": False,
            "properties": {"kind": {"const": "basic"}, "user": _TEXT, "password": SECRET},
        },
        {
            "required": ["kind", "token_url", "client_id", "client_secret"],
            "additionalProperties": False,
            "properties": {
                "kind": {"const": "oauth2"},
                "token_url": _TEXT,
                "client_id": _TEXT,
                "client_secret": SECRET,
                "scope": _TEXT,
            },
        },
        {
            "required": ["kind", "url", "fields", "token"],
            "additionalProperties": False,
            "properties": {
                "kind": {"const": "login"},
                "url": _TEXT,
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
                "send": {"enum": ["json", "form"]},
                "token": _TEXT,
                "header": _TEXT,
                "param": _TEXT,
                "expired": _TEXT,
            },
        },
    ]
}


@dataclass(slots=True)
class Auth:
    """No login at all; the others build on it.

    `headers` and `params` go with every request; `private` are headers that no other server sees.
    """

    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    private: tuple[str, ...] = ()

    def log_in(self, session: requests.Session) -> None:
        """Get what is missing."""

    def ran_out(self, status: int, head: bytes = b"") -> bool:
        """Whether an answer, by its status and beginning, says that the session is over."""
        return False

    def forget(self) -> None:
        """The session is over."""


@dataclass(slots=True)
class OAuth2(Auth):
    """Client credentials (RFC 6749, 4.4): a token that is renewed before it ends, or on 401."""

    told: Mapping[str, Any] = field(default_factory=dict)
    until: float = 0.0

    def log_in(self, session: requests.Session) -> None:
        if time.monotonic() < self.until:
            return
        form = {"grant_type": "client_credentials"}
        if "scope" in self.told:
            form["scope"] = self.told["scope"]
        # RFC 6749, 2.3.1: both are form-encoded before they are joined
        who = (_coded(self.told["client_id"]), _coded(self.told["client_secret"]))
        url = str(self.told["token_url"])
        with session.post(url, data=form, auth=who, stream=True, allow_redirects=False) as answer:
            given = _answer(answer, url, "access_token")
        self.headers["Authorization"] = f"Bearer {given['access_token']}"
        lasts = float(given.get("expires_in") or 3600)
        self.until = time.monotonic() + max(lasts - EARLY, 1)

    def ran_out(self, status: int, head: bytes = b"") -> bool:
        return status == 401

    def forget(self) -> None:
        self.until = 0.0


@dataclass(slots=True)
class Login(Auth):
    """A request that gives a token, which then goes with the others in a header or a parameter.

    401 and 403 say that the token is over, and the text `expired` (`403:login timeout`) at the
    beginning of an answer of whatever status.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    inside: bool = False

    def log_in(self, session: requests.Session) -> None:
        if self.inside:
            return
        url, place = str(self.told["url"]), str(self.told["token"])
        send = {"json" if self.told.get("send", "json") == "json" else "data": self.told["fields"]}
        with session.post(url, stream=True, allow_redirects=False, **send) as answer:
            if place.startswith("header:"):
                token = _good(answer, url, place).headers.get(place.removeprefix("header:"))
            else:
                token = at(_answer(answer, url, place), place)
        if not isinstance(token, str | int) or not str(token):
            raise _failed(url, place)
        if "param" in self.told:
            self.params[str(self.told["param"])] = str(token)
        else:
            self.headers[str(self.told.get("header", "token"))] = str(token)
        self.inside = True

    def ran_out(self, status: int, head: bytes = b"") -> bool:
        text = self.told.get("expired")
        if status in (401, 403):
            return True
        return text is not None and any(form in head[:LARGEST] for form in _forms(str(text)))

    def forget(self) -> None:
        self.inside = False


def read_auth(told: Mapping[str, Any] | None) -> Auth:
    """The `auth:` of a declaration, with its secrets filled in."""
    if told is None:
        return Auth()
    kind = told["kind"]
    if kind == "header":
        return Auth({told["name"]: told["value"]}, private=(told["name"],))
    if kind == "basic":
        plain = f"{told['user']}:{told['password']}".encode()
        return Auth({"Authorization": f"Basic {b64encode(plain).decode()}"})
    if kind == "oauth2":
        return OAuth2(told=told)
    return Login(told=told, private=(str(told.get("header", "token")),))


def at(document: Any, path: str) -> Any:
    """What stands at a dotted path of a JSON document, in lists by number; None where nothing does."""
    found = document
    for name in path.split(".") if path else []:
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _answer(response: requests.Response, url: str, place: str) -> dict[str, Any]:
    try:
        found = json.loads(_good(response, url, place).raw.read(LARGEST, decode_content=True))
    except (ValueError, UnicodeDecodeError) as error:
        raise _failed(url, place) from error
    if not isinstance(found, dict) or at(found, place) is None:
        raise _failed(url, place)
    return found


def _good(response: requests.Response, url: str, place: str) -> requests.Response:
    if response.status_code >= 500:
        response.raise_for_status()  # that may pass
    if response.status_code >= 300:
        raise _failed(url, place)
    return response


def _forms(text: str) -> tuple[bytes, ...]:
    """As an answer may write it: in UTF-8, in GB 18030, or escaped in JSON."""
    return text.encode(), text.encode("gb18030"), json.dumps(text)[1:-1].encode()


def _coded(text: object) -> str:
    return quote(str(text), safe="")


def _failed(url: str, place: str) -> SourceUnreadable:
    return SourceUnreadable(Issue("login_failed", value=url, params={"place": place}))
