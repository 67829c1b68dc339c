"""Kinds of issue: catalogues."""

from __future__ import annotations

from exchange_schemas.kind import Kind

CATALOGUES_KINDS: dict[str, Kind] = {}
