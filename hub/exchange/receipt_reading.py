"""Receipts as JSON: read strictly, because what is misread would count as the consumer's word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.exchange.given import LARGEST_SEQ
from hub.exchange.receipt_ranges import Range
from hub.exchange.tables_of_receipts import REFUSED, SAID

MOST = 1_000  # receipts of one message
MOST_REFUSED = 10_000  # entries that one receipt may refuse: each is somebody's to answer
LONGEST_REASON = 500
LARGEST_BODY = 2**20  # bytes

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", re.ASCII)
_FIELDS = {"first", "last", "state", "code", "reason"}
_SHOWN = 60  # characters of what was wrong


def read_message(body: bytes) -> tuple[str | None, list[Range]]:
    """The message's own id, None where it has none, and its receipts in their order.

    Raises Misdeclared (receipts_wrong).
    """
    if len(body) > LARGEST_BODY:
        raise _wrong("$", f"{len(body)} bytes", f"≤ {LARGEST_BODY} bytes")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _wrong("$", body[:_SHOWN].decode("utf-8", "replace"), "JSON") from error
    if not isinstance(told, dict) or not set(told) <= {"id", "receipts"}:
        raise _wrong("$", _named(told), '{"receipts": […]}')
    name, receipts = told.get("id"), told.get("receipts")
    if name is not None and not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise _wrong("id", name, "A–Z a–z 0–9 _ . : -, 1…64")
    if not isinstance(receipts, list) or not 1 <= len(receipts) <= MOST:
        found = len(receipts) if isinstance(receipts, list) else receipts
        raise _wrong("receipts", found, f"1…{MOST}")
    return name, [_receipt(f"receipts[{n}]", one) for n, one in enumerate(receipts)]


def _receipt(place: str, told: Any) -> Range:
    if not isinstance(told, dict) or not set(told) <= _FIELDS:
        raise _wrong(place, _named(told), ", ".join(sorted(_FIELDS)))
    first = _seq(f"{place}.first", told.get("first"), 1)
    last = _seq(f"{place}.last", told.get("last"), first)
    state = told.get("state")
    if state not in SAID:
        raise _wrong(f"{place}.state", state, ", ".join(SAID))
    if state != REFUSED:
        for name in ("code", "reason"):
            if told.get(name) is not None:
                raise _wrong(f"{place}.{name}", told[name], f"null ({REFUSED})")
        return Range(first, last, state)
    if last - first >= MOST_REFUSED:
        raise _wrong(f"{place}.last", last, f"≤ {first + MOST_REFUSED - 1} ({REFUSED})")
    return Range(first, last, state, *_why(place, told))


def _why(place: str, told: Mapping[str, Any]) -> tuple[str, str | None]:
    code, reason = told.get("code"), told.get("reason")
    if not (isinstance(code, str) and _CODE.fullmatch(code)):
        raise _wrong(f"{place}.code", code, "A–Z a–z 0–9 _ . : / -, 1…64")
    plain = reason is None or (isinstance(reason, str) and "\x00" not in reason)
    if not plain or len(reason or "") > LONGEST_REASON:
        raise _wrong(f"{place}.reason", reason, f"≤ {LONGEST_REASON}")
    return code, reason or None


def _seq(place: str, value: Any, least: int) -> int:
    plain = isinstance(value, int) and not isinstance(value, bool)
    if not plain or not least <= value <= LARGEST_SEQ - 1:
        raise _wrong(place, value, f"{least}…{LARGEST_SEQ - 1}")
    return int(value)


def _named(told: Any) -> str:
    return ", ".join(map(str, told)) if isinstance(told, dict) else type(told).__name__


def _wrong(place: str, value: Any, expected: str) -> Misdeclared:
    words = {"expected": expected}
    return Misdeclared(
        Issue("receipts_wrong", field=place, value=str(value)[:_SHOWN], params=words)
    )
