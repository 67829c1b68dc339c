"""Kinds of issue: declaring a feed."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info

FEED_KINDS: dict[str, Kind] = {
    "ignore_unused": info(
        "the feed ignores a column {value} that the delivery doesn't have; take it out of ignore:"
    ),
    "plugin_broken": error(
        "the kind {value} can't be used: {reason}; install the package that brings it anew, or ask "
        "its author"
    ),
}
