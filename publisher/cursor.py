"""Cursors: where a page of a list ended, as a text that stands in an address."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any


def encode(*parts: int | str) -> str:
    """The cursor of these parts: letters, digits, - and _ only."""
    told = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def decode(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The parts of a cursor, of these kinds; None where it is none that `encode` gave."""
    if not cursor or len(cursor) > 1_000:
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    fits = isinstance(told, list) and [type(part) for part in told] == list(kinds)
    return told if fits else None
