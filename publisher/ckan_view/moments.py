"""Moments as CKAN writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(written: str) -> str:
    """A moment with its zone (ISO 8601) as UTC, with six decimals and without a zone."""
    moment = datetime.fromisoformat(written).astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")
