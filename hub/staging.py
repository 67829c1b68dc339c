"""Many rows at once into a temporary table, for statements that join them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from hub.bulk import insert_frame

_TYPES: dict[object, type[TypeEngine[Any]]] = {pl.Int64: BigInteger, pl.Binary: LargeBinary}


@contextmanager
def staged(connection: Connection, frame: pl.DataFrame, key: str) -> Iterator[Table]:
    """`frame` (String, Int64 and Binary columns) as a temporary table, gone after the block.

    `key` is a column with a different value in every row: statements find rows by it.
    """
    columns = [
        Column(name, _TYPES.get(dtype, Text)(), primary_key=name == key, autoincrement=False)
        for name, dtype in frame.schema.items()
    ]
    table = Table("staged", MetaData(), *columns, prefixes=["TEMPORARY"])
    table.create(connection)
    insert_frame(connection, table, frame)
    if connection.dialect.name == "postgresql":
        # without it the planner believes that the table is nearly empty, and loops over the other
        connection.exec_driver_sql("ANALYZE staged")
    try:
        yield table
    finally:
        table.drop(connection)
