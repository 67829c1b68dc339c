"""Consumers: platforms that pull exchanges, each with a key, an audience and granted datasets."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection, RowMapping, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.identifiers import uscc_expected
from exchange_schemas.issue import Issue
from hub.instant import utc_now
from hub.tables import consumer

# The public isn't one: the ledger has what nobody approved for the public yet, or any more.
AUDIENCES = ("government", "industry")

_SECRET_BYTES = 32
_NOBODY = "0" * 64  # no SHA-256 that anybody knows a secret for


@dataclass(frozen=True, slots=True)
class Consumer:
    """`salt` makes the pseudonyms of its keys its own; it isn't shown anywhere.

    `association` is the credit code of the industry organisation for which it asks.
    """

    id: int
    name: str
    audience: str
    datasets: tuple[str, ...]
    created_at: str
    revoked_at: str | None
    salt: bytes = field(repr=False)
    association: str | None = None


def check_grants(catalogue: Catalogue, datasets: Sequence[str]) -> None:
    """Raise Misdeclared (dataset_unknown) or Refused (not_shared) for what can't be granted."""
    for name in datasets:
        if catalogue.get(name).share_type == "none":
            raise Refused(Issue("not_shared", value=name))


def check_association(
    catalogue: Catalogue, audience: str, datasets: Sequence[str], association: str | None
) -> None:
    """Raise Misdeclared (association_missing, association_needless) where records belong to
    associations and an industry consumer names none, or another consumer names one."""
    owned = [name for name in datasets if catalogue.get(name).association is not None]
    if audience == "industry" and owned and association is None:
        raise Misdeclared(Issue("association_missing", value=", ".join(owned)))
    if association is not None and (audience != "industry" or not owned):
        raise Misdeclared(Issue("association_needless", value=association))


def add_consumer(
    connection: Connection,
    name: str,
    audience: str,
    datasets: Sequence[str],
    association: str | None = None,
) -> str:
    """Register a consumer; returns its key `<id>.<secret>`, which can't be had again.

    Whether it needs an association is for `check_association` to say; without one, it sees of
    associations' records what the public sees. Raises Misdeclared (audience_public,
    audience_unknown, association_wrong, consumer_exists).
    """
    _check_audience(audience)
    if association is not None and not _is_uscc(association):
        raise Misdeclared(Issue("association_wrong", value=association))
    if connection.scalar(select(consumer.c.id).where(consumer.c.name == name)) is not None:
        raise Misdeclared(Issue("consumer_exists", value=name))
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = {
        "name": name,
        "audience": audience,
        "association": association,
        "datasets": json.dumps(sorted(set(datasets))),
        "key_hash": _hash(secret),
        "salt": secrets.token_bytes(_SECRET_BYTES),
        "created_at": utc_now(),
    }
    number = connection.scalar(insert(consumer).values(row).returning(consumer.c.id))
    return f"{number}.{secret}"


def authenticate(connection: Connection, key: str) -> Consumer | None:
    """Whose key this is; None where it is nobody's or revoked.

    An unknown id takes the same path as a wrong secret: one look-up, one hash, one comparison in
    constant time. A plain SHA-256 is enough because the secret is 256 random bits, not a password.
    """
    number, _, secret = key.partition(".")
    row = _find(connection, number)
    expected = row["key_hash"] if row else _NOBODY
    right = hmac.compare_digest(_hash(secret), expected)
    if row is None or not right or row["revoked_at"] is not None:
        return None
    return _consumer(row)


def list_consumers(connection: Connection) -> list[Consumer]:
    """All of them, revoked ones too, in the order in which they were added."""
    rows = connection.execute(select(consumer).order_by(consumer.c.id)).mappings()
    return [_consumer(row) for row in rows]


def revoke(connection: Connection, name: str) -> None:
    """Make a consumer's key worthless from now on; raises Misdeclared (consumer_unknown)."""
    living = (consumer.c.name == name) & consumer.c.revoked_at.is_(None)
    done = connection.execute(update(consumer).where(living).values(revoked_at=utc_now()))
    if done.rowcount == 0:
        raise Misdeclared(Issue("consumer_unknown", value=name))


def _check_audience(audience: str) -> None:
    if audience == "public":
        raise Misdeclared(Issue("audience_public", value=audience))
    if audience not in AUDIENCES:
        words = {"known": ", ".join(AUDIENCES)}
        raise Misdeclared(Issue("audience_unknown", value=audience, params=words))


def _is_uscc(code: str) -> bool:
    return len(code) == 18 and uscc_expected(pl.Series([code]))[0] == code[17]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _find(connection: Connection, number: str) -> RowMapping | None:
    # Ids fit in 9 digits; anything else looks for 0, which is nobody's.
    plain = number.isascii() and number.isdigit() and len(number) <= 9
    query = select(consumer).where(consumer.c.id == (int(number) if plain else 0))
    return connection.execute(query).mappings().first()


def _consumer(row: RowMapping) -> Consumer:
    return Consumer(
        id=row["id"],
        name=row["name"],
        audience=row["audience"],
        datasets=tuple(json.loads(row["datasets"])),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        salt=bytes(row["salt"]),
        association=row["association"],
    )
