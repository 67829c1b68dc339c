"""Kinds of issue: XML files, exchange messages, and services that speak SOAP."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info, warning

XML_KINDS: dict[str, Kind] = {
    "xml_doctype": error(
        "the file has a DOCTYPE, which may make whoever reads it open other files; deliver it "
        "without one"
    ),
    "xml_encoding": error(
        "the file says that it is in {value}, which can't be or isn't read (known: {known}); say "
        "the real one as encoding: in the feed's format"
    ),
    "xml_invalid": error("the file isn't well-formed XML ({reason}); have it exported again"),
    "xml_too_large": error("the file isn't one of records: {reason}; export it in another form"),
    "xml_place_missing": error(
        "the file has nothing that could hold the rows {expected}; correct rows: of the feed's format"
    ),
    "xml_rows_missing": warning(
        "the file has no row at {value}; where it should have some, correct rows: of the feed's "
        "format"
    ),
    "xml_left_out": info(
        "the rows also have {value}, which columns: of the feed's format doesn't take"
    ),
    "message_without_flow": error(
        "the message has no flow in its Header, so nobody can tell whether it came before; have it "
        "sent again with one"
    ),
    "message_without_body": error(
        "message {value} has no Body with fields in it; have it sent again whole"
    ),
    "message_differs": error(
        "message {value} stands in the delivery twice, with different content; the second was not "
        "taken. Ask the sender which one is right"
    ),
    "message_repeated": info(
        "message {value} stands in the delivery twice, with the same content; it counts once"
    ),
    "soap_fault": error("operation {value} was answered with a fault: {reason}"),
    "soap_description": error(
        "the service's description (WSDL) at {value} can't be used: {reason}; correct wsdl: of the "
        "feed, or ask the service's operator"
    ),
    "soap_operation_missing": error(
        "the service has no operation {value} (it has {found}); correct the feed's source"
    ),
    "soap_arguments": error(
        "operation {value} doesn't take these arguments: {reason}; correct arguments: of the feed"
    ),
    "soap_result_missing": error(
        "the answer of operation {value} has no {expected}; correct the path in the feed's source"
    ),
    "soap_answer": error(
        "{value} gave an answer that can't be read ({reason}); run the feed again, and ask the "
        "service's operator if it stays so"
    ),
}
