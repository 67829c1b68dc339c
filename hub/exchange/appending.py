"""Writing behind a stream, exactly once: whoever was overtaken writes nothing and begins again.

What is written was computed before, without any lock. The transaction that writes it holds the lock of
the view's row and finds the stream as it was when the computing began, or it does nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import polars as pl
from sqlalchemy import Connection, Engine, RowMapping, func, select, update

from hub.database import write
from hub.exchange.blocks import Block, blocks_of, insert_blocks, sealed_in
from hub.exchange.tables import exchange_erasure, exchange_view
from hub.exchange.views import View
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes


@dataclass(frozen=True, slots=True)
class State:
    """A stream as it was read. `erasure` is the newest one of its dataset: content that was read
    before the next one must not be written after it."""

    size: int
    sealed: int
    frontier: Frontier
    erasure: int
    release: int | None = None
    erased_release: int | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """Entries ready to be written behind a stream."""

    blocks: list[Block]
    hashes: Hashes


def state_of(engine: Engine, view: View) -> State:
    """The stream as it is now."""
    with engine.connect() as connection:
        return _state(connection, _row(connection, view))


def lock(connection: Connection, view: View) -> State:
    """The stream as it is, and nobody else changes it until the transaction ends."""
    return _state(connection, _row(connection, view, locked=True))


def addition_of(view: View, shown: pl.DataFrame) -> Addition:
    """Entries as the view shows them (`shown.SHOWN` and `standard`, consecutive), with their salts."""
    blocks, hashes = blocks_of(view, sealed_in(shown))
    return Addition(blocks, hashes)


def append(engine: Engine, view: View, state: State, made: Addition) -> bool:
    """Write what was made for the stream as `state`; False, and nothing, where it is another now."""
    with write(engine) as connection:
        return append_in(connection, view, state, made)


def append_in(connection: Connection, view: View, state: State, made: Addition) -> bool:
    """As `append`, in the caller's transaction."""
    now = lock(connection, view)
    if replace(now, sealed=state.sealed) != state:  # sealing is in nobody's way
        return False
    insert_blocks(connection, view, made.blocks)
    grown = state.frontier.extend(made.hashes)
    values = {"size": grown.size, "frontier": json.dumps(grown.to_json())}
    connection.execute(update(exchange_view).where(exchange_view.c.id == view.id).values(values))
    return True


def _row(connection: Connection, view: View, *, locked: bool = False) -> RowMapping:
    query = select(exchange_view).where(exchange_view.c.id == view.id)
    if locked:
        query = query.with_for_update()
    return connection.execute(query).mappings().one()


def _state(connection: Connection, row: RowMapping) -> State:
    mine = exchange_erasure.c.dataset_id == row["dataset_id"]
    newest = connection.scalar(select(func.max(exchange_erasure.c.id)).where(mine)) or 0
    told = row["frontier"]
    return State(
        size=row["size"],
        sealed=row["sealed"],
        frontier=Frontier.from_json(json.loads(told)) if told else Frontier(),
        erasure=newest,
        release=row["release"],
        erased_release=row["erased_release"],
    )
