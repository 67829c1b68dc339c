"""Kinds of issue: many machines, storage for objects, one leader."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, warning

SCALE_KINDS: dict[str, Kind] = {
    # --- the leader ---
    "leader_lost": error(
        "{value} is led by another process by now; nothing was queued, the other one does it"
    ),
    "leader_seconds": error("HUB_LEADER_SECONDS is {value}; give a number of seconds from 1 on"),
    "beat_without_broker": error(
        "hub beat sends messages and needs HUB_BROKER_URL; without a broker, hub worker keeps the "
        "schedule itself"
    ),
    # --- storage: what the settings say ---
    "storage_unset": error(
        "no storage is set; give HUB_STORAGE_URL (s3://bucket/prefix), HUB_STORAGE_ENDPOINT, "
        "HUB_STORAGE_ACCESS_KEY and HUB_STORAGE_SECRET_KEY"
    ),
    "storage_setting": error("{field} is {value}; expected {reason}"),
    # --- storage: it may pass, tried again later ---
    "storage_unreachable": error(
        "the storage doesn't answer ({value}: {reason}); it is tried again"
    ),
    "release_elsewhere": error(
        "release {number} of {value} was made on another machine and isn't in the storage yet; it is "
        "tried again. If that machine is gone for good: hub storage adopt {value}"
    ),
    # --- storage: somebody has to act ---
    "storage_denied": error(
        "the storage refuses {value} ({reason}); check its address, its keys and their rights"
    ),
    "storage_bucket_missing": error("the storage has no bucket {value}; create it first"),
    "storage_missing": error(
        "object {value} isn't in the storage; push it again where it is kept"
    ),
    "storage_wrong": error(
        "object {value} in the storage isn't what its SHA-256 says; it was not used. Remove it there, "
        "then push it again"
    ),
    "storage_list_wrong": error(
        "object {value} in the storage can't be read as a list of files; push the folder again"
    ),
    "storage_extra": warning(
        "object {value} is in the storage and in no list; the next push removes it"
    ),
    "storage_behind": warning("{value}: the storage has release {there}, here is {here}; push it"),
    "storage_versions": error(
        "bucket {value} keeps old versions, so what the law wants erased stays there; switch versioning "
        "off and remove the old versions"
    ),
}
