"""Kinds of issue: reaching a source over the network."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

HTTP_KINDS: dict[str, Kind] = {
    "address_refused": error(
        "{value} is {address}, which isn't an address of the public internet; if the source really "
        "stands there, ask the administrator to add the feed to HUB_INTERNAL_FEEDS"
    ),
    "host_unknown": error("the name {value} can't be resolved; check the address in the feed"),
    "source_unreachable": error("{value} can't be reached: {reason}; it will be tried again"),
    "http_redirects": error("{value} redirects too often; check the address in the feed"),
    "http_certificate": error(
        "the certificate of {value} isn't trusted: {reason}; ask who runs the source for a valid one"
    ),
    "source_slow": error(
        "{value} wasn't done when the time for a pull was over; ask for less at once, or have "
        "HUB_LIMIT_SECONDS raised. It will be tried again"
    ),
    "http_url": error("{value} isn't an address that can be asked; use http:// or https://"),
    "http_status": error(
        "{value} answered {status}; ask who runs the source, or check the address in the feed"
    ),
    "http_busy": error("{value} answered {status}; it will be tried again"),
    "http_refused": error(
        "{value} answered {status}: it refuses us; check the account or key that the feed names"
    ),
    "http_missing": error("{value} answered {status}: nothing is there; check the address"),
    "http_cut": error(
        "{value} sent {found} of {expected} bytes and stopped; it will be tried again"
    ),
    "page_unreadable": error(
        "page {value} can't be read as {format}: {reason}; ask who runs the source"
    ),
    "page_place_missing": error(
        "page {page} has nothing at {value}; correct rows: or paging: in the feed's source"
    ),
    "page_repeated": error(
        "page {value} is the same as the one before; correct paging: in the feed's source, or say in "
        "total: where the number of records is, if the source repeats its last page"
    ),
    "pages_endless": error(
        "the source gave {value} pages and doesn't end; correct paging: in the feed's source, or "
        "have HUB_LIMIT_PAGES raised"
    ),
    "pages_short": error(
        "the source says that it has {expected} records and gave {value}; nothing was taken. Run the "
        "feed again"
    ),
    "link_foreign": error(
        "the source sends us on to {value}, which is another server than the feed's, and gets "
        "nothing of ours; correct the address in the feed if that is right"
    ),
    "login_failed": error(
        "logging in at {value} gave no token at {place}; check the account that the feed names"
    ),
    "login_repeated": error(
        "{value} refuses the session again right after logging in; ask who runs the source"
    ),
    "ckan_refused": error("the CKAN at {value} answered: {reason}"),
    "ckan_missing": error("the CKAN at {value} has no {what}; it has: {found}. Correct the feed"),
}
