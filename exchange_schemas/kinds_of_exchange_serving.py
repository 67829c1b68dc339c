"""Kinds of issue: how the exchange is served."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

EXCHANGE_SERVING_KINDS: dict[str, Kind] = {
    "file_unknown": error(
        "dataset {dataset} has no file {value} for you; ask for the list of segments or snapshots again"
    ),
    "file_range_wrong": error(
        "the file {value} has {expected} bytes; ask for a range within them"
    ),
    "body_too_large": error("at most {expected} bytes can be sent at a time; send it in parts"),
    "offload_unknown": error(
        "HUB_OFFLOAD is {value}; leave it empty, or x-accel-redirect where nginx sends the files"
    ),
}
