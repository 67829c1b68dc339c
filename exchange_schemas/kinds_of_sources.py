"""Kinds of issue: fetching a delivery."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SOURCE_KINDS: dict[str, Kind] = {
    "upload_missing": error("this feed takes files that a person hands in; name one with --file"),
    "delivery_too_large": error(
        "the delivery has more than {value}; ask for less at a time, or have HUB_LIMIT_BYTES raised"
    ),
    "storage_refused": error(
        "{value}: the storage refuses us ({reason}); check the keys that the feed names"
    ),
    "bucket_missing": error("there is no bucket {value}; correct the feed"),
    "mail_folder_missing": error(
        "the mailbox has no folder {value}, or doesn't let us in; correct the feed"
    ),
    "mail_no_tls": error(
        "{value} offers no STARTTLS, and no password goes there without; use tls: implicit, or ask who "
        "runs the server"
    ),
    "mail_unencrypted": error(
        "{value}: a mailbox is asked without encryption only where an administrator added the feed to "
        "HUB_INTERNAL_FEEDS; use tls: implicit or starttls"
    ),
}
