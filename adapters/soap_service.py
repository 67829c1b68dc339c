"""One operation of a SOAP service: its description loaded, its answers checked.

zeep does the protocol. What it fetches goes through our guarded session, and nothing else does: a
description may import others over HTTP, and one in a local file others from its own folder.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Error, Fault, TransportError
from zeep.helpers import serialize_object
from zeep.transports import Transport

from adapters.network import asking, session
from adapters.source import Ask
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

# zeep says nothing about its types.
_client: Any = Client
_plainly: Any = serialize_object
_status: Any = TransportError

_BLOCK = 1 << 16
_SHOWN = 300  # characters of a fault that are told
_NAMESPACE = re.compile(r"\{[^{}]*\}")
_REMOTE = ("http://", "https://")
_BUSY = (429, 500, 502, 503, 504)


class Expired(Exception):
    """The service answered with 401 or 403: whoever has a login uses it."""


class Refusal(Exception):
    """The service answered with a fault; `text` is its own words, `ours` whether it blames us."""

    def __init__(self, text: str, ours: bool) -> None:
        super().__init__(text)
        self.text, self.ours = text, ours

    def error(self, operation: str) -> HubError:
        """What to raise: a fault of the server may pass with time, one of ours doesn't."""
        kind = SourceUnreadable if self.ours else SourceUnavailable
        return kind(Issue("soap_fault", value=operation, params={"reason": self.text}))


@dataclass(frozen=True, slots=True)
class Service:
    """`told` has wsdl, operation and perhaps service, port, address, soap_headers."""

    told: Mapping[str, Any]
    proxy: Any
    place: str  # for messages

    def call(
        self, arguments: Mapping[str, Any], soap: Mapping[str, str], http: Mapping[str, str]
    ) -> Any:
        """The answer as plain dicts, lists and scalars.

        Raises Expired, Refusal, Misdeclared (soap_arguments), SourceFaltering, SourceUnreadable.
        """
        operation, proxy = self.told["operation"], self.proxy
        taken = {**arguments, "_soapheaders": [_element(*one) for one in soap.items()] or None}
        try:
            proxy._client.create_message(proxy, operation, **taken)
        except (TypeError, ValueError, LookupError, Error) as error:
            words = {"reason": _NAMESPACE.sub("", str(error))[:_SHOWN]}
            raise Misdeclared(Issue("soap_arguments", value=operation, params=words)) from None
        try:
            with asking(self.place), proxy._client.settings(extra_http_headers=dict(http)):
                return _plainly(proxy[operation](**taken), dict)
        except Fault as fault:
            raise _refusal(fault) from None
        except TransportError as error:
            raise _transport(error, self.place) from None
        except (TypeError, ValueError, LookupError, Error) as error:
            words = {"reason": str(error)[:_SHOWN]}
            raise SourceUnreadable(Issue("soap_answer", value=operation, params=words)) from None


def _refusal(fault: Fault) -> Refusal:
    blamed = str(fault.code or "").rpartition(":")[2]
    text = " ".join(str(fault.message or "").split())[:_SHOWN]
    return Refusal(text or blamed, blamed in ("Client", "Sender"))


def open_service(told: Mapping[str, Any], ask: Ask) -> Service:
    """The operation that `told` names; raises Misdeclared (soap_description,
    soap_operation_missing), SourceFaltering (source_unreachable, http_busy).
    """
    wsdl = str(told["wsdl"])
    place = wsdl if wsdl.startswith(_REMOTE) else str(ask.folder / wsdl)
    transport = _Guarded(ask, None if wsdl.startswith(_REMOTE) else Path(place).parent)
    settings = Settings(strict=False, forbid_dtd=True, forbid_entities=True, xml_huge_tree=False)
    try:
        with asking(place):
            client = _client(place, transport=transport, settings=settings)
        proxy = client.bind(told.get("service"), told.get("port"))
        if told.get("address"):
            proxy = client.create_service(str(proxy._binding.name), told["address"])
    except HubError:
        raise
    except Exception as error:  # noqa: BLE001  a description may be wrong in any way
        words = {"reason": f"{type(error).__name__}: {error}"[:_SHOWN]}
        raise Misdeclared(Issue("soap_description", value=bare(place), params=words)) from None
    names = sorted(proxy._operations)
    if told["operation"] not in names:
        words = {"found": "、".join(names)}
        raise Misdeclared(Issue("soap_operation_missing", value=told["operation"], params=words))
    return Service(told, proxy, place)


def bare(place: str) -> str:
    """An address without its query, which may hold a key."""
    return place.partition("?")[0]


def _element(name: str, text: str) -> Any:
    made = etree.Element(name)
    made.text = text
    return made


def _transport(error: TransportError, place: str) -> Exception:
    status = error.status_code
    if status in (401, 403):
        return Expired(str(status))
    words = {"status": str(status)}
    if status in _BUSY:
        return SourceFaltering(Issue("http_busy", value=bare(place), params=words))
    return SourceUnreadable(Issue("http_status", value=bare(place), params=words))


class _Guarded(Transport):
    """Fetches over the guarded session, and from `folder` where the description is a local file."""

    def __init__(self, ask: Ask, folder: Path | None) -> None:
        limits = ask.limits
        super().__init__(  # type: ignore[no-untyped-call]
            timeout=limits.request_seconds,
            operation_timeout=limits.request_seconds,
            session=session(ask),
        )
        self.session.adapters.pop("file://", None)  # zeep's own, which would read any file
        self._folder = None if folder is None else folder.resolve()
        self._most, self._until = limits.bytes, time.monotonic() + limits.seconds

    def load(self, url: str) -> bytes:
        """A description or a schema."""
        if url.startswith(_REMOTE):
            response = self._whole(self.session.get(url, timeout=self.load_timeout, stream=True))
            if response.status_code in _BUSY:
                words = {"status": str(response.status_code)}
                raise SourceFaltering(Issue("http_busy", value=bare(url), params=words))
            response.raise_for_status()
            return bytes(response.content)
        path = Path(url).resolve()
        if self._folder is None or not path.is_relative_to(self._folder):
            raise ValueError(f"it refers to {url}")
        return path.read_bytes()

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> requests.Response:
        """The answer, which must be whole: zeep would mend one that breaks off."""
        response = self._whole(
            self.session.post(
                address,
                data=message,
                headers=headers,
                timeout=self.operation_timeout,
                stream=True,
            )
        )
        if response.status_code in (401, 403):
            raise _status(status_code=response.status_code)
        kind = response.headers.get("Content-Type", "")
        if response.content and "multipart" not in kind:
            _check(response, bare(address))
        return response

    def _whole(self, response: requests.Response) -> requests.Response:
        content = bytearray()
        with closing(response):
            for block in response.iter_content(_BLOCK):
                content += block
                if len(content) > self._most:
                    words = f"{self._most >> 20} MB"
                    raise SourceUnreadable(Issue("delivery_too_large", value=words))
                if time.monotonic() > self._until:
                    raise requests.Timeout
        response._content = bytes(content)
        return response


def _check(response: requests.Response, place: str) -> None:
    """Refuse an answer that isn't XML to its end, or has a DOCTYPE."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        document: Any = etree.fromstring(response.content, parser).getroottree()
        reason = "it has a DOCTYPE" if document.docinfo.doctype else ""
    except etree.XMLSyntaxError as error:
        reason = str(error.msg)
    if not reason:
        return
    if response.status_code != 200:
        raise _status(status_code=response.status_code)
    raise SourceFaltering(Issue("soap_answer", value=place, params={"reason": reason}))
