"""Conditions as a person writes them on the command line, one text for each thing asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXT = re.compile(
    r"\s*(?P<field>[a-z][a-z0-9_]*)\s*(?P<sign>>=|<=|!=|=|~|<|>)\s*(?P<value>.*?)\s*"
)
_OF_AMOUNTS = {">=": "at_least", "<=": "at_most", "<": "below", ">": "above"}
_OF_DAYS = {">=": "from", "<=": "until"}


def parse_condition(texts: Sequence[str]) -> dict[str, Any]:
    """A condition of `conditions` from texts like these, all of which must hold:

    authority=茂名市市场监督管理局 · penalty_kinds~罚款 (a list has it) · uscc= (empty) · uscc!= (not
    empty) · fine_wan<0.5 (also <=, >, >=) · decided_on>=2026-01-01 (also <=)

    A field named again with = or ~ may have either value. Raises Misdeclared (condition_invalid).
    """
    condition: dict[str, Any] = {}
    for text in texts:
        field, form, value = _parsed(text)
        asked = condition.setdefault(field, {})
        if form == "any":
            asked.setdefault("any", []).append(value)
        elif form in asked:
            raise _invalid(text, f"{field} has two of these", f"{field} 有两个同样的条件")
        else:
            asked[form] = value
    return condition


def _parsed(text: str) -> tuple[str, str, Any]:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise _invalid(text, "write it as field=value", "请写成 字段=值")
    field, sign, value = found["field"], found["sign"], found["value"]
    if sign in ("=", "~", "!=") and not value:
        return field, "empty", sign != "!="
    if sign in ("=", "~"):
        return field, "any", value
    if sign == "!=":
        raise _invalid(text, "!= asks only whether a field is empty", "!= 只能用于“不为空”")
    if _DAY.fullmatch(value) and sign not in _OF_DAYS:
        raise _invalid(text, "days are compared with >= and <=", "日期只能用 >= 和 <= 比较")
    return field, (_OF_DAYS if _DAY.fullmatch(value) else _OF_AMOUNTS)[sign], value


def _invalid(text: str, reason: str, reason_zh: str) -> Misdeclared:
    words = {"reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("condition_invalid", value=text, params=words))
