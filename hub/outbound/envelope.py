"""Guangdong's ExchangeMessage (2016), written: the envelope that `adapters.format_exchange_message` reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from lxml import etree

from adapters.format_exchange_message import BODY, FIELDS, HEADER, MESSAGE
from hub.outbound import parcel
from hub.outbound.table import ProvinceTable


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the header of every message says; `copies` are further receivers."""

    sender: str
    receiver: str
    copies: tuple[str, ...] = ()
    security_type: str = "1"
    operator: str = ""
    contacts: str = ""


def letterhead(options: Mapping[str, Any]) -> Letterhead:
    """As a target's `way:` says it."""
    names = ("sender", "receiver", "security_type", "operator", "contacts")
    given = {name: str(options[name]) for name in names if name in options}
    return Letterhead(copies=tuple(options.get("copies", ())), **given)


def messages(
    head: Letterhead, table: ProvinceTable, rows: pl.DataFrame
) -> Iterator[tuple[str, str]]:
    """(flow, XML) of every row of a parcel, in order: a message for each, so that each has its answer."""
    for row in rows.iter_rows(named=True):
        yield row[parcel.FLOW], _message(head, table, row)


def _message(head: Letterhead, table: ProvinceTable, row: Mapping[str, Any]) -> str:
    message = etree.Element(MESSAGE)
    header = etree.SubElement(message, HEADER)
    _put(header, "sender", head.sender)
    _put(header, "receiver", head.receiver)
    copies = etree.SubElement(header, "cc")
    for one in head.copies:
        _put(copies, "receiver", one)
    _put(header, "flow", row[parcel.FLOW])
    _put(header, "item", row[parcel.ITEM])
    _put(header, "sn", str(row[parcel.SEQ]))
    _put(header, "securityType", head.security_type)
    _put(header, "operator", head.operator)
    _put(header, "contacts", head.contacts)
    fields = etree.SubElement(etree.SubElement(message, BODY), FIELDS)
    _put(fields, table.operation.column, table.operation.words[row[parcel.OPERATION]])
    for name in table.columns:
        if row[name] is not None:
            _put(fields, name, row[name])
    return str(etree.tostring(message, encoding="unicode"))


def _put(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
