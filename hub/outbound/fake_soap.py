"""The SOAP of a province of ours: a description for zeep, calls taken apart, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

NAMESPACE = "urn:exchange-hub:province"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_TAKES = {"auth": ("user", "password"), "bsync": ("message",)}


@dataclass(frozen=True, slots=True)
class Call:
    """`head` are the SOAP headers, `told` the arguments, by their names."""

    operation: str
    head: Mapping[str, str]
    told: Mapping[str, str]


def description(url: str) -> str:
    """The service's WSDL 1.1, document/literal."""
    elements = "".join(_elements(name, takes) for name, takes in _TAKES.items())
    parts = "".join(
        f"<message name='{name}{tail}'><part name='p' element='t:{name}{tail}'/></message>"
        for name in _TAKES
        for tail in ("", "Response")
    )
    ports = "".join(
        f"<operation name='{name}'><input message='t:{name}'/>"
        f"<output message='t:{name}Response'/></operation>"
        for name in _TAKES
    )
    body = "<s:body use='literal'/>"
    bound = "".join(
        f"<operation name='{name}'><s:operation soapAction='{name}'/><input>{body}</input>"
        f"<output>{body}</output></operation>"
        for name in _TAKES
    )
    return (
        f"<definitions name='Province' targetNamespace='{NAMESPACE}' xmlns:t='{NAMESPACE}'"
        " xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:xs='http://www.w3.org/2001/XMLSchema'"
        " xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/'>"
        f"<types><xs:schema targetNamespace='{NAMESPACE}' elementFormDefault='qualified'>{elements}"
        f"</xs:schema></types>{parts}<portType name='Port'>{ports}</portType>"
        "<binding name='Binding' type='t:Port'>"
        f"<s:binding transport='http://schemas.xmlsoap.org/soap/http'/>{bound}</binding>"
        f"<service name='Province'><port name='Soap' binding='t:Binding'><s:address location='{url}'/>"
        "</port></service></definitions>"
    )


def _elements(name: str, takes: tuple[str, ...]) -> str:
    inner = "".join(f"<xs:element name='{one}' type='xs:string'/>" for one in takes)
    result = "<xs:element name='return' type='xs:string'/>"
    return "".join(
        f"<xs:element name='{element}'><xs:complexType><xs:sequence>{content}</xs:sequence>"
        "</xs:complexType></xs:element>"
        for element, content in ((name, inner), (f"{name}Response", result))
    )


def read_call(body: bytes) -> Call:
    """A SOAP 1.1 request taken apart."""
    envelope = _parsed(body)
    head = {
        etree.QName(one).localname: one.text or ""
        for one in envelope.iterfind(f".//{{{_SOAP}}}Header/*")
    }
    (asked,) = envelope.find(f"{{{_SOAP}}}Body")
    told = {etree.QName(one).localname: one.text or "" for one in asked}
    return Call(etree.QName(asked).localname, head, told)


def answer(operation: str, text: str) -> bytes:
    """The answer to a call."""
    inner = f"<{operation}Response xmlns='{NAMESPACE}'><return>{escape(text)}</return>"
    return _envelope(f"{inner}</{operation}Response>")


def fault(text: str) -> bytes:
    """A fault of the server's own."""
    told = f"<faultcode>s:Server</faultcode><faultstring>{escape(text)}</faultstring>"
    return _envelope(f"<s:Fault>{told}</s:Fault>")


def _envelope(inner: str) -> bytes:
    return f"<s:Envelope xmlns:s='{_SOAP}'><s:Body>{inner}</s:Body></s:Envelope>".encode()


def message_of(text: str) -> tuple[str, str, int, str, dict[str, str]]:
    """flow, item, sn, operation and columns of an ExchangeMessage; raises ValueError."""
    try:
        message = _parsed(text.encode())
        header = {one.tag: one.text or "" for one in message.find("Header")}
        fields = {one.tag: one.text or "" for one in message.find("Body").find("fields")}
        operation = fields.pop("OPT_TYPE", "")
        return header["flow"], header["item"], int(header["sn"]), operation, fields
    except (etree.XMLSyntaxError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not an ExchangeMessage: {type(error).__name__}") from error


def _parsed(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)
