"""Kinds of issue: what the reference consumer finds wrong with a hub, or with what it holds."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

CONSUMING_KINDS: dict[str, Kind] = {
    "hub_keys_wrong": error(
        "{value} has no list of keys that can be used ({reason}); give the hub's keys.json, or the "
        "fingerprint of a key: 64 hex digits"
    ),
    "hub_keys_changed": error(
        "the hub {hub} shows other keys than before, and doesn't announce it: {value}. Ask its "
        "operator by another way than this, and give the right fingerprint with --hub-key"
    ),
    "hub_key_unknown": error(
        "the checkpoint of {value} isn't signed by a key that you believe, valid at its time (known: "
        "{known}). Compare with what the hub's operator says in another place, and give --hub-key"
    ),
    "stream_changed": error(
        "dataset {dataset}: you hold the stream {value} and the hub now gives you {found}, because "
        "your grant was changed; receive it into another folder or database"
    ),
    "hub_rewrote": error(
        "dataset {dataset}: the {value} entries that the hub signed at {at} aren't the beginning of "
        "what it signs now. Its past was rewritten: keep what you have, and ask its operator"
    ),
    "copy_damaged": error(
        "dataset {dataset}: the {value} entries that you hold aren't those that the hub signs; find "
        "and repair what differs with --reconcile"
    ),
    "entry_unproven": error(
        "dataset {dataset}, entries {value}: they aren't what the hub has signed; nothing of them was "
        "kept. Pull again, and tell the hub's operator if it stays so"
    ),
    "datasets_unreadable": error("{value} gives no list of datasets that can be read"),
    "segments_unreadable": error(
        "dataset {dataset}: the hub's list of segments can't be read; tell its operator"
    ),
    "segment_wrong": error(
        "dataset {dataset}: segment {value} isn't as it is listed ({reason}); nothing of it was kept. "
        "Pull again, and tell the hub's operator if it stays so"
    ),
    "snapshot_missing": error(
        "dataset {dataset}: the hub has no snapshot for you yet; pull without --snapshot"
    ),
    "snapshot_wrong": error(
        "dataset {dataset}: the snapshot at {value} isn't as it is signed ({reason}); nothing of it "
        "was kept. Pull again, and tell the hub's operator if it stays so"
    ),
    "received_damaged": error(
        "{value} can't be read as what was received; restore it, or receive anew elsewhere"
    ),
    "received_differs": error(
        "{value}: what was received before has entry {seq} otherwise than the hub has it now; keep "
        "both and ask the hub's operator"
    ),
    "store_wrong": error(
        "the database {value} can't be used ({reason}); write it as postgresql://…, mysql://… or "
        "sqlite:///…"
    ),
    "store_refused": error(
        "{value}: the database refused what was received ({reason}); nothing of it was kept"
    ),
    "store_missing": error("say where to receive: --to FOLDER or --database URL, one of the two"),
    "consume_what": error("say what to pull: --dataset NAME, as often as needed, or --all"),
    "sign_key_alone": error("--sign-key and --key-id belong together; give both"),
    "sign_key_wrong": error(
        "{value} has no key to sign with ({reason}); give the private key as you were shown to make it"
    ),
    "current_needs_files": error(
        "--current writes a file, and --database has the view exchange_record for it"
    ),
}
