"""Kinds of issue: consumers' keys, grants and signed requests."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error

GRANTS_KINDS: dict[str, Kind] = {
    # --- consumers and keys ------------------------------------------------------------------
    "credit_code_wrong": _error(
        "{value} isn't a unified social credit code; copy it from the organisation's certificate"
    ),
    "network_wrong": _error("{value} isn't a network; write it as 10.1.2.0/24 or 2001:db8::/32"),
    "certificate_wrong": _error(
        "{value} isn't the SHA-256 of a client certificate: 64 hex digits, with or without colons"
    ),
    "consumer_secret_unreadable": _error(
        "the secret of consumers' keys, {value}, can't be used: {reason}; restore it from a backup"
    ),
    "key_unknown": _error("there is no key {value} of this consumer, or it was revoked already"),
    "key_known": _error(
        "this public key is registered already; a key belongs to one consumer, and one that was "
        "revoked doesn't come back. Register a new one"
    ),
    "key_ended": _error("key {value} doesn't count any more; add a new one instead"),
    "key_kind_wrong": _error("there is no kind of key {value}; known are: {known}"),
    "public_key_wrong": _error(
        "this isn't a public key of {expected}; give it as PEM, as base64 or as JWK"
    ),
    "public_key_missing": _error(
        "a key of {value} is made by the consumer; give its public half with --public-key"
    ),
    "public_key_needless": _error("a key of {value} has no public half; leave --public-key out"),
    "instant_wrong": _error("{value} isn't a day from today on; write it as 2026-01-31"),
    # --- grants ------------------------------------------------------------------------------
    "not_public": _error(
        "nothing of dataset {value} is released to the public, so there is no public view of it"
    ),
    "grant_field_hidden": _error(
        "field {value} isn't in the view of {audience}; known are: {known}"
    ),
    "grant_text_missing": _error(
        "{field} is missing; say what the data are for and under which law"
    ),
    "grant_day_wrong": _error(
        "{field} {value} isn't a day that a grant can begin or end on; write it as 2026-01-31, not "
        "before today and not before the beginning"
    ),
    "grant_number_wrong": _error("{field} is {value}; expected {expected}"),
    "grant_waiting": _error(
        "application {value} for the same dataset waits for its answer; wait for it"
    ),
    "grant_later": _error(
        "grant {value} of the same dataset lives; a new one replaces it and can't begin later. Let "
        "it begin today, or revoke the old one first"
    ),
    "grant_unknown": _error("there is no application or grant {value}; see hub grant list"),
    "grant_state": _error("{value} is {state}; only what is {expected} can be decided so"),
    "grant_ground_missing": _error(
        "{value}: say why, and to refuse it also the legal ground, with --reason and --legal-ground"
    ),
    "grant_over": _error("application {value} asks for a time that is past; let it be made again"),
    "application_wrong": _error("the application isn't right: {reason}"),
    # --- requests ----------------------------------------------------------------------------
    "network_refused": _error(
        "your key isn't valid from {value}; ask the hub's operator to allow the network"
    ),
    "certificate_refused": _error(
        "your key is valid only with a client certificate that the hub's operator has registered"
    ),
    "rate_exceeded": _error(
        "more than {expected} requests a minute; go on after the seconds of Retry-After"
    ),
    "refused_too_often": _error(
        "more than {expected} requests a minute from your address were refused; correct the key, and go "
        "on after the seconds of Retry-After"
    ),
    "signature_required": _error(
        "this consumer must sign its requests (RFC 9421); a bearer key isn't enough"
    ),
    "signature_incomplete": _error("the request's signature isn't complete: {reason}"),
    "signature_stale": _error(
        "the signature's created {value} is too far from the hub's clock, {expected}; check your clock"
    ),
    "signature_wrong": _error(
        "the signature is of no key that is valid here, or of another request than this one"
    ),
    "signature_replayed": _error(
        "a request with this nonce was accepted already; sign each request anew"
    ),
    "content_digest_wrong": _error("the body isn't the one of Content-Digest; send it again"),
    "authority_wrong": _error(
        "HUB_EXCHANGE_AUTHORITY is {value}; write it as a host, with a port where it isn't the usual one"
    ),
    "exchange_rate_wrong": _error(
        "HUB_EXCHANGE_RATE is {value}; give a number of requests a minute, 0 for no limit"
    ),
}
