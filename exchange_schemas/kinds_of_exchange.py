"""Kinds of issue: exchange with consumers, and the reference consumer."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

EXCHANGE_KINDS: dict[str, Kind] = {
    "audience_public": error(
        "the public isn't a consumer: public data are the releases of the portal, because the "
        "ledger has what nobody approved for the public; choose government or industry"
    ),
    "audience_unknown": error("there is no audience {value}; known are: {known}"),
    "consumer_exists": error("there is a consumer {value} already; choose another name"),
    "consumer_unknown": error("there is no consumer {value}, or it was revoked already"),
    "not_shared": error("dataset {value} isn't shared (share_type: none); it can't be granted"),
    "key_refused": error(
        "the key is missing, wrong or revoked; send 'Authorization: Bearer KEY' with the key that "
        "the hub's operator gave you"
    ),
    "consumer_key_missing": error("no key: set HUB_CONSUMER_KEY, or give --key"),
    "not_granted": error("dataset {value} isn't granted to you; ask the hub's operator for it"),
    "parameter_wrong": error("parameter {field} is {value}; expected {expected}"),
    "parameter_unknown": error("there is no parameter {value}; known are: {known}"),
    "address_unknown": error("there is nothing at {value}; see openapi.json for what there is"),
    "method_refused": error("{value} isn't possible here; see openapi.json for what is"),
    "hub_failed": error(
        "the hub failed to answer; try again, and tell its operator if it stays so"
    ),
    "hub_busy": error("the hub is writing a large delivery; try again in a minute"),
    "hub_unreachable": error("{value} can't be reached after {tries} tries: {reason}"),
    "hub_refused": error("{value} answered {status}: {reason}"),
    "entry_unreadable": error(
        "dataset {dataset}: the hub sent a line that isn't an entry: {value}"
    ),
    "entry_gap": error(
        "dataset {dataset}: the hub sent sequence {value} where {expected} follows; nothing of this "
        "page was kept"
    ),
    "entry_digest": error(
        "dataset {dataset}, sequence {value}: the record doesn't match its digest; nothing of this "
        "page was kept. Pull again, and tell the hub's operator if it stays so"
    ),
    "page_incomplete": error(
        "dataset {dataset}: the page ends at sequence {value} and should end at {expected}; nothing "
        "of it was kept. Pull again"
    ),
    "received_gap": error(
        "{value}: sequence {expected} is missing among the received files; move them away and pull "
        "again from the start"
    ),
    "hub_behind": error(
        "the hub's ledger of {dataset} ends at {head} and you have received up to {value}; ask its "
        "operator whether it was restored from an old backup"
    ),
    "receiving_busy": error("another process is receiving into {value}; wait for it to end"),
    "port_busy": error("port {value} can't be used: {reason}; choose another with --port"),
}
