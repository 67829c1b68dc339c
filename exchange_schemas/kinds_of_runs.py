"""Kinds of issue: runs that are held, replayed, drifting or due."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info, warning

RUN_KINDS: dict[str, Kind] = {
    "feed_rejects": error(
        "{value} of the rows were rejected ({rejected} of {read}); the run is held and nothing was "
        "changed. Look at hub quarantine list, then release or discard the run"
    ),
    "feed_unusual": error(
        "the delivery has {value} rows and usually has about {usual}; the run is held and nothing was "
        "changed. Look at what it would change, then release or discard the run"
    ),
    "gone_not_told": warning(
        "{value} records are missing from the feed but were kept, because the source says that it "
        "holds more than it delivered"
    ),
    "held_unknown": error("run {value} isn't held; hub feed held lists those that are"),
    "held_decided": error("run {value} was {verdict} by {actor} already"),
    "held_overtaken": error(
        "run {value} can't be released: run {later} of the same feed has been committed since; "
        "discard it"
    ),
    "run_unknown": error("there is no run {value} of this feed that kept a delivery"),
    "replay_old": error(
        "run {value} isn't the feed's last delivery; taking it in would put older records over newer "
        "ones. Look at the difference without --commit, or run the feed"
    ),
    "drift_column_new": warning(
        "column {value} is new in the delivery; map it, or ignore it with the reason"
    ),
    "drift_column_gone": warning(
        "column {value} was in the last delivery and isn't in this one; ask the department"
    ),
    "drift_type": warning(
        "the values of column {column} were of the kind {before} and are now {value}; ask the "
        "department what changed"
    ),
    "drift_value_new": warning(
        "column {column} has {count} values that it never had: {value}; see whether the mapping knows "
        "them"
    ),
    "drift_share": warning(
        "in column {column}, {value} went from {before} of the rows to {now}; ask the department "
        "whether that is right"
    ),
    "drift_empty": warning(
        "column {column} was empty in {before} of the rows and is now in {now}; ask the department "
        "whether that is right"
    ),
    "feed_overdue": warning("feed {value} was to deliver by {due} and hasn't; ask the department"),
    "correction_foreign": error(
        "{file} isn't a workbook that hub quarantine export wrote for a feed here; export it again"
    ),
    "correction_column": error(
        "column {value} is missing from the corrected workbook; leave the columns as they were"
    ),
    "correction_row": error(
        "row {value} of the corrected workbook isn't one that was rejected; leave the column {column} "
        "as it was"
    ),
    "correction_none": info("no cell of the workbook was corrected"),
    "child_limit": error(
        "reading the file took more than {value}, which no ordinary file does; it was stopped. Export "
        "it anew, or split it"
    ),
    "child_died": error(
        "the reader of this file ended unexpectedly ({reason}); the file may be damaged. Open it, save "
        "it again and deliver it anew"
    ),
}
