"""Kinds of issue: search."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SEARCH_KINDS: dict[str, Kind] = {
    "county_without_code": error(
        "{dataset}: the role county needs a field of division codes (format division-code), which "
        "{value} isn't"
    ),
    "portal_database_unknown": error(
        "{value} isn't the address of a PostgreSQL database; write it like "
        "postgresql://portal@127.0.0.1/portal"
    ),
    "portal_database_hubs": error(
        "{value} names the hub's own database; the portal has only what is public, so give it a "
        "database of its own"
    ),
}
