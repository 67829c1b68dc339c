"""Kinds of issue: declaring a feed."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

FEED_KINDS: dict[str, Kind] = {
    "plugin_broken": error(
        "the kind {value} can't be used: {reason}; install the package that brings it anew, or ask "
        "its author"
    ),
}
