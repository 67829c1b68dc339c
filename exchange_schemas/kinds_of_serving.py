"""Kinds of issue: how the portal is served."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SERVING_KINDS: dict[str, Kind] = {
    "portal_rate_invalid": error(
        "HUB_PORTAL_RATE is {value}; give a whole number of requests a minute, or 0 for no limit"
    ),
}
