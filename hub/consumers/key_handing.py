"""Handing out keys to a consumer, and replacing one by another with a time in which both hold."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Connection

from exchange_schemas.days import HERE, today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.consumers import keys as consumer_keys
from hub.consumers.consumer import Consumer
from hub.consumers.events import note
from hub.consumers.public_keys import read_public_key
from hub.consumers.secret import master_secret, shared_secret
from hub.grants.tables import BEARER, HMAC, KEY_KINDS
from hub.grants.terms import is_day
from hub.instant import utc_now


@dataclass(frozen=True, slots=True)
class Handed:
    """`secret` is shown once: a bearer's whole key, or base64 of the 32 bytes of a shared secret;
    None of a key whose private half only the consumer has."""

    keyid: str
    kind: str
    secret: str | None = field(default=None, repr=False)


def hand_out(
    connection: Connection,
    keys: Path,
    who: Consumer,
    kind: str,
    public_key: str | None,
    actor: str,
) -> Handed:
    """A new key that holds from now on; `keys` is the site's folder of keys.

    Raises Misdeclared: key_kind_wrong, public_key_missing, public_key_needless, public_key_wrong,
    key_known; and Refused (consumer_secret_unreadable).
    """
    if kind not in KEY_KINDS:
        words = {"known": ", ".join(KEY_KINDS)}
        raise Misdeclared(Issue("key_kind_wrong", value=kind[:32], params=words))
    made_here = kind in (BEARER, HMAC)
    if made_here and public_key:
        raise Misdeclared(Issue("public_key_needless", value=kind))
    if not made_here and not public_key:
        raise Misdeclared(Issue("public_key_missing", value=kind))
    handed = _made(connection, keys, who.id, kind, public_key or "")
    note(connection, who.id, "key_add", actor, keyid=handed.keyid, kind=kind)
    return handed


def rotate(
    connection: Connection,
    keys: Path,
    who: Consumer,
    keyid: str,
    last_day: str,
    public_key: str | None,
    actor: str,
) -> Handed:
    """A new key of the same kind; the old one holds until the end of `last_day` (2026-01-31).

    Raises Misdeclared: key_unknown, instant_wrong, and as `hand_out`; Refused (key_ended).
    """
    found = consumer_keys.find_key(connection, keyid)
    if found is None or found[0].consumer_id != who.id:
        raise Misdeclared(Issue("key_unknown", value=keyid[:32]))
    if not found[0].holds(utc_now()):
        raise Refused(Issue("key_ended", value=keyid))
    until = end_of(last_day)
    handed = hand_out(connection, keys, who, found[0].kind, public_key, actor)
    consumer_keys.end_at(connection, who.id, keyid, until)
    note(connection, who.id, "key_rotate", actor, keyid=keyid, until=until, by=handed.keyid)
    return handed


def revoke(connection: Connection, who: Consumer, keyid: str, reason: str, actor: str) -> None:
    """Make one key worthless from now on; raises Misdeclared (key_unknown)."""
    consumer_keys.revoke_key(connection, who.id, keyid)
    note(connection, who.id, "key_revoke", actor, reason, keyid=keyid)


def end_of(day: str) -> str:
    """The instant at which a day is over where the departments are; raises Misdeclared (instant_wrong)
    for what isn't a day, and for days that are over."""
    if not is_day(day) or day < today().isoformat():
        raise Misdeclared(Issue("instant_wrong", value=day[:32]))
    over = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), HERE)
    return over.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _made(connection: Connection, keys: Path, number: int, kind: str, public_key: str) -> Handed:
    if kind == BEARER:
        key = consumer_keys.new_bearer(connection, number)
        return Handed(key.partition(".")[0], kind, key)
    if kind == HMAC:
        master = master_secret(keys)
        keyid = consumer_keys.new_hmac(connection, number)
        return Handed(keyid, kind, base64.b64encode(shared_secret(master, keyid)).decode())
    public = read_public_key(kind, public_key)
    return Handed(consumer_keys.new_public(connection, number, kind, public), kind)
