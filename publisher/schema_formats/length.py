"""How long a field's values are at most, as a catalogue's column 长度 says it."""

from __future__ import annotations

import re

from exchange_schemas.codes import load_codes
from exchange_schemas.standard import Field
from publisher.meanings import allowed

#: Characters of the named formats (`exchange_schemas.formats`) at most.
_FORMATS = {
    "date": 10, "date-time": 25, "uscc": 18, "org-code": 9, "resident-id": 18, "division-code": 12,
    "reg-no": 50, "doc-no": 77,
}  # fmt: skip
_WHOLE = re.compile(r"\[0-9\]\{1,(\d+)\}")
_DECIMALS = re.compile(r"\\\.(?:\[0-9\]|0)\{1,(\d+)\}")
_PART = re.compile(r"(?:\[[^\]]+\]|[0-9A-Za-z])(?:\{(?:\d+,)?(\d+)\})?")
_PARTS = re.compile(rf"\^(?:{_PART.pattern})+\$")


def length(field: Field) -> str:
    """Characters at most; of a decimal all digits, and how many stand behind the point.

    "" where the standard sets no limit. Of a list, it is the length of one value.
    """
    match field.kind:
        case "decimal":
            return _decimal(field.schema.get("pattern", ""))
        case "integer":
            return str(len(str(field.schema["maximum"]))) if "maximum" in field.schema else ""
        case "boolean":
            return "1"
    return _text(field)


def _text(field: Field) -> str:
    schema = field.schema.get("items", field.schema) if field.kind == "list" else field.schema
    codes = allowed(field) or (load_codes(field.codelist).codes if field.codelist else ())
    if codes:
        return str(max(len(str(code)) for code in codes))
    most = schema.get("maxLength", _FORMATS.get(schema.get("format", "")))
    pattern = schema.get("pattern", "")
    if most is None and _PARTS.fullmatch(pattern):
        most = sum(int(part or 1) for part in _PART.findall(pattern))
    return "" if most is None else str(most)


def _decimal(pattern: str) -> str:
    whole = _WHOLE.search(pattern)
    decimals = _DECIMALS.findall(pattern)
    if pattern.startswith("^(100"):
        return _digits(3, int(decimals[0])) if decimals else "3"
    if whole is None:
        return ""
    after = max(map(int, decimals), default=0)
    return _digits(int(whole[1]), after)


def _digits(whole: int, after: int) -> str:
    # No comma: a spreadsheet would read 18,6 as 186.
    return f"{whole + after}，小数{after}位" if after else str(whole)
