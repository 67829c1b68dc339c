"""Source: a SOAP service, described by WSDL; page by page, with a login that may expire."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from adapters.discreet import discreet
from adapters.soap_service import Expired, Refusal, Service, bare, open_service
from adapters.source import Ask, Part
from adapters.steadily import steadily
from exchange_schemas.errors import Misdeclared, SourceUnreadable
from exchange_schemas.issue import Issue

EXPIRED = ("403:login timeout",)  # Guangdong's exchange says so in the place of a result
EMPTY = ("", "[]", "{}", "null")
_BOM = b"\xef\xbb\xbf"

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_SERVICE = {
    "wsdl": _TEXT,
    "service": _TEXT,
    "port": _TEXT,
    "address": _TEXT,
    "operation": _TEXT,
    "arguments": {"type": "object"},
    "soap_headers": _TEXTS,
    "http_headers": _TEXTS,
}


class SoapSource:
    """Calls `operation` for each page and gives its result: records as JSON Lines, or the text that
    the service hands over, for the feed's format.
    """

    format: Mapping[str, Any] | None = {"kind": "jsonl"}
    options: Mapping[str, Any] = {
        "required": ["wsdl", "operation"],
        "properties": {
            **_SERVICE,
            "result": {"enum": ["rows", "text"]},
            "path": {"type": "string"},
            "paging": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "first": {"type": "integer"},
                    "more": _TEXT,
                    "empty": {"type": "array", "items": {"type": "string"}},
                },
            },
            "cursor": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path"],
                "properties": {"path": {"type": "string"}, "first": {"type": "string"}},
            },
            "login": {
                "type": "object",
                "additionalProperties": False,
                "required": ["operation"],
                "properties": {
                    **_SERVICE,
                    "token": {"type": "string"},
                    "expired": {"type": "array", "items": _TEXT},
                },
            },
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """A part for each page.

        Raises Misdeclared (soap_description, soap_operation_missing, soap_arguments,
        address_refused), SourceFaltering, SourceUnavailable and SourceUnreadable (soap_fault,
        soap_result_missing, login_failed, login_repeated, page_repeated, pages_endless).
        """
        told, calls = ask.options, _Calls(ask)
        paging = told.get("paging")
        page, before = (paging or {}).get("first", 1), b""
        for count in range(1, ask.limits.pages + 1):
            ask.progress(f"{told['operation']} {page}")
            answer = calls.page(page)
            content, suffix = self._content(told, answer)
            if paging is not None and _is_empty(content, paging):
                return
            if content == before:
                raise SourceUnreadable(Issue("page_repeated", value=str(page)))
            name = f"{told['operation']}-{count:06d}.{suffix}"
            cursor = _cursor(told, answer)
            yield Part(name, [content], f"{bare(told['wsdl'])} {told['operation']}", cursor=cursor)
            if paging is None or not _more(told, paging, answer):
                return
            page, before = page + 1, content
        raise SourceUnreadable(Issue("pages_endless", value=str(ask.limits.pages)))

    def _content(self, told: Mapping[str, Any], answer: Any) -> tuple[bytes, str]:
        found = _at(answer, told.get("path", ""))
        if told.get("result") == "text":
            return _text(found, told)
        if found is _NOWHERE:
            raise _missing(told, told.get("path", ""))
        rows = found if isinstance(found, list) else [] if found is None else [found]
        return b"".join(_line(row) for row in rows), "jsonl"


@dataclass(slots=True)
class _Calls:
    """Calls of the operation, logged in where the feed says how."""

    ask: Ask
    _service: Service | None = None
    _token: str = field(default="", repr=False)

    def page(self, page: int) -> Any:
        """The answer for this page; a session that has expired is begun anew, once."""
        told = self.ask.options
        for again in (False, True):
            if "login" in told and not self._token:
                self._token = steadily(self._log_in)
            try:
                answer = steadily(lambda: self._call(page))
            except Expired:
                answer = _NOWHERE
            except Refusal as refusal:
                if not self._expired(refusal.text):
                    text = discreet(refusal.text, [self._token])
                    raise Refusal(text, refusal.ours).error(told["operation"]) from None
                answer = _NOWHERE
            if answer is not _NOWHERE and not any(map(self._expired, _texts(answer))):
                return answer
            self._token = ""
            if again or "login" not in told:
                raise SourceUnreadable(Issue("login_repeated", value=bare(told["wsdl"])))
        raise AssertionError("the second turn returns or raises")

    def _call(self, page: int) -> Any:
        told = self.ask.options
        if self._service is None:
            self._service = open_service(told, self.ask)
        words = {"page": str(page), "token": self._token}
        return _called(self._service, {**words, "cursor": self._cursor()})

    def _cursor(self) -> str:
        first = self.ask.options.get("cursor", {}).get("first", "")
        return first if self.ask.cursor is None else self.ask.cursor

    def _log_in(self) -> str:
        login = {**_shared(self.ask.options), **self.ask.options["login"]}
        try:
            answer = _called(open_service(login, self.ask), {"token": ""})
        except Expired:
            answer = None
        except Refusal as refusal:
            raise refusal.error(login["operation"]) from None
        token = _at(answer, login.get("token", ""))
        if not isinstance(token, str) or not token.strip() or self._expired(token):
            params = {"place": login.get("token") or "$"}
            raise Misdeclared(Issue("login_failed", value=login["operation"], params=params))
        return token.strip()

    def _expired(self, text: str) -> bool:
        words = self.ask.options.get("login", {}).get("expired", EXPIRED)
        return any(text.strip().lower().startswith(word.lower()) for word in words)


def _shared(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a login takes from the source where it doesn't say it: the same service."""
    return {name: told[name] for name in ("wsdl", "service", "port", "address") if name in told}


