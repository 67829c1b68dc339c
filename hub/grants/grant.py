"""Grants: what a consumer may have of which dataset, in whose view, for what, from when until when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, literal, or_, select

from hub.grants.tables import GRANTED, REVOKED, consumer_grant


class Holder(Protocol):
    """Whoever may have grants: a `hub.consumers.consumer.Consumer`."""

    @property
    def id(self) -> int:
        """The consumer's number."""


@dataclass(frozen=True, slots=True)
class Grant:
    """`valid_from` is the first day, `valid_until` the last (2026-01-31), None: until it is revoked.

    `fields` are names of the standard's, in its order; None: all that the audience sees. `rate` is
    in requests a minute, None: as usual. Without `receipts_within_hours` no receipts are owed.
    """

    id: int
    consumer_id: int
    dataset: str
    audience: str
    association: str | None
    fields: tuple[str, ...] | None
    purpose: str
    legal_basis: str
    valid_from: str
    valid_until: str | None
    rate: int | None
    receipts_within_hours: int | None


def grant_of(connection: Connection, consumer: Holder, dataset: str, day: date) -> Grant | None:
    """The grant that lives on `day`; None where there is none."""
    told = {"consumer": consumer.id, "dataset": dataset, "day": day.isoformat()}
    row = connection.execute(_OF_DATASET, told).mappings().first()
    return grant_from(row) if row else None


def last_grant_of(connection: Connection, consumer: Holder, dataset: str) -> Grant | None:
    """The newest grant that was ever decided so, living or not; None where there never was one."""
    held = (GRANTED, REVOKED)
    query = (
        select(consumer_grant)
        .where(
            consumer_grant.c.consumer_id == consumer.id,
            consumer_grant.c.dataset == dataset,
            consumer_grant.c.state.in_(held),
        )
        .order_by(consumer_grant.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return grant_from(row) if row else None


def grants_of(connection: Connection, consumer: Holder, day: date) -> list[Grant]:
    """All grants that live on `day`, by dataset."""
    told = {"consumer": consumer.id, "day": day.isoformat()}
    return [grant_from(row) for row in connection.execute(_LIVING, told).mappings()]


def living(day: date) -> ColumnElement[bool]:
    """The condition that a row of `consumer_grant` lives on that day."""
    return _living(literal(day.isoformat()))


def _living(day: ColumnElement[str]) -> ColumnElement[bool]:
    until = consumer_grant.c.valid_until
    return (
        (consumer_grant.c.state == GRANTED)
        & (consumer_grant.c.valid_from <= day)
        & or_(until.is_(None), until >= day)
    )


# Asked with every request of the exchange, so their text is made once.
_LIVING = (
    select(consumer_grant)
    .where(consumer_grant.c.consumer_id == bindparam("consumer"), _living(bindparam("day")))
    .order_by(consumer_grant.c.dataset)
)
_OF_DATASET = _LIVING.where(consumer_grant.c.dataset == bindparam("dataset"))


def grant_from(row: RowMapping) -> Grant:
    """A row of `consumer_grant`, whatever its state."""
    given = {name: row[name] for name in Grant.__dataclass_fields__}
    fields = row["fields"]
    return Grant(**{**given, "fields": None if fields is None else tuple(json.loads(fields))})
