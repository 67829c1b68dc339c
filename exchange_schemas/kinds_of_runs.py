"""Kinds of issue: runs that are held, replayed, drifting or due."""

from __future__ import annotations

from exchange_schemas.kind import Kind

RUN_KINDS: dict[str, Kind] = {}
