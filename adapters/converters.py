"""The table of converters, and which one a field takes when its rule names none."""

from __future__ import annotations

from adapters import convert_amount as amount
from adapters import convert_date as dates
from adapters import convert_mark as mark
from adapters import convert_subject as subject
from adapters import convert_text as words
from adapters.converter import Converter
from exchange_schemas.standard import Field

_TEXT, _LIST, _FLAG = ("string",), ("list",), ("boolean",)
_DAY, _MOMENT = ("date", "string"), ("datetime", "string")
_NUMBER, _COUNT = ("decimal", "string"), ("integer",)
_UNREADABLE_DATE, _UNREADABLE_AMOUNT = "date_unreadable", "amount_unreadable"
_MIXED = frozenset({"mixed"})
_NARROW = "narrow"

CONVERTERS: dict[str, Converter] = {
    "text": Converter(words.text, _TEXT),
    "code": Converter(words.code, _TEXT, takes=_NARROW),
    "doc_no": Converter(words.doc_no, _TEXT, takes=_NARROW),
    "lookup": Converter(
        words.lookup, _TEXT, "lookup_unknown", options=frozenset({"table", "otherwise"})
    ),
    "split": Converter(words.split, _LIST, options=frozenset({"separators"})),
    "json_list": Converter(words.json_list, _LIST, expected="[…]"),
    "date": Converter(dates.date, _DAY, _UNREADABLE_DATE, takes=_NARROW),
    "date_open": Converter(dates.date_open, _DAY, _UNREADABLE_DATE, takes=_NARROW),
    "long_term": Converter(dates.long_term, _FLAG, takes=_NARROW),
    "datetime": Converter(dates.datetime, _MOMENT, _UNREADABLE_DATE, takes=_NARROW),
    "amount_wan": Converter(amount.amount_wan, _NUMBER, _UNREADABLE_AMOUNT, takes=_NARROW),
    "amount_yuan_to_wan": Converter(
        amount.amount_yuan_to_wan, _NUMBER, _UNREADABLE_AMOUNT, takes=_NARROW
    ),
    "currency": Converter(amount.currency, _TEXT, takes=_NARROW),
    "decimal": Converter(amount.decimal, _NUMBER, _UNREADABLE_AMOUNT, takes=_NARROW),
    "integer": Converter(amount.integer, _COUNT, expected="1 2 3 …", takes=_NARROW),
    "boolean": Converter(mark.boolean, _FLAG, expected="是/否", takes=_NARROW),
    "uscc": Converter(subject.uscc, _TEXT, options=_MIXED, takes=_NARROW),
    "reg_no": Converter(subject.reg_no, _TEXT, options=_MIXED, takes=_NARROW),
    "uscc_absent": Converter(subject.uscc_absent, _FLAG, options=_MIXED, takes=_NARROW),
    "org_code": Converter(subject.org_code, _TEXT, takes=_NARROW),
    "subject_type": Converter(subject.subject_type, _TEXT, all_cells=True, takes=_NARROW),
    "fingerprint": Converter(
        mark.fingerprint,
        _TEXT,
        options=frozenset({"occurrence"}),
        all_cells=True,
        takes="raw",
    ),
}

_BY_FORMAT = {"uscc": "uscc", "reg-no": "reg_no", "org-code": "org_code", "doc-no": "doc_no"}
_BY_KIND = {
    "string": "text",
    "integer": "integer",
    "boolean": "boolean",
    "decimal": "decimal",
    "date": "date",
    "datetime": "datetime",
    "list": "split",
}


def default_converter(field: Field, format_kind: str) -> str:
    """The converter of a field whose rule names none: by its `format`, else by its kind."""
    if field.kind == "list" and format_kind in ("json", "jsonl"):
        return "json_list"
    return _BY_FORMAT.get(str(field.schema.get("format")), _BY_KIND[field.kind])
