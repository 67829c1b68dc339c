"""Kinds of issue: analyses, what is computed from the records."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

ANALYSIS_KINDS: dict[str, Kind] = {
    "analysis_unknown": error(
        "there is no analysis {value}; choose one of these: {expected} (hub analysis list)"
    ),
    "record_computed": error(
        "the record was computed from others by {value}, so no department delivered it as a row; hub "
        "analysis list says what it is computed from"
    ),
    "columns_setting": error(
        "HUB_COLUMNS is {value}; leave it empty for the site's folder, or write storage and set "
        "HUB_STORAGE_URL"
    ),
}
