"""Set-based writing and reading of many rows as Polars frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, Executable, Table

from hub.copying import copying

FETCH = 50_000  # rows per fetch when reading


def insert_frame(
    connection: Connection, table: Table, frame: pl.DataFrame, **constants: int
) -> None:
    """Insert all rows of `frame`, whose columns are columns of `table`.

    `constants` are columns with one value for all rows. PostgreSQL takes the rows by COPY, SQLite
    by one executemany of the driver.
    """
    if frame.is_empty():
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, frame.with_columns(**_literals(constants)))
        return
    columns = ",".join([*frame.columns, *constants])
    values = ",".join(["?"] * frame.width + [str(int(value)) for value in constants.values()])
    sql = f"INSERT INTO {table.name} ({columns}) VALUES ({values})"  # noqa: S608 - our own names
    rows = zip(*(column.to_list() for column in frame.iter_columns()), strict=True)
    connection.exec_driver_sql(sql, list(rows))


def insert_keys(
    connection: Connection,
    table: Table,
    rows: pl.DataFrame,
    first_seq: int,
    constants: Mapping[str, int],
) -> None:
    """Insert `rows` (key String, digest Binary(32)) with consecutive `seq` from `first_seq`.

    As `insert_frame`; but SQLite is handed all keys as one JSON array and all digests as one blob
    and takes them apart itself, which is three times faster than binding them row by row.
    """
    if connection.dialect.name == "postgresql":
        seq = pl.int_range(first_seq, first_seq + pl.len(), dtype=pl.Int64).alias("seq")
        insert_frame(connection, table, rows.with_columns(seq), **constants)
        return
    names = ",".join(constants)
    values = ",".join(str(int(value)) for value in constants.values())
    sql = (
        f"INSERT INTO {table.name} (seq, key, digest, {names}) "  # noqa: S608 - our own names
        f"SELECT ? + each.key, each.value, substr(?, each.key * 32 + 1, 32), {values} "
        "FROM json_each(?) AS each"
    )
    keys = orjson.dumps(rows["key"].to_list()).decode()
    connection.exec_driver_sql(sql, (first_seq, b"".join(rows["digest"].to_list()), keys))


def _literals(constants: dict[str, int]) -> dict[str, pl.Expr]:
    return {name: pl.lit(value) for name, value in constants.items()}


def _copy(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    text = frame.with_columns(
        pl.concat_str(pl.lit("\\x"), pl.col(name).bin.encode("hex")).alias(name)
        for name, dtype in frame.schema.items()
        if dtype == pl.Binary
    )
    columns = ",".join(frame.columns)
    with copying(connection, f"COPY {table.name} ({columns}) FROM STDIN (FORMAT CSV)") as copy:
        copy.write(text.write_csv(include_header=False, quote_style="non_numeric").encode())


def select_frame(
    connection: Connection, query: Executable, schema: Mapping[str, Any], parameters: Any = None
) -> pl.DataFrame:
    """The rows of `query` as a frame with `schema`, fetched in blocks to bound memory."""
    parts = list(select_frames(connection, query, schema, parameters))
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict(schema))


def select_frames(
    connection: Connection, query: Executable, schema: Mapping[str, Any], parameters: Any = None
) -> Iterator[pl.DataFrame]:
    """The rows of `query` as frames with `schema` of at most 50,000 rows."""
    # For this statement only: on the connection it would give later ones a server-side cursor too.
    options = {"yield_per": FETCH}
    result = connection.execute(query, parameters or {}, execution_options=options)
    for block in result.partitions(FETCH):
        yield pl.DataFrame([tuple(row) for row in block], schema=dict(schema), orient="row")
