"""Which keys a consumer believes the hub's checkpoints by.

Keys that were given (a fingerprint or a keys.json) are believed, and no others. Without any, the keys
that the hub shows at first are believed and stored; later ones only where the hub's list announces
them: every key that was believed still stands in it, as it was, and has ended before the new one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from exchange_schemas.errors import Corrupt, Misdeclared
from exchange_schemas.issue import Issue
from hub.consume.asking import Hub
from hub.tree.checkpoint import Checkpoint, NoteKey, verify
from publisher.signers import ALGORITHMS, key_id

FINGERPRINT = 64  # hex digits
SKEW = timedelta(hours=2)  # by which a hub's clock may be set back


@dataclass(frozen=True, slots=True)
class HubKey:
    """A public key of a hub, as its keys.json lists it; times as there."""

    key_id: str
    algorithm: str
    public_key: str  # base64
    valid_from: str
    valid_until: str | None = None

    def valid_at(self, moment: str) -> bool:
        """Whether it was in use then; from `SKEW` before its beginning on, because the hub's clock
        may have been set right since, and whoever signs names the time."""
        at, until = datetime.fromisoformat(moment), self.valid_until
        return datetime.fromisoformat(self.valid_from) <= at + SKEW and (
            until is None or at <= datetime.fromisoformat(until)
        )


def read_keys(told: Any, place: str) -> list[HubKey]:
    """The keys of a keys.json; raises Misdeclared (hub_keys_wrong)."""
    try:
        return [_checked(one) for one in told["keys"]]
    except (ValueError, KeyError, TypeError) as error:
        words = {"reason": str(error)}
        raise Misdeclared(Issue("hub_keys_wrong", value=place, params=words)) from error


def _checked(one: dict[str, Any]) -> HubKey:
    told: dict[str, Any] = {name: one.get(name) for name in HubKey.__slots__}
    key = HubKey(**told)
    if key.algorithm not in ALGORITHMS:
        raise ValueError(f"{key.algorithm}?")
    if key_id(base64.b64decode(key.public_key, validate=True)) != key.key_id:
        raise ValueError(f"{key.key_id} isn't the fingerprint of its key")
    key.valid_at(key.valid_from)
    return key


def to_json(keys: Iterable[HubKey]) -> list[dict[str, Any]]:
    """What `read_keys` takes as `keys`."""
    return [asdict(key) for key in keys]


@dataclass(frozen=True, slots=True)
class Given:
    """What an operator gave to believe: fingerprints, and whole keys of a keys.json."""

    fingerprints: frozenset[str] = frozenset()
    keys: tuple[HubKey, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str]) -> Given:
        """Of fingerprints and paths of keys.json; raises Misdeclared (hub_keys_wrong)."""
        hexes, keys = set(), list[HubKey]()
        for text in texts:
            if len(text) == FINGERPRINT and not text.lower().strip("0123456789abcdef"):
                hexes.add(text.lower())
                continue
            try:
                told = orjson.loads(Path(text).read_bytes())
            except (OSError, orjson.JSONDecodeError) as error:
                words = {"reason": type(error).__name__}
                raise Misdeclared(Issue("hub_keys_wrong", value=text, params=words)) from error
            keys += read_keys(told, text)
        return cls(frozenset(hexes), tuple(keys))

    def __bool__(self) -> bool:
        return bool(self.fingerprints or self.keys)


def believed(hub: Hub, known: Sequence[HubKey], given: Given) -> list[HubKey]:
    """The keys to believe now, of those that the hub lists; see the module.

    Raises Corrupt (hub_keys_changed), Misdeclared (hub_keys_wrong).
    """
    listed = read_keys(hub.json("keys"), f"{hub.address}keys")
    if given:
        wanted = given.fingerprints | {key.key_id for key in given.keys}
        return [key for key in listed if key.key_id in wanted] or list(given.keys)
    if not known:
        return listed
    return _announced(known, listed, hub.address)


def _announced(known: Sequence[HubKey], listed: list[HubKey], place: str) -> list[HubKey]:
    by_id = {key.key_id: key for key in listed}
    for old in known:
        now = by_id.get(old.key_id)
        same = now is not None and replace(now, valid_until=old.valid_until) == old
        ended = now is not None and old.valid_until not in (None, now.valid_until)
        if not same or ended:
            raise Corrupt(Issue("hub_keys_changed", value=old.key_id, params={"hub": place}))
    begun = max(datetime.fromisoformat(key.valid_from) for key in known)
    for new in (key for key in listed if key.key_id not in {old.key_id for old in known}):
        open_still = any(by_id[old.key_id].valid_until is None for old in known)
        if open_still or datetime.fromisoformat(new.valid_from) < begun:
            raise Corrupt(Issue("hub_keys_changed", value=new.key_id, params={"hub": place}))
    return listed


def verified(note: str, keys: Sequence[HubKey], origin: str | None) -> Checkpoint:
    """The checkpoint, signed by one of `keys` that was in use at its time.

    Raises Corrupt: as `hub.tree.checkpoint.verify`, and hub_key_unknown where none of the keys signed.
    """
    try:
        found = verify(note, [note_key(key) for key in keys], origin)
        in_use = [note_key(key) for key in keys if key.valid_at(found.at)]
        return verify(note, in_use, origin)
    except Corrupt as error:
        if error.issue.code != "checkpoint_unsigned":
            raise
        words = {"known": ", ".join(key.key_id[:16] for key in keys) or "-"}
        raise Corrupt(Issue("hub_key_unknown", value=error.issue.value, params=words)) from error


def note_key(key: HubKey) -> NoteKey:
    """The key as notes are verified with it."""
    return NoteKey(key.algorithm, base64.b64decode(key.public_key))
