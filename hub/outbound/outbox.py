"""The deliveries of a target: which are open, and which are to be tried."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection, RowMapping, func, select

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.outbound import parcel
from hub.outbound.tables import (
    ANSWERED,
    DELIVERY_STATES,
    PREPARED,
    SENT,
    UNKNOWN,
    target_delivery,
    target_return_file,
)

TO_TRY = (PREPARED, UNKNOWN)
OPEN = (PREPARED, UNKNOWN, SENT)


def delivery_row(connection: Connection, number: int) -> RowMapping:
    """A delivery; nobody else changes it until the transaction ends."""
    query = select(target_delivery).where(target_delivery.c.id == number).with_for_update()
    return connection.execute(query).mappings().one()


def numbers(connection: Connection, target: str, states: Sequence[str]) -> list[int]:
    """The deliveries in these states, in the order in which they were made."""
    has = target_delivery.c
    query = select(has.id).where(has.target == target, has.state.in_(states)).order_by(has.id)
    return list(connection.scalars(query))


def check_open(row: RowMapping) -> None:
    """Raises Refused (run_busy) where another process has finished it meanwhile."""
    if row["state"] not in TO_TRY:
        raise Refused(Issue("run_busy", value=row["target"]))


def open_flows(connection: Connection, target: str) -> pl.Series:
    """The flows of all entries without an answer."""
    has = target_delivery.c
    query = select(has.content).where(has.target == target, has.state != ANSWERED)
    parts = [parcel.unpack(bytes(one))[parcel.FLOW] for one in connection.scalars(query)]
    return pl.concat([pl.Series(parcel.FLOW, dtype=pl.String), *parts])


def taken_files(connection: Connection, target: str) -> frozenset[tuple[str, str]]:
    """(name, sha256) of the return files that were taken."""
    has = target_return_file.c
    query = select(has.name, has.sha256).where(has.target == target)
    return frozenset((name, sha256) for name, sha256 in connection.execute(query))


def counts(connection: Connection, target: str) -> dict[str, int]:
    """How many deliveries are in each state."""
    has = target_delivery.c
    found = dict.fromkeys(DELIVERY_STATES, 0)
    query = select(has.state, func.count()).where(has.target == target).group_by(has.state)
    return {**found, **{state: int(count) for state, count in connection.execute(query)}}
