"""Consumers: organisations that pull exchanges, each with keys, grants and the networks it is in."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.identifiers import uscc_expected
from exchange_schemas.issue import Issue
from hub.consumers import keys as consumer_keys
from hub.consumers.events import OPERATOR, note
from hub.grants.grant import Grant, grants_of
from hub.grants.registered import grant_registered
from hub.grants.sharing import way_of
from hub.grants.tables import BEARER
from hub.instant import utc_now
from hub.tables import consumer

# The audience of a consumer's grants where none is named. The public isn't one: its view is
# granted dataset by dataset, and is made of releases.
AUDIENCES = ("government", "industry")

_SECRET_BYTES = 32


_BY_ID = select(consumer).where(consumer.c.id == bindparam("number"))  # asked with every request


@dataclass(frozen=True, slots=True)
class Consumer:
    """`salt` makes the pseudonyms of its keys its own; it isn't shown anywhere.

    `association` is the credit code of the industry organisation for which it asks. `grants` are
    those that live today, by dataset. `networks` are CIDR, `certificates` SHA-256 of client
    certificates in hex; where there are none, it may come from anywhere and needs no certificate.
    With `signed_only` no bearer key counts. `rate` is in requests a minute; None: as usual.
    """

    id: int
    name: str
    audience: str
    grants: tuple[Grant, ...]
    created_at: str
    revoked_at: str | None
    salt: bytes = field(repr=False)
    association: str | None = None
    credit_code: str | None = None
    contact: str | None = None
    networks: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    signed_only: bool = False
    rate: int | None = None

    @property
    def datasets(self) -> tuple[str, ...]:
        """What it was granted."""
        return tuple(one.dataset for one in self.grants)

    def grant_of(self, dataset: str) -> Grant | None:
        """The grant under which it may have the dataset; None where there is none."""
        return next((one for one in self.grants if one.dataset == dataset), None)


def check_grants(catalogue: Catalogue, datasets: Sequence[str]) -> None:
    """Raise Misdeclared (dataset_unknown) or Refused (not_shared) for what can't be granted."""
    for name in datasets:
        way_of(catalogue.get(name), "government")


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
    """Register a consumer with these grants; returns its key `<id>.<secret>`, which can't be had again.

    Whether the datasets may be granted and need an association is for `check_grants` and
    `check_association` to say; without one, it sees of associations' records what the public sees.
    Raises Misdeclared (audience_public, audience_unknown, association_wrong, consumer_exists).
    """
    if association is not None and not is_uscc(association):
        raise Misdeclared(Issue("association_wrong", value=association))
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    names = sorted(set(datasets))
    more = {"association": association, "key_hash": consumer_keys.hashed(secret)}
    number = register(connection, name, audience, datasets=json.dumps(names), **more)
    key = consumer_keys.new_bearer(connection, number, secret)
    note(connection, number, "key_add", OPERATOR, keyid=str(number), kind=BEARER)
    grant_registered(connection, number, names, audience, association)
    return key


def register(connection: Connection, name: str, audience: str, **more: object) -> int:
    """A new consumer without keys and grants; `more` are columns of `consumer`. Returns its number.

    Raises Misdeclared (audience_public, audience_unknown, consumer_exists).
    """
    _check_audience(audience)
    if connection.scalar(select(consumer.c.id).where(consumer.c.name == name)) is not None:
        raise Misdeclared(Issue("consumer_exists", value=name))
    row = {
        "name": name,
        "audience": audience,
        "datasets": "[]",
        "key_hash": consumer_keys.NOBODYS,
        "salt": secrets.token_bytes(_SECRET_BYTES),
        "created_at": utc_now(),
        **more,
    }
    number = int(connection.scalar(insert(consumer).values(row).returning(consumer.c.id)) or 0)
    note(connection, number, "register", OPERATOR, audience=audience)
    return number


def authenticate(connection: Connection, key: str) -> Consumer | None:
    """Whose bearer key this is; None where it is nobody's, ended or revoked.

    An unknown id takes the same path as a wrong secret: one look-up, one hash, one comparison in
    constant time.
    """
    keyid, _, secret = key.partition(".")
    found = consumer_keys.find_key(connection, keyid[:32])
    expected = found[1] if found else consumer_keys.NOBODYS
    right = hmac.compare_digest(consumer_keys.hashed(secret), expected)
    if found is None or not right:
        return None
    known = found[0]
    if known.kind != BEARER or known.keyid != keyid or not known.holds(utc_now()):
        return None
    return living_consumer(connection, known.consumer_id)


def living_consumer(connection: Connection, number: int) -> Consumer | None:
    """The consumer of that number; None where it was revoked."""
    row = connection.execute(_BY_ID, {"number": number}).mappings().first()
    return None if row is None or row["revoked_at"] is not None else _consumer(connection, row)


def consumer_named(connection: Connection, name: str) -> Consumer:
    """The consumer of that name, revoked or not; raises Misdeclared (consumer_unknown)."""
    row = connection.execute(select(consumer).where(consumer.c.name == name)).mappings().first()
    if row is None:
        raise Misdeclared(Issue("consumer_unknown", value=name))
    return _consumer(connection, row)


def list_consumers(connection: Connection) -> list[Consumer]:
    """All of them, revoked ones too, in the order in which they were added."""
    rows = connection.execute(select(consumer).order_by(consumer.c.id)).mappings().all()
    return [_consumer(connection, row) for row in rows]


def revoke(connection: Connection, name: str, actor: str = OPERATOR) -> None:
    """Make all of a consumer's keys worthless from now on; raises Misdeclared (consumer_unknown)."""
    living = (consumer.c.name == name) & consumer.c.revoked_at.is_(None)
    ended = update(consumer).where(living).values(revoked_at=utc_now()).returning(consumer.c.id)
    number = connection.scalar(ended)
    if number is None:
        raise Misdeclared(Issue("consumer_unknown", value=name))
    note(connection, number, "revoke", actor)


def is_uscc(code: str) -> bool:
    """Whether it is a unified social credit code (GB 32100-2015) with the right check digit."""
    return len(code) == 18 and uscc_expected(pl.Series([code]))[0] == code[17]


def _check_audience(audience: str) -> None:
    if audience == "public":
        raise Misdeclared(Issue("audience_public", value=audience))
    if audience not in AUDIENCES:
        words = {"known": ", ".join(AUDIENCES)}
        raise Misdeclared(Issue("audience_unknown", value=audience, params=words))


def _consumer(connection: Connection, row: RowMapping) -> Consumer:
    same = ("id", "name", "audience", "association", "created_at", "revoked_at", "credit_code",
            "contact", "rate")  # fmt: skip
    number = _Number(row["id"])
    return Consumer(
        **{name: row[name] for name in same},
        grants=tuple(grants_of(connection, number, today())),
        salt=bytes(row["salt"]),
        networks=tuple(json.loads(row["networks"] or "[]")),
        certificates=tuple(json.loads(row["certificates"] or "[]")),
        signed_only=bool(row["signed_only"]),
    )


@dataclass(frozen=True, slots=True)
class _Number:
    id: int
