"""The standards' formats as functions of one text, for `jsonschema-rs`: as quick as plain Python is."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from exchange_schemas.formats import FORMATS

_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = [(pow(3, place, 31)) for place in range(17)]
_RESIDENT = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
_ORG = [3, 7, 9, 10, 5, 8, 4, 2]


def _formed(pattern: re.Pattern[str], value: str) -> bool:
    return pattern.search(value) is not None


def _uscc(pattern: re.Pattern[str], value: str) -> bool:
    if not _formed(pattern, value):
        return False
    total = sum(_LETTERS.index(c) * w for c, w in zip(value, _USCC, strict=False))
    return _LETTERS[(31 - total % 31) % 31] == value[17]


def _resident(pattern: re.Pattern[str], value: str) -> bool:
    if not _formed(pattern, value):
        return False
    if len(value) == 15:
        return True
    total = sum(int(c) * w for c, w in zip(value, _RESIDENT, strict=False))
    return "10X98765432"[total % 11] == value[17]


def _org(pattern: re.Pattern[str], value: str) -> bool:
    if not _formed(pattern, value):
        return False
    total = sum(int(c, 36) * w for c, w in zip(value, _ORG, strict=False))
    return "0123456789X"[(11 - total % 11) % 11] == value[8]


def _patterns() -> dict[str, re.Pattern[str]]:
    han = "\u4e00-\u9fff"
    return {
        name: re.compile(form.pattern.replace(r"\p{Han}", han)) for name, form in FORMATS.items()
    }


def _checks() -> dict[str, Callable[[str], bool]]:
    exact = {"uscc": _uscc, "resident-id": _resident, "org-code": _org}
    return {
        name: partial(exact.get(name, _formed), pattern)
        for name, pattern in _patterns().items()
        if name != "date"  # which everyone has; date-time not
    }


PLAIN_FORMATS = _checks()
