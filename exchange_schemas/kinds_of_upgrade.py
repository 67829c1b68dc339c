"""Kinds of issue: the schema of a site's database, and its upgrade."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error

UPGRADE_KINDS: dict[str, Kind] = {
    "schema_older": _error(
        "the site's schema is {value}, this program needs {expected}; end every process of the site, "
        "make a backup, then run hub upgrade"
    ),
    "schema_newer": _error(
        "the site's schema is {value}, made by a newer program; this one knows up to {expected}. "
        "Use the newer program, or restore a backup that was made before its upgrade"
    ),
    "schema_missing": _error(
        "the database has no tables of a hub yet, so there is nothing to upgrade; run hub init, or "
        "check HUB_DATABASE_URL"
    ),
    "upgrade_target": _error(
        "a site can only be upgraded to {expected}, the schema of this program, not to {value}; "
        "there is no way back: restore a backup that was made before the upgrade, with the program "
        "of then"
    ),
    "upgrade_in_use": _error(
        "the database is in use by {value}; end these processes and run hub upgrade again"
    ),
    "upgrade_no_room": _error(
        "the upgrade may need {expected} MB on the disk of {value}, and {found} MB are free; make room "
        "and run it again"
    ),
    "upgrade_rows_differ": _error(
        "the upgrade would leave {found} rows in table {value} where {expected} were expected; nothing "
        "was changed. Keep a backup of the site and report this"
    ),
    "upgrade_shape_differs": _error(
        "after the upgrade table {value} wouldn't be as in a new site ({found}); nothing was changed. "
        "Keep a backup of the site and report this"
    ),
    "upgrade_reference_broken": _error(
        "a row of table {value} refers to a row of {found} that isn't there; nothing was changed. "
        "Run hub verify with the program of before, or restore a backup"
    ),
}
