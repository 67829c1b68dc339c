"""References: the laws, standards and documents that fields and rules come from."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REFERENCES = Path(__file__).parent / "references.csv"


@dataclass(frozen=True, slots=True)
class Reference:
    """`url` is empty where no public address is known."""

    id: str
    title: str
    title_en: str
    url: str


@cache
def load_references() -> Mapping[str, Reference]:
    """All references by their id, which a field's `x-source` names."""
    with REFERENCES.open(encoding="utf-8", newline="") as file:
        return {row["id"]: Reference(**row) for row in csv.DictReader(file, strict=True)}
