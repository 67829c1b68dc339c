"""Rows of `exchange_entry` as frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select

from hub.bulk import insert_frame, select_frames
from hub.consume.entry_lines import HEADING
from hub.consume.sql_tables import exchange_entry, exchange_rest
from hub.tree.hashing import Hashes, hashes_of

#: As `ENTRY_COLUMNS`, without the line and with why it was refused.
ROW = {**HEADING, "record": pl.String, "refused": pl.String}
PART = 65_536  # leaves in one row
SOME = 500  # numbers or keys in one statement


def add(
    connection: Connection, dataset: str, entries: pl.DataFrame, refused: pl.DataFrame
) -> None:
    """Insert entries; `refused` has seq and why."""
    bare = entries.select(*HEADING, "record").join(refused, on="seq", how="left")
    frame = bare.select(pl.lit(dataset).alias("dataset"), *ROW)
    if connection.dialect.name in ("mysql", "mariadb"):
        connection.execute(insert(exchange_entry), frame.to_dicts())
    else:
        insert_frame(connection, exchange_entry, frame)


def add_rest(connection: Connection, dataset: str, leaves: Hashes) -> None:
    """Keep the leaves of what a snapshot leaves out, in parts that every database takes."""
    rows = [
        {"dataset": dataset, "first_seq": at + 1, "leaves": leaves[at : at + PART].tobytes()}
        for at in range(0, len(leaves), PART)
    ]
    connection.execute(insert(exchange_rest), rows)


def rest(connection: Connection, dataset: str) -> Iterator[tuple[int, Hashes]]:
    """What `add_rest` kept: (first number, leaves)."""
    query = select(exchange_rest.c.first_seq, exchange_rest.c.leaves)
    for first, raw in connection.execute(query.where(exchange_rest.c.dataset == dataset)):
        yield first, hashes_of(bytes(raw))


def remove(connection: Connection, dataset: str, seqs: Sequence[int]) -> None:
    """Delete the rows with these numbers."""
    for some in _parts(seqs):
        mine = (exchange_entry.c.dataset == dataset) & exchange_entry.c.seq.in_(some)
        connection.execute(delete(exchange_entry).where(mine))


def blocks(connection: Connection, dataset: str) -> Iterator[pl.DataFrame]:
    """All rows, in order, in blocks."""
    yield from select_frames(connection, _query(exchange_entry.c.dataset == dataset), ROW)


def of_seqs(connection: Connection, dataset: str, seqs: Sequence[int]) -> pl.DataFrame:
    """The rows with these numbers that are there."""
    found = [pl.DataFrame(schema=ROW)]
    for some in _parts(seqs):
        mine = (exchange_entry.c.dataset == dataset) & exchange_entry.c.seq.in_(some)
        found += select_frames(connection, _query(mine), ROW)
    return pl.concat(found)


def of_records(
    connection: Connection, dataset: str, keys: Sequence[str], seqs: Sequence[int]
) -> pl.DataFrame:
    """The rows of these records, and those with these numbers."""
    found = [of_seqs(connection, dataset, seqs)]
    for start in range(0, len(keys), SOME):
        some = exchange_entry.c.key.in_(keys[start : start + SOME])
        found += select_frames(
            connection, _query((exchange_entry.c.dataset == dataset) & some), ROW
        )
    return pl.concat(found).unique("seq", maintain_order=True)


def _query(mine: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    columns = [exchange_entry.c[name] for name in ROW]
    return select(*columns).where(mine).order_by(exchange_entry.c.seq)


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), SOME):
        yield values[start : start + SOME]
