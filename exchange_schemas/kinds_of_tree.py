"""Kinds of issue: the exchange's Merkle trees, checkpoints and reconciliation."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

TREE_KINDS: dict[str, Kind] = {
    "proof_impossible": error(
        "there is no proof for {value} of {size} entries in view {view} of {dataset}; the first number "
        "must not be more than the second, and the second not more than the stream has"
    ),
    "tile_unknown": error(
        "view {view} of {dataset} has no tile {value}; see C2SP tlog-tiles for how tiles are named, and "
        "ask for none beyond the size of a checkpoint"
    ),
    "checkpoint_name_wrong": error(
        "a checkpoint can't be named {value}: it must not have a space or a plus sign; correct the "
        "site's name"
    ),
    "checkpoint_unreadable": error(
        "this is no checkpoint: {reason}; get it again, and ask the hub's operator if it stays so"
    ),
    "checkpoint_of_another": error(
        "the checkpoint is of {value}, not of {expected}; check the address and the dataset"
    ),
    "checkpoint_unsigned": error(
        "the checkpoint of {value} at {size} entries is signed by no key that is known here; ask the "
        "hub's operator for the fingerprint of its key, and trust no key that came the same way"
    ),
    "checkpoint_signature_wrong": error(
        "the checkpoint of {value} at {size} entries has a wrong signature; it was changed on its way: "
        "use nothing of it and tell the hub's operator"
    ),
    "tile_unproven": error(
        "the hub's {value} isn't part of the tree that it has signed; use nothing of it and tell the "
        "hub's operator"
    ),
    "copy_unrepaired": error(
        "{value} was repaired and still isn't what the hub has signed; check the disk and who else "
        "writes there, or receive everything anew in another place"
    ),
}