def _called(service: Service, words: Mapping[str, str]) -> Any:
    told = service.told
    return service.call(
        _filled(told.get("arguments", {}), words),
        _filled(told.get("soap_headers", {}), words),
        _filled(told.get("http_headers", {}), words),
    )


def _filled(told: Any, words: Mapping[str, str]) -> Any:
    """`told` with `{page}`, `{cursor}` and `{token}` in its texts replaced."""
    if isinstance(told, str):
        for name, word in words.items():
            told = told.replace(f"{{{name}}}", word)
        return told
    if isinstance(told, Mapping):
        return {name: _filled(one, words) for name, one in told.items()}
    if isinstance(told, list):
        return [_filled(one, words) for one in told]
    return told


_NOWHERE = object()


def _at(answer: Any, path: str) -> Any:
    """What stands at the dotted path; `_NOWHERE` where nothing has its name."""
    found = answer
    for name in path.split(".") if path else []:
        if not isinstance(found, dict) or name not in found:
            return None if found is None else _NOWHERE
        found = found[name]
    return found


def _texts(answer: Any) -> list[str]:
    """The answer where it is a text, or the texts right in it."""
    inner = answer.values() if isinstance(answer, dict) else [answer]
    return [one for one in inner if isinstance(one, str)]


def _text(found: Any, told: Mapping[str, Any]) -> tuple[bytes, str]:
    if found is _NOWHERE or isinstance(found, dict | list):
        raise _missing(told, told.get("path", ""))
    if isinstance(found, bytes):
        return found, "dat"
    text = "" if found is None else found if isinstance(found, str) else str(_plain(found))
    start = text.lstrip()[:1]
    suffix = {"<": "xml", "{": "json", "[": "json"}.get(start, "txt")
    # the mark says that it is UTF-8 now, whatever its declaration says that it was
    return (_BOM if text.startswith("<?xml") else b"") + text.encode(), suffix


def _is_empty(content: bytes, paging: Mapping[str, Any]) -> bool:
    text = content.removeprefix(_BOM).strip()
    return text in [word.encode() for word in (*EMPTY, *paging.get("empty", ()))]


def _more(told: Mapping[str, Any], paging: Mapping[str, Any], answer: Any) -> bool:
    """Whether the answer says that there is another page; without a flag only an empty one ends."""
    if "more" not in paging:
        return True
    flag = _at(answer, paging["more"])
    if flag is _NOWHERE or flag is None:
        params = {"expected": paging["more"]}
        raise SourceUnreadable(
            Issue("soap_result_missing", value=told["operation"], params=params)
        )
    return str(flag).strip().lower() in ("true", "1", "y", "yes")


def _cursor(told: Mapping[str, Any], answer: Any) -> str | None:
    if "cursor" not in told:
        return None
    found = _at(answer, told["cursor"]["path"])
    if found is _NOWHERE:
        params = {"expected": told["cursor"]["path"]}
        raise SourceUnreadable(
            Issue("soap_result_missing", value=told["operation"], params=params)
        )
    return None if found is None else str(_plain(found))


def _missing(told: Mapping[str, Any], path: str) -> SourceUnreadable:
    params = {"expected": path or "$"}
    return SourceUnreadable(Issue("soap_result_missing", value=told["operation"], params=params))


def _line(row: Any) -> bytes:
    record = row if isinstance(row, dict) else {"value": row}
    return json.dumps(record, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    """A value of XML Schema as text, as near to how it is written as zeep leaves it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, etree._Element):
        return etree.tostring(value, encoding="unicode", with_tail=False)
    return str(value)
