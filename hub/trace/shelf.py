"""An index of the trace ledger, and of its certificates, for questions that must be answered at once.

    columns/food_trace_ledger/walk.sqlite        rows by trace code, code of the stage before, lot, batch
    columns/food_trace_certificate/walk.sqlite   certificates by trace code

It follows from the ledger: brought up to date with what changed since, made anew where the columns are
others, where it is far behind, where it is gone, or where content was erased since, and then it goes with
the columnar copy beside it.
"""

from __future__ import annotations

import fcntl
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from hub.analysis.inputs import Inputs
from hub.trace.movements import CERTIFICATES, FIELDS, LEDGER, keyed

_FILE = "walk.sqlite"
_FAR = 500_000  # entries behind: making it anew is quicker
_PART = 250_000  # rows that are inserted at one time
_KEPT = 2_000_000  # entries of the ledger of which it is known what they touched
_SEED = 7
_PAGES = 64_000  # KiB of them in memory while it is filled


@dataclass(frozen=True, slots=True)
class At:
    """Up to which entry of the ledger, and up to which erasure of its content."""

    seq: int
    erasure: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept of a dataset: its columns, those that are looked up, and names that are searched."""

    dataset: str
    columns: tuple[str, ...]
    looked_up: tuple[str, ...]
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()  # table → its columns

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Of what is found."""
        whole = {"lot_hash", "batch_hash"}
        return {n: pl.Int64() if n in whole else pl.String() for n in ("key", *self.columns)}

    @property
    def edition(self) -> int:
        """A number that changes with the columns, or with how Polars hashes."""
        told = repr((self.columns, self.looked_up, self.names, pl.__version__))
        return zlib.crc32(told.encode()) & 0x7FFFFFFF


ROWS = Kind(
    LEDGER,
    (*FIELDS, "batch_key", "lot", "lot_hash", "batch_hash"),
    ("trace_batch_no", "prev_batch_no", "lot_hash", "batch_hash", "operator_uscc", "product_name"),
    (
        ("product", ("product_name",)),
        ("operator", ("operator_uscc", "operator_name")),
        ("party", ("counterparty_name",)),
    ),
)
PAPERS = Kind(
    CERTIFICATES,
    ("trace_batch_no", "kind", "certificate_no", "issuer", "issued_on", "valid_to"),
    ("trace_batch_no",),
)


def hashed(values: pl.Series) -> list[int]:
    """The numbers under which lots and batches are found; some that differ may share one."""
    return values.hash(_SEED).reinterpret(signed=True).to_list()


