"""What a file is, by its content: never by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.plugins import find_reader, format_kinds
from adapters.suggest import encoding
from adapters.suggest.csv_layout import Layout, layout
from adapters.suggest.encoding import Encoding
from adapters.suggest.head import Head, workbook_kind
from adapters.suggest.reason import Reason
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_SIGNATURES = (
    (b"SQLite format 3\0", "sqlite", "SQLite"),
    (b"PAR1", "parquet", "Parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls", "Excel 97–2003"),
)
_DBF_VERSIONS = b"\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8c\xcb\xf5\xfb"
_TAG = re.compile(r"<(?![?!])([^\s/>]+)|<!doctype\s+(html)", re.IGNORECASE)
_HTML = frozenset(
    [
        "html",
        "head",
        "body",
        "table",
        "tbody",
        "tr",
        "div",
        "p",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "section",
        "article",
        "span",
        "center",
        "font",
    ]
)
_PAGE = re.compile(r"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_SQL = re.compile(
    r"^\s*(?:insert\s+(?:ignore\s+)?into|create\s+table|copy\s+\S+.*from\s+stdin)\b",
    re.IGNORECASE | re.MULTILINE,
)
_PYTHON = re.compile(r"^\s*[\[(]?\s*\{\s*u?'(?:[^'\\]|\\.)*'\s*:")
_SCRIPT = re.compile(r"^\s*(?:(?:var|let|const)\s+)?[\w.$\[\]\"']+\s*(?:=|\()\s*[\[{]")
_ENVELOPE = "ExchangeMessage"


@dataclass(frozen=True, slots=True)
class Guess:
    """A format and what it is told; `layout` and `text` are of the sample, where it is text."""

    kind: str
    confidence: float
    reason: Reason
    options: Mapping[str, Any] = field(default_factory=dict)
    encoding: Encoding | None = None
    layout: Layout | None = None


def guess_format(head: Head) -> Guess:
    """The file's format.

    Raises SourceUnreadable: suggest_unknown (it is nothing the hub knows), suggest_format_absent
    (it is known, and no reader for it is installed), suggest_encoding, suggest_no_table.
    """
    found = _binary(head) or _text(head)
    if found.kind not in format_kinds():
        known = ", ".join(sorted(format_kinds()))
        params = {"known": known}
        raise _unreadable("suggest_format_absent", head, found.kind, params)
    return Guess(
        found.kind,
        found.confidence,
        found.reason,
        allowed(found.kind, found.options),
        found.encoding,
        found.layout,
    )


def allowed(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Those options that the installed reader of this kind takes."""
    known = find_reader(kind).options.get("properties", {})
    return {name: value for name, value in options.items() if name in known}


def _binary(head: Head) -> Guess | None:
    for magic, kind, name in _SIGNATURES:
        if head.data.startswith(magic):
            return Guess(kind, 0.99, Reason(f"文件头是 {name}", f"it begins as {name} does"))
    workbook = workbook_kind(head)
    if workbook is not None:
        return Guess(
            workbook, 0.99, Reason("压缩包里是工作簿", "it is a zip with a workbook in it")
        )
    if _is_dbf(head.data):
        return Guess("dbf", 0.95, Reason("文件头是 dBASE", "it begins as dBASE does"))
    return None


def _is_dbf(data: bytes) -> bool:
    """Version, a date that exists, a header of 32 bytes per field that ends with a CR."""
    if len(data) < 66 or data[0] not in _DBF_VERSIONS:
        return False
    size = int.from_bytes(data[8:10], "little")
    dated = 1 <= data[2] <= 12 and 1 <= data[3] <= 31
    return (
        dated
        and 65 <= size <= len(data)
        and b"\x0d" in data[size - 264 if size > 296 else 32 : size]
    )


