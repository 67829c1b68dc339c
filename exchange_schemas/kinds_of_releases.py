"""Kinds of issue: releases."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

RELEASES_KINDS: dict[str, Kind] = {
    "signing_algorithm_unknown": error(
        "HUB_SIGNING_ALGORITHM is {value}, which isn't known; known are {known}"
    ),
    "signing_algorithm_other": error(
        "HUB_SIGNING_ALGORITHM is {wanted}, but the signing key is one of {value}; "
        "make a new key with hub keys new, or correct the setting"
    ),
    "signing_key_unreadable": error(
        "the signing key {value} can't be used: {reason}; nothing is published without it"
    ),
    "signing_key_missing": error(
        "readers know this site's keys, but the file {value} isn't there; "
        "bring it back, or make a new key with hub keys new"
    ),
    "signing_key_retired": error(
        "the signing key {value} was retired and signs no more; make a new one with hub keys new"
    ),
    "signing_key_exists": error(
        "HUB_SIGNING_KEY names {value}, which is there already; move it away, or name a new file"
    ),
    "signing_key_unknown": error(
        "there is no key {value}; hub keys list shows those that are known"
    ),
    "release_unsigned": error("release {value} isn't signed"),
    "release_signature_wrong": error(
        "release {value}: manifest.sig isn't a signature of its manifest by the key that it names"
    ),
    "release_key_unknown": error(
        "release {value} is signed with the key {key}, which isn't known as one of {signed_at}"
    ),
    "release_verifier_wrong": error("release {value}: verify.py isn't the one that was signed"),
    "release_other_than_told": error(
        "release {value}: neither its manifest nor its key has the digest {digest}; "
        "it isn't the newest one, or not the publisher's"
    ),
    "release_record_wrong": error(
        "release {value}: record {record} isn't as it was when the release was made"
    ),
    "release_change_wrong": error(
        "release {value}: {change} {record} doesn't follow from the releases before it"
    ),
    "release_count_wrong": error(
        "release {value}: its changes give {counted} as {name}, its manifest says {told}"
    ),
    "release_commitments_wrong": error(
        "release {value}: the records that follow from all changes aren't those of its manifest"
    ),
    "release_tombstone_wrong": error(
        "release {value}: what is told of the removed record {record} isn't what the changes say"
    ),
    "known_keys_wrong": error("{value}, the list of public keys, can't be read: {reason}"),
}
