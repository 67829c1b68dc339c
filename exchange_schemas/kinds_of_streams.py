"""Kinds of issue: streams of the exchange, their sealed files, snapshots and erasures."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

STREAMS_KINDS: dict[str, Kind] = {
    "view_unknown": error(
        "dataset {dataset} has no view {value}; see hub exchange status for those there are"
    ),
    "segment_entries_wrong": error(
        "HUB_SEGMENT_ENTRIES is {value}; it must be a power of two from 256 to 1048576"
    ),
    "version_not_here": error(
        "the public view of {dataset} has its releases as they were made; leave out version, which "
        "is {value}"
    ),
    "stream_wrong": error(
        "view {view} of {dataset}, entry {value}: {reason}. Stop handing it over, and put the files and "
        "the database back from a backup"
    ),
    "stream_file_wrong": error(
        "{value} is missing or isn't as it was sealed; put it back from a backup"
    ),
    "stream_left_over": error(
        "{value} is a file that doesn't count any more; remove it with hub exchange seal"
    ),
    "past_rewritten": error(
        "view {view} of {dataset}: the first {value} entries aren't those of a checkpoint that was "
        "signed earlier. Nothing is signed any more; find out who changed the past before anybody is "
        "told a new one"
    ),
    "snapshot_unreadable": error(
        "this is no description of a snapshot: {reason}; get it again, and ask the hub's operator if it "
        "stays so"
    ),
    "snapshot_unsigned": error(
        "the snapshot of {value} at {seq} is signed by no key that is known here; ask the hub's operator "
        "for the fingerprint of its key"
    ),
    "erasure_empty": error(
        "nothing of {value} was named; give --key or --seq for what is to be erased"
    ),
    "erasure_unexplained": error(
        "{field} is empty; content is erased only with a reason and the law that wants it"
    ),
    "erasure_unknown": error(
        "the ledger of {dataset} has nothing of {value} that isn't erased already; check the key or the "
        "sequence number"
    ),
    "erasure_living": error(
        "revision {value} of {dataset} is what the ledger says now of a living record; let its department "
        "delete or correct it first, then erase what is left"
    ),
    "erasure_public": error(
        "record {value} of {dataset} is public, or cleared for it; withdraw and publish first, then erase"
    ),
}
