"""Kinds of issue: databases as sources, and Singer taps."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

DATABASE_KINDS: dict[str, Kind] = {
    "driver_unknown": error("there is no driver {value}; known are: {known}"),
    "driver_missing": error(
        "reading from {value} needs a package that isn't installed here; have it installed: "
        "pip install {package}"
    ),
    "database_address": error("the database's address can't be used: {reason}; correct url:"),
    "database_unreachable": error(
        "the database {value} doesn't answer: {reason}; try again, and ask the department if it "
        "stays so"
    ),
    "database_refused": error(
        "the database {value} refused: {reason}; correct the account in the feed, or ask the "
        "department for the right to read"
    ),
    "database_broke_off": error(
        "the database {value} broke off: {reason}; nothing of this delivery was taken, run it again"
    ),
    "database_slow": error(
        "the database {value} wasn't done within {seconds} seconds; ask for less at a time, or have "
        "HUB_LIMIT_SECONDS raised"
    ),
    "table_unknown": error(
        "the database {database} has no table or view {value} (it has {found}); correct the name, "
        "or say its schema:"
    ),
    "table_column_unknown": error(
        "{table} has no column {value} (it has {found}); correct {option}: of the feed"
    ),
    "query_unfit": error("{option}: {reason}; it must be one SELECT, or a condition of one"),
    "query_failed": error("the database {value} can't answer: {reason}; correct the feed"),
    "increment_unfit": error(
        "column {value} can't tell what is new: {reason}; choose another for increment:"
    ),
    "sqlite_invalid": error("the file {value} can't be read as a SQLite database: {reason}"),
    "value_unfit": error(
        "column {value} holds {found}, which has no text; turn it into text in a query:, or leave "
        "it out of columns:"
    ),
    "tap_missing": error(
        "there is no program {value}; install the tap, or give its whole path under command:"
    ),
    "tap_failed": error("the tap {value} ended with {status}: {reason}"),
    "tap_slow": error(
        "the tap {value} wasn't done within {seconds} seconds and was ended; have it fetch less, or "
        "have HUB_LIMIT_SECONDS raised"
    ),
    "tap_message_wrong": error(
        "the tap {value} wrote a line that isn't a Singer message ({reason}); ask its author"
    ),
    "tap_not_allowed": error(
        "a tap makes connections that the hub can't check, so an administrator has to allow it: add "
        "the feed's name to HUB_INTERNAL_FEEDS"
    ),
    "tap_stream_unknown": error(
        "the tap has no stream {value} (it has {found}); correct stream: of the feed, or select it "
        "in the catalog"
    ),
}