class Shelf:
    """An open index; `refreshed` opens it."""

    def __init__(self, kind: Kind, connection: sqlite3.Connection) -> None:
        self.kind = kind
        self._connection = connection

    def find(self, column: str, values: Iterable[Any], most: int) -> pl.DataFrame:
        """At most `most` rows that have one of the values in a column that is looked up."""
        wanted = orjson.dumps(list(dict.fromkeys(values))).decode()
        sql = (
            f"SELECT {_listed(f'movement.{n}' for n in ('key', *self.kind.columns))} FROM json_each(?) AS each "  # noqa: S608
            f"CROSS JOIN movement ON movement.{column} = each.value LIMIT ?"
        )
        return self._frame(sql, (wanted, most))

    def latest(self, column: str, values: Sequence[Any], most: int) -> pl.DataFrame:
        """The rows that came in last of each of the values, some `most` in all."""
        each = max(most // max(len(values), 1), 1)
        sql = (
            f"SELECT {_listed(('key', *self.kind.columns))} FROM movement "  # noqa: S608
            f"WHERE {column} = ? ORDER BY rowid DESC LIMIT ?"
        )
        empty = pl.DataFrame(schema=self.kind.schema)
        return pl.concat([empty, *(self._frame(sql, (value, each)) for value in values)])

    def names(self, table: str, part: str, most: int) -> list[tuple[str, ...]]:
        """Products or operators whose name contains `part`."""
        columns = dict(self.kind.names)[table]
        sql = f"SELECT {_listed(columns)} FROM {table} WHERE instr({columns[-1]}, ?) LIMIT ?"  # noqa: S608
        return list(self._connection.execute(sql, (part, most)))

    def touched(self, after: int) -> pl.DataFrame | None:
        """code and lot_hash of rows that came, changed or went after an entry of the ledger, as they were and
        as they are; None where the index was made anew since, so that it can't tell."""
        (filled,) = self._connection.execute("SELECT filled FROM position").fetchone()
        if not after or filled > after:
            return None
        schema = {"code": pl.String, "lot_hash": pl.Int64}
        sql = "SELECT code, lot_hash FROM touched WHERE seq > ?"
        rows = self._connection.execute(sql, (after,)).fetchall()
        return pl.DataFrame(rows, schema=schema, orient="row").unique()

    def all_names(self, table: str) -> pl.DataFrame:
        """All products, operators or counterparties that ever were in the ledger."""
        columns = dict(self.kind.names)[table]
        rows = self._connection.execute(f"SELECT {_listed(columns)} FROM {table}").fetchall()  # noqa: S608
        return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")

    def _frame(self, sql: str, values: tuple[Any, ...]) -> pl.DataFrame:
        rows = self._connection.execute(sql, values).fetchall()
        return pl.DataFrame(rows, schema=self.kind.schema, orient="row")


@contextmanager
def refreshed(inputs: Inputs, kind: Kind) -> Iterator[Shelf]:
    """The index with all that the ledger says now."""
    folder = inputs.site.columns / kind.dataset
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / _FILE
    if _position(path, kind) != _last(inputs, kind):
        with (folder / f".{_FILE}.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            _bring(inputs, kind, path, _last(inputs, kind))
    with closing(_open(path)) as connection:
        yield Shelf(kind, connection)


def _last(inputs: Inputs, kind: Kind) -> At:
    return At(inputs.seqs([kind.dataset])[kind.dataset], inputs.erased(kind.dataset))


def _bring(inputs: Inputs, kind: Kind, path: Path, until: At) -> None:
    at, last = _position(path, kind), until.seq  # another may have done it meanwhile
    if at == until:
        return
    if not at or not at.seq or at.erasure != until.erasure or not 0 <= last - at.seq <= _FAR:
        _fill(inputs, kind, path, until)
        return
    rows, gone = replace(inputs, known={kind.dataset: at.seq}).changed(kind.dataset)
    with closing(_open(path)) as connection, connection:
        said = pl.concat([rows["_key"], gone.cast(pl.String)])
        wanted = orjson.dumps(said.to_list()).decode()
        mine = "key IN (SELECT value FROM json_each(?))"
        _touch(connection, kind, mine, wanted, last)
        connection.execute(f"DELETE FROM movement WHERE {mine}", (wanted,))  # noqa: S608
        _insert(connection, kind, rows)
        _touch(connection, kind, mine, wanted, last)
        kept = last - _KEPT
        connection.execute("DELETE FROM touched WHERE seq <= ?", (kept,))
        connection.execute("UPDATE position SET seq = ?, filled = max(filled, ?)", (last, kept))


def _fill(inputs: Inputs, kind: Kind, path: Path, until: At) -> None:
    """A new file in place of the one that is there; who reads that one reads on."""
    coming = path.with_suffix(".coming")
    coming.unlink(missing_ok=True)
    names = tuple(n for n in kind.columns if n in inputs.catalogue.get(kind.dataset).dtypes)
    rows = inputs.scan(kind.dataset).select("_key", *names)
    with closing(sqlite3.connect(coming)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA cache_size = -{_PAGES}")
        _create(connection, kind, until)
        for part in rows.collect_batches(chunk_size=_PART):
            _insert(connection, kind, part)
        connection.execute("CREATE UNIQUE INDEX by_key ON movement (key)")
        for name in kind.looked_up:
            given = f"WHERE {name} IS NOT NULL"
            connection.execute(f"CREATE INDEX by_{name} ON movement ({name}) {given}")
        connection.execute("ANALYZE")
        connection.commit()
    coming.replace(path)


def _create(connection: sqlite3.Connection, kind: Kind, until: At) -> None:
    whole = {name for name, dtype in kind.schema.items() if dtype == pl.Int64}
    columns = ", ".join(f"{n} {'INTEGER' if n in whole else 'TEXT'}" for n in kind.columns)
    connection.execute(f"CREATE TABLE movement (key TEXT NOT NULL, {columns})")
    for table, names in kind.names:
        listed = _listed(names)
        connection.execute(
            f"CREATE TABLE {table} ({listed}, PRIMARY KEY ({listed})) WITHOUT ROWID"
        )
    connection.execute("CREATE TABLE touched (seq INTEGER NOT NULL, code TEXT, lot_hash INTEGER)")
    connection.execute("CREATE INDEX touched_by_seq ON touched (seq)")
    connection.execute(
        "CREATE TABLE position (seq INTEGER NOT NULL, erasure INTEGER NOT NULL, filled INTEGER NOT NULL)"
    )
    at = (until.seq, until.erasure, until.seq)
    connection.execute("INSERT INTO position VALUES (?, ?, ?)", at)
    connection.execute(f"PRAGMA user_version = {kind.edition}")


def _touch(connection: sqlite3.Connection, kind: Kind, mine: str, wanted: str, last: int) -> None:
    """Note rows whose lots may have other findings now."""
    lot = "lot_hash" if "lot_hash" in kind.columns else "NULL"
    sql = f"INSERT INTO touched SELECT ?, trace_batch_no, {lot} FROM movement WHERE {mine}"  # noqa: S608
    connection.execute(sql, (last, wanted))


def _insert(connection: sqlite3.Connection, kind: Kind, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    if kind is ROWS:
        rows = keyed(rows.lazy()).collect()
        rows = rows.with_columns(
            pl.Series("lot_hash", hashed(rows["lot"]), pl.Int64),
            pl.Series("batch_hash", hashed(rows["batch_key"]), pl.Int64),
        ).with_columns(
            pl.when(pl.col(text).is_not_null()).then(number).alias(number)
            for text, number in (("lot", "lot_hash"), ("batch_key", "batch_hash"))
        )
    marks = ",".join("?" * (len(kind.columns) + 1))
    cells = (rows[name].to_list() for name in ("_key", *kind.columns))
    sql = f"INSERT INTO movement VALUES ({marks})"  # noqa: S608 - our own names
    connection.executemany(sql, zip(*cells, strict=True))
    for table, names in kind.names:
        told = rows.select(names).drop_nulls().unique()
        marks = ",".join("?" * len(names))
        sql = f"INSERT OR IGNORE INTO {table} VALUES ({marks})"  # noqa: S608 - our own names
        connection.executemany(sql, told.rows())


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    connection.execute("PRAGMA mmap_size = 8589934592")
    return connection


def _position(path: Path, kind: Kind) -> At | None:
    """Up to where the file is; None where it can't be used."""
    if not path.is_file():
        return None
    try:
        with closing(_open(path)) as connection:
            edition = connection.execute("PRAGMA user_version").fetchone()[0]
            found = connection.execute("SELECT seq, erasure FROM position").fetchone()
    except sqlite3.DatabaseError:
        return None
    return At(*found) if edition == kind.edition and found else None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
