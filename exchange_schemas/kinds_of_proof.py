"""Kinds of issue: what recomputing every digest finds wrong."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error

PROOF_KINDS: dict[str, Kind] = {
    # --- proof -------------------------------------------------------------------------------
    "digest_wrong": _error("{value}: stored content and digest differ; restore it from a backup"),
    "seq_gap": _error(
        "dataset {dataset}: sequence {value} is missing; restore the ledger from a backup"
    ),
    "seq_beyond": _error(
        "dataset {dataset}: sequence {value} stands beyond the ledger's end {expected}; restore the "
        "ledger from a backup"
    ),
    "segment_unreadable": _error(
        "dataset {dataset}: the stored content of sequences {value} can't be read; restore the "
        "ledger from a backup"
    ),
    "run_wrong": _error(
        "run {value} counts {field} {expected} and its revisions give {found}; restore the ledger "
        "from a backup"
    ),
    "artefact_missing": _error("delivery {value} isn't in raw/; restore the file from a backup"),
    "artefact_wrong": _error(
        "delivery {value}: the file isn't what its SHA-256 says; restore it from a backup"
    ),
    "head_wrong": _error("dataset {dataset}: the head of {value} isn't its last revision"),
    "release_wrong": _error("release {value}: {reason}"),
    "private_found": _error(
        "{field} of the public view shows {value}; it can't be published as it is"
    ),
}
