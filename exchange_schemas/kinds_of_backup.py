"""Kinds of issue: backups, restoring them, half-copied sites and moving to another database."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

BACKUP_KINDS: dict[str, Kind] = {
    # --- making one --------------------------------------------------------------------------
    "backup_busy": error("another process makes a backup of {value}; wait for it to end"),
    "backup_exists": error("there is something at {value} already; name another place"),
    "backup_inside_site": error(
        "{value} lies in the site's own folder, which is to be backed up; name a place outside it, "
        "best on another disk"
    ),
    "backup_overtaken": error(
        "a first release or stream of {value} was begun while the files were held; nothing was "
        "written, run it again"
    ),
    "backup_before": error(
        "the database has the schema {value}, which this program can't make on PostgreSQL; save it with "
        "pg_dump and copy the folder while the hub is stopped, then run hub upgrade"
    ),
    # --- checking one ------------------------------------------------------------------------
    "backup_missing": error("there is no backup at {value}; check the path"),
    "backup_incomplete": error(
        "{value} is missing or cut off, so the backup isn't whole; use another one"
    ),
    "backup_unreadable": error("the backup {value} can't be read: {reason}; use another one"),
    "backup_wrong": error(
        "{value} of the backup isn't as it was written: {reason}; use another one"
    ),
    "backup_foreign": error(
        "{value}: this isn't a backup of a site; name one that hub backup made"
    ),
    "backup_newer": error(
        "the backup is of a later version of the program ({program}): this one doesn't know {found}; "
        "install that version and restore with it"
    ),
    "backup_older": error(
        "the backup's database has the schema {value}, and this program makes {expected}; restore it with "
        "version {program} of the program, then run hub upgrade"
    ),
    # --- restoring ---------------------------------------------------------------------------
    "restore_not_empty": error(
        "{value} isn't empty, and nothing is ever written over; name an empty folder and an empty "
        "database"
    ),
    "restore_needs_url": error(
        "this is a backup of a {value} database; name an empty one with --database-url"
    ),
    "restore_other_database": error(
        "the backup is of another kind of database than {value}; restore it in its own kind, then "
        "run hub move"
    ),
    "restore_unproven": error(
        "what was restored can't be proved: {reason}. The folder keeps its file RESTORING and won't "
        "be opened; use another backup, or delete that file if this was wrong before the backup, too"
    ),
    # --- a site that isn't whole ---------------------------------------------------------------
    "site_restoring": error(
        "{value} is being restored, or its restore was broken off (file RESTORING); wait for it, or "
        "delete folder and database and restore again"
    ),
    "site_half_copied": error(
        "{value} is only a part of a site: {missing} isn't there. Copy the rest, or restore a backup "
        "with hub restore; where the database is PostgreSQL, set HUB_DATABASE_URL"
    ),
    "site_keys_missing": error(
        "{site} was restored without its private keys, and {value} isn't there yet; put it back from "
        "where keys are kept. If it is lost, delete the file KEYS_MISSING: the hub makes new keys then, "
        "and secrets shared with consumers and one-time codes have to be handed out again"
    ),
    "site_moved": error(
        "the database of {value} is {kind} since {at}, and HUB_DATABASE_URL leads to {found}; set "
        "HUB_DATABASE_URL to the one it was moved to"
    ),
    # --- moving --------------------------------------------------------------------------------
    "move_same_kind": error(
        "the site's database is {value} already; to have it on another server, use hub backup and "
        "hub restore"
    ),
    "move_not_empty": error(
        "the database {value} has tables; name an empty one. If a move was broken off there, drop it "
        "and create it anew: the site's own database is unchanged"
    ),
    "move_in_use": error(
        "the database is open in other processes: {value}; stop the hub, then move it"
    ),
    "move_failed": error(
        "table {value} can't be moved: {reason}; nothing was changed here, correct it and use another "
        "empty database"
    ),
    "move_differs": error(
        "table {value} has rows and digest {here} here and {there} there; nothing was changed here, "
        "tell the program's makers"
    ),
    "move_unproven": error(
        "after moving, hub verify finds: {reason}. Nothing was changed here; repair it first, then use "
        "another empty database"
    ),
}
