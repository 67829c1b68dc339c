"""Keys of consumers: several each, replaced one by one with a time in which both hold.

A key is named by its id, `<consumer>` for the first and `<consumer>-<n>` for the n-th. What a bearer
sends is `<id>.<secret>`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, or_, select, update

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.grants.tables import BEARER, HMAC, consumer_key
from hub.instant import utc_now
from hub.tables import consumer

_SECRET_BYTES = 32
_BY_KEYID = select(consumer_key).where(consumer_key.c.keyid == bindparam("keyid"))
NOBODYS = "0" * 64  # no SHA-256 that anybody knows a secret for


@dataclass(frozen=True, slots=True)
class Key:
    """`public_key` are the bytes of an Ed25519 or SM2 key; of the other kinds it is None.

    Times are instants; `valid_until` None: until it is revoked.
    """

    id: int
    consumer_id: int
    kind: str
    keyid: str
    public_key: bytes | None
    valid_from: str
    valid_until: str | None
    created_at: str
    revoked_at: str | None

    def holds(self, now: str) -> bool:
        """Whether it counts at that instant."""
        begun = self.valid_from <= now and self.revoked_at is None
        return begun and (self.valid_until is None or now < self.valid_until)


def new_bearer(connection: Connection, consumer_id: int, secret: str | None = None) -> str:
    """A new bearer key `<id>.<secret>`; only the hash of the secret is kept."""
    own = secret or secrets.token_urlsafe(_SECRET_BYTES)
    keyid = _add(connection, consumer_id, BEARER, key_hash=hashed(own))
    return f"{keyid}.{own}"


def new_hmac(connection: Connection, consumer_id: int) -> str:
    """The id of a new key whose secret is `consumer_secret.shared_secret`."""
    return _add(connection, consumer_id, HMAC)


def new_public(connection: Connection, consumer_id: int, kind: str, public_key: bytes) -> str:
    """The id under which a consumer's public key is known from now on.

    Raises Misdeclared (key_known) where it is anybody's already, this consumer's too: a key that
    was revoked must not come back.
    """
    text = base64.b64encode(public_key).decode()
    query = select(consumer_key.c.keyid).where(consumer_key.c.public_key == text)
    if connection.scalar(query) is not None:
        raise Misdeclared(Issue("key_known"))
    return _add(connection, consumer_id, kind, public_key=text)


def find_key(connection: Connection, keyid: str) -> tuple[Key, str] | None:
    """The key of that id and, of a bearer, the hash of its secret; revoked ones, too."""
    row = connection.execute(_BY_KEYID, {"keyid": keyid}).mappings().first()
    return (_key(row), row["key_hash"] or NOBODYS) if row else None


def keys_of(connection: Connection, consumer_id: int) -> list[Key]:
    """All of them, ended ones too, in the order in which they were added."""
    mine = consumer_key.c.consumer_id == consumer_id
    query = select(consumer_key).where(mine).order_by(consumer_key.c.id)
    return [_key(row) for row in connection.execute(query).mappings()]


def revoke_key(connection: Connection, consumer_id: int, keyid: str) -> None:
    """Make a key worthless from now on; raises Misdeclared (key_unknown)."""
    mine = (consumer_key.c.keyid == keyid) & (consumer_key.c.consumer_id == consumer_id)
    living = mine & consumer_key.c.revoked_at.is_(None)
    values = {"revoked_at": utc_now()}
    if not connection.execute(update(consumer_key).where(living).values(values)).rowcount:
        raise Misdeclared(Issue("key_unknown", value=keyid))


def end_at(connection: Connection, consumer_id: int, keyid: str, instant: str) -> None:
    """Let a key hold until then and no longer; it never holds longer than it would have.

    Raises Misdeclared (key_unknown) and Refused (key_ended).
    """
    found = find_key(connection, keyid)
    if found is None or found[0].consumer_id != consumer_id:
        raise Misdeclared(Issue("key_unknown", value=keyid))
    if not found[0].holds(utc_now()):
        raise Refused(Issue("key_ended", value=keyid))
    until = consumer_key.c.valid_until
    mine = (consumer_key.c.keyid == keyid) & or_(until.is_(None), until > instant)
    connection.execute(update(consumer_key).where(mine).values(valid_until=instant))


def hashed(secret: str) -> str:
    """What is kept of a bearer's secret: it is 256 random bits, not a password, so SHA-256 does."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _add(connection: Connection, consumer_id: int, kind: str, **more: str) -> str:
    # Two that add keys at once must not find the same number.
    connection.execute(select(consumer.c.id).where(consumer.c.id == consumer_id).with_for_update())
    mine = consumer_key.c.consumer_id == consumer_id
    count = connection.scalar(select(func.count()).select_from(consumer_key).where(mine)) or 0
    keyid = f"{consumer_id}-{count + 1}" if count else str(consumer_id)
    now = utc_now()
    row = {"consumer_id": consumer_id, "kind": kind, "keyid": keyid, "valid_from": now}
    connection.execute(insert(consumer_key).values(**row, created_at=now, **more))
    return keyid


def _key(row: RowMapping) -> Key:
    given = {name: row[name] for name in Key.__dataclass_fields__}
    public = row["public_key"]
    return Key(**{**given, "public_key": None if public is None else base64.b64decode(public)})
