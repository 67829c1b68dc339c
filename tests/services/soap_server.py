"""A SOAP 1.1 service as the provincial exchange of 2016 had it: a login, and records page by page.

Its description is real WSDL (document/literal), its sessions end after so many calls, in whatever
way a test asks for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from lxml import etree

NAMESPACE = "urn:exchange:test"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PAGE = 3  # records on a page

_RECORDS = (
    "<xs:element name='more' type='xs:boolean'/><xs:element name='next' type='xs:string'/>"
    "<xs:element name='record' minOccurs='0' maxOccurs='unbounded'><xs:complexType>"
    "<xs:sequence><xs:element name='CF_WSH' type='xs:string'/>"
    "<xs:element name='CF_NR_FK' type='xs:decimal'/>"
    "<xs:element name='CF_JDRQ' type='xs:date' nillable='true'/></xs:sequence>"
    "</xs:complexType></xs:element>"
)
_RETURN = "<xs:element name='return' type='xs:string'/>"
_OPERATIONS = {  # name → what it takes, and what it gives
    "auth": (["user", "password"], _RETURN),
    "query": (["token", "since", "page"], _RECORDS),
    "exsend": (["page"], _RETURN),
}


@dataclass
class SoapService:
    """`calls` lists (operation, page) as they came. What a test may set: `lasts`, the calls that a
    session is good for; `says`, how it tells that one has ended; `breaks`, what the next call meets.
    """

    url: str = ""
    records: int = 8
    lasts: int = 1000
    says: str = "text"  # text, fault or status
    breaks: list[str] = field(default_factory=list)  # busy, cut, fault, client, slow, doctype
    calls: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    again: bool = False  # answers every page with the first

    @property
    def wsdl(self) -> str:
        return f"{self.url}?wsdl"

    def use(self, token: str) -> bool:
        """Whether the session is good for one more call."""
        self.tokens[token] = self.tokens.get(token, 0) - 1
        return self.tokens[token] >= 0

    def page(self, page: int) -> list[int]:
        """Numbers of the records on a page."""
        start = 0 if self.again else (page - 1) * PAGE
        return list(range(self.records))[start : start + PAGE]


def description(url: str, imports: str = "") -> str:
    """The service's WSDL."""
    elements, messages, operations, bindings = [], [], [], []
    for name, (takes, gives) in _OPERATIONS.items():
        inner = "".join(f"<xs:element name='{one}' type='xs:string'/>" for one in takes)
        for element, content in ((name, inner), (f"{name}Response", gives)):
            elements.append(
                f"<xs:element name='{element}'><xs:complexType><xs:sequence>{content}"
                "</xs:sequence></xs:complexType></xs:element>"
            )
            messages.append(
                f"<message name='{element}'><part name='p' element='t:{element}'/></message>"
            )
        operations.append(
            f"<operation name='{name}'><input message='t:{name}'/>"
            f"<output message='t:{name}Response'/></operation>"
        )
        bindings.append(
            f"<operation name='{name}'><s:operation soapAction='{name}'/><input>"
            "<s:body use='literal'/></input><output><s:body use='literal'/></output></operation>"
        )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><definitions name='Exchange'"
        f" targetNamespace='{NAMESPACE}' xmlns:t='{NAMESPACE}'"
        " xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:xs='http://www.w3.org/2001/XMLSchema'"
        f" xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/'>{imports}<types>"
        f"<xs:schema targetNamespace='{NAMESPACE}' elementFormDefault='qualified'>"
        f"{''.join(elements)}</xs:schema></types>{''.join(messages)}"
        f"<portType name='Port'>{''.join(operations)}</portType>"
        "<binding name='Binding' type='t:Port'>"
        "<s:binding transport='http://schemas.xmlsoap.org/soap/http'/>"
        f"{''.join(bindings)}</binding><service name='Exchange'>"
        f"<port name='Soap' binding='t:Binding'><s:address location='{url}'/></port></service>"
        "</definitions>"
    )


