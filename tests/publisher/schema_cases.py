"""Every standard with its samples, for what is written from standards."""

from __future__ import annotations

import json
from typing import Any

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import Standard

CATALOGUE = load_catalogue()
STANDARDS = [CATALOGUE.get(name) for name in CATALOGUE.datasets()]


def valid(standard: Standard) -> list[dict[str, Any]]:
    """The valid samples of the newest version."""
    return _lines(standard, "valid")


def invalid(standard: Standard) -> list[tuple[list[str], dict[str, Any]]]:
    """Issues that a record raises, as code:field, and the record."""
    return [(told["issues"], told["record"]) for told in _lines(standard, "invalid")]


def _lines(standard: Standard, kind: str) -> list[dict[str, Any]]:
    path = CATALOGUE.folder(standard.dataset) / "samples" / f"{kind}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines]
