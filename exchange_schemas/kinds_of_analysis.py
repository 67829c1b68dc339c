"""Kinds of issue: analyses, what is computed from the records."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

ANALYSIS_KINDS: dict[str, Kind] = {
    "analysis_unknown": error(
        "there is no analysis {value}; choose one of these: {expected} (hub analysis list)"
    ),
}