class _Fault(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class _Handler(BaseHTTPRequestHandler):
    service: SoapService

    def log_message(self, *_: object) -> None:
        """Silent: nobody reads it."""

    def do_GET(self) -> None:
        self._answer(200, description(self.service.url).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = etree.fromstring(body)
        head = {
            etree.QName(e).localname: e.text or "" for e in call.iterfind(f".//{{{SOAP}}}Header/*")
        }
        (asked,) = call.find(f"{{{SOAP}}}Body")
        told = {etree.QName(e).localname: e.text or "" for e in asked}
        name = etree.QName(asked).localname
        self.service.calls.append((name, told.get("page", "")))
        self.service.headers.append({**dict(self.headers.items()), **head})
        try:
            if self._broken():
                return
            inner = self._perform(name, told, {**dict(self.headers.items()), **head})
            self._reply(200, f"<{name}Response xmlns='{NAMESPACE}'>{inner}</{name}Response>")
        except _Fault as fault:
            if fault.code == "status":
                self._answer(403, b"")
                return
            self._reply(
                500,
                f"<s:Fault xmlns:s='{SOAP}'><faultcode>s:{fault.code}</faultcode>"
                f"<faultstring>{escape(fault.text)}</faultstring></s:Fault>",
            )

    def _perform(self, name: str, told: dict[str, str], heads: dict[str, str]) -> str:
        service = self.service
        if name == "auth":
            if told["password"] != "geheim-4711":
                return "<return/>"
            token = f"token-{len(service.tokens) + 1}"
            service.tokens[token] = service.lasts
            return f"<return>{token}</return>"
        token = told.get("token") or heads.get("token", "")
        if not service.use(token):
            if service.says == "text" and name == "exsend":
                return "<return>403:login timeout</return>"
            code = "status" if service.says == "status" else "Server"
            raise _Fault(code, f"403:login timeout of {token}")
        numbers = service.page(int(told["page"]))
        if name == "exsend":
            return f"<return>{escape(_messages(numbers)) if numbers else ''}</return>"
        more = "true" if service.page(int(told["page"]) + 1) else "false"
        return f"<more>{more}</more><next>after {told['since']}+8</next>" + "".join(
            f"<record><CF_WSH>{n}号</CF_WSH><CF_NR_FK>{n}.20</CF_NR_FK>"
            "<CF_JDRQ>2016-01-02</CF_JDRQ></record>"
            for n in numbers
        )

    def _broken(self) -> bool:
        """Whether this call met what the test asked for."""
        broken = self.service.breaks.pop(0) if self.service.breaks else ""
        if broken == "busy":
            self._answer(503, b"busy")
        elif broken == "cut":
            self._answer(200, f"<s:Envelope xmlns:s='{SOAP}'><s:Body>".encode())
        elif broken == "doctype":
            self._answer(200, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
        elif broken == "slow":
            time.sleep(3)
        elif broken in ("fault", "client"):
            raise _Fault(
                "Server" if broken == "fault" else "Client", "no such list\n for geheim-4711"
            )
        return broken in ("busy", "cut", "doctype", "slow")

    def _reply(self, status: int, inner: str) -> None:
        envelope = f"<s:Envelope xmlns:s='{SOAP}'><s:Body>{inner}</s:Body></s:Envelope>"
        self._answer(status, envelope.encode())

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _messages(numbers: list[int]) -> str:
    """What exsend hands over: messages in GBK, as they say, though SOAP made text of them."""
    messages = "".join(
        f"<ExchangeMessage><Header><flow>f{n}</flow></Header><Body><fields><CF_WSH>{n}号</CF_WSH>"
        "</fields></Body></ExchangeMessage>"
        for n in numbers
    )
    return f'<?xml version="1.0" encoding="GBK"?><list>{messages}</list>'


@contextmanager
def soap_server() -> Iterator[SoapService]:
    """Runs the service on a free port of this machine until the block ends."""
    service = SoapService()
    handler = type("Handler", (_Handler,), {"service": service})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}/exchange"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