def _text(head: Head) -> Guess:
    found = encoding.guess(head.data)
    if found is None:
        if _is_junk(head.data):
            shown = head.data[:8].hex(" ").upper()
            raise _unreadable("suggest_unknown", head, shown)
        raise _unreadable("suggest_encoding", head)
    if _garbled(found.text):
        raise _unreadable("suggest_unknown", head, head.data[:8].hex(" ").upper())
    guess = _marked_up(found) or _notation(found) or _table(found, head)
    # an XML document says its encoding itself
    own = guess.kind == "xml" and (found.name == "utf-8" or "encoding=" in found.text[:200])
    options = {**({} if own else {"encoding": found.name}), **guess.options}
    return Guess(guess.kind, guess.confidence, guess.reason, options, found, guess.layout)


def _is_junk(data: bytes) -> bool:
    controls = sum(
        byte < 32 and byte not in b"\t\r\n\x0c\x1a\x1b\x01\x1f" for byte in data[:65536]
    )
    return b"\0" in data or controls > 0.01 * min(len(data), 65536)


def _garbled(text: str) -> bool:
    """Control characters that no text has."""
    part = text[:65536]
    odd = sum(one < " " and one not in "\t\r\n\x0c\x1a\x01\x1f" for one in part)
    return odd > 0.01 * len(part)


def _marked_up(found: Encoding) -> Guess | None:
    text = found.text.lstrip()
    first = _TAG.search(text) if text.startswith("<") else None
    root = (first[1] or first[2]).lower() if first else ""
    page = not text.startswith(("<", "{", "[")) and _PAGE.search(text[:8192])
    if root in _HTML or page:
        return Guess("html", 0.95, Reason("有 HTML 标记", "it has HTML's marks"))
    if first is None:
        return None
    if _ENVELOPE in text[:2048]:
        return Guess(
            "exchange_message", 0.95, Reason("是 ExchangeMessage 报文", "it is an ExchangeMessage")
        )
    return Guess("xml", 0.95, Reason("以 XML 标记开头", "it begins with a mark of XML"))


def _notation(found: Encoding) -> Guess | None:
    """JSON in one of its forms, Python literals, or SQL."""
    text = found.text.lstrip()
    lines = [line.strip() for line in text.splitlines()[:20] if line.strip()]
    if _PYTHON.match(text):
        return Guess("pydict", 0.95, Reason("每行是 Python 字典", "it has Python's dictionaries"))
    if text.startswith("{") and len(lines) > 1 and all(_is_object(line) for line in lines[:-1]):
        return Guess(
            "jsonl", 0.97, Reason("每行是一个 JSON 对象", "each line is an object of JSON")
        )
    if text.startswith(("{", "[")) and re.match(
        r"[\[{]\s*(?:[\"\[{\]}\d-]|true|false|null)", text
    ):
        return Guess("json", 0.9, Reason("以 JSON 括号开头", "it begins with a bracket of JSON"))
    if _SQL.search(text[:200_000]) and text.count(";") >= 1:
        return Guess(
            "sqldump", 0.9, Reason("有 SQL 的 INSERT 或 CREATE", "it has SQL's INSERT or CREATE")
        )
    if _SCRIPT.match(text):
        return Guess("json", 0.6, Reason("脚本里的 JSON", "it is JSON in a script"))
    return None


def _is_object(line: str) -> bool:
    return line.startswith("{") and line.endswith("}")


def _table(found: Encoding, head: Head) -> Guess:
    made = layout(found.text, head.whole)
    if made is None:
        raise _unreadable("suggest_no_table", head)
    options: dict[str, Any] = {}
    if made.delimiter != ",":
        options["delimiter"] = made.delimiter
    if made.header > 0:
        options["skip"] = made.lines[made.header] - 1
    if made.header_rows > 1:
        options["header_rows"] = made.header_rows
    return Guess("csv", made.confidence, made.reason, options, found, made)


def _unreadable(
    code: str, head: Head, value: str | None = None, params: Mapping[str, str] | None = None
) -> SourceUnreadable:
    return SourceUnreadable(Issue(code, value=value, file=head.artefact.name, params=params or {}))
