"""Kinds of issue: queues, records and decisions in the console."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

CONSOLE_RECORDS_KINDS: dict[str, Kind] = {
    "decided_already": error(
        "record {value} is {state} already: {actor} did this ({act}) at {at}. Nothing was changed; look "
        "at the record as it is now"
    ),
    "reason_wanted": error("choose a reason; what is refused or taken back needs one"),
    "field_wanted": error("fill in {value}; without it nothing can be proposed"),
    "day_wanted": error("{value} is no day; write it as 2026-01-31"),
    "source_row_missing": error(
        "the kept delivery has no row of this record as the feed is declared now; the declaration has "
        "changed since"
    ),
}
