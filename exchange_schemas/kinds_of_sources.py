"""Kinds of issue: fetching a delivery."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SOURCE_KINDS: dict[str, Kind] = {
    "upload_missing": error("this feed takes files that a person hands in; name one with --file"),
    "delivery_too_large": error(
        "the delivery has more than {value}; ask for less at a time, or have HUB_LIMIT_BYTES raised"
    ),
}
