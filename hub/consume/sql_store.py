"""A store in a database: SQLite, PostgreSQL or MariaDB (see `hub.consume.sql_tables`).

All of a batch is one transaction: its entries, what they make current, the cursor, the receipts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import orjson
import polars as pl
from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from exchange_schemas.errors import Corrupt, Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.consume import sql_current, sql_rows
from hub.consume.batch import Batch, leaves_of
from hub.consume.changed_lines import about, erased_lines
from hub.consume.entry_lines import read_lines, right_digest
from hub.consume.receipts import ERASED, REFUSED, Receipt, Waiting
from hub.consume.sql_lock import locked
from hub.consume.sql_tables import exchange_cursor, exchange_receipt, make_tables
from hub.consume.store import Place, Snapshot
from hub.instant import utc_now
from hub.tree.frontier import Frontier
from hub.tree.hashing import HASH, Hashes


def open_database(url: str) -> Engine:
    """The database with its tables; raises Misdeclared (store_wrong)."""
    try:
        engine = create_engine(_with_driver(url), hide_parameters=True, pool_pre_ping=True)
        _make_tables(engine)
    except (ArgumentError, SQLAlchemyError, ImportError) as error:
        words = {"reason": type(getattr(error, "orig", None) or error).__name__}
        place = url.rpartition("@")[2]  # a password stands before it
        raise Misdeclared(Issue("store_wrong", value=place, params=words)) from error
    event.listen(engine, "handle_error", _refuse)
    return engine


def _make_tables(engine: Engine) -> None:
    """Another process may make them at the same time: a later look then finds them there."""
    for wait in (0.1, 0.5, None):
        try:
            with engine.begin() as connection:
                make_tables(connection)
        except DBAPIError:
            if wait is None:
                raise
            time.sleep(wait)
        else:
            return


def _refuse(context: ExceptionContext) -> None:
    """Raises Refused (store_refused) in the place of what the database says, also where it went away
    between two reads; a lost connection is given up all the same."""
    if context.is_pre_ping or context.engine is None:
        return  # the pool makes a new connection
    if not isinstance(context.sqlalchemy_exception, SQLAlchemyError):
        return  # not the database's: Ctrl-C
    place = context.engine.url.render_as_string(hide_password=True)
    words = {"reason": type(context.original_exception).__name__}
    raise Refused(
        Issue("store_refused", value=place, params=words)
    ) from context.original_exception


def _with_driver(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    drivers = {
        "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg",
        "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql",
    }  # fmt: skip
    return f"{drivers.get(scheme, scheme)}{mark}{rest}"


class SqlStore:
    """The rows of one dataset, or of its translation into one version of the standard."""

    def __init__(self, engine: Engine, dataset: str, version: str | None = None) -> None:
        self.engine = engine
        self.dataset = f"{dataset}@{version}" if version else dataset
        self.name = f"{engine.url.render_as_string(hide_password=True)} {self.dataset}"
        self._native = version is None

    def receiving(self) -> AbstractContextManager[None]:
        """As `Store.receiving`."""
        return locked(self.engine, self.dataset)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction; raises Refused (store_refused) without any value in its text."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = type(getattr(error, "orig", None) or error).__name__
            words = {"reason": reason}
            raise Refused(Issue("store_refused", value=self.name, params=words)) from error

    def place(self) -> Place:
        """As `Store.place`; raises Corrupt (received_damaged)."""
        mine = exchange_cursor.c.dataset == self.dataset
        with self.engine.connect() as connection:
            row = connection.execute(select(exchange_cursor).where(mine)).mappings().first()
        if row is None:
            return Place(Frontier(), None)
        try:
            return Place(Frontier.from_json(orjson.loads(row["frontier"])), row["checkpoint"])
        except ValueError as error:
            raise Corrupt(Issue("received_damaged", value=self.name)) from error

    def keep(self, batch: Batch, frontier: Frontier, receipts: Sequence[Receipt]) -> None:
        """As `Store.keep`; raises Refused (receiving_busy) where another got ahead."""
        with self._writing() as connection:
            self._place(connection, batch.first - 1, frontier)
            sql_rows.add(connection, self.dataset, batch.entries, _refused(receipts))
            sql_current.follow(connection, self.dataset, batch.first, batch.last)
            self._queue(connection, receipts)

    def begin(self, snapshot: Snapshot, receipts: Sequence[Receipt]) -> None:
        """As `Store.begin`, in one transaction."""
        with self._writing() as connection:
            self._place(connection, 0, snapshot.frontier)
            sql_rows.add_rest(connection, self.dataset, snapshot.rest)
            sql_rows.add(connection, self.dataset, snapshot.entries, _refused(receipts))
            sql_current.follow(connection, self.dataset, 1, snapshot.seq)
            self._queue(connection, receipts)

    def _place(self, connection: Connection, before: int, frontier: Frontier) -> None:
        """Move the cursor on from `before`; raises Refused (receiving_busy) where it isn't there."""
        told = {"seq": frontier.size, "frontier": orjson.dumps(frontier.to_json()).decode()}
        here = exchange_cursor.c.dataset == self.dataset
        mine = update(exchange_cursor).where(here, exchange_cursor.c.seq == before)
        if connection.execute(mine.values(told)).rowcount:
            return
        if before or connection.scalar(select(exchange_cursor.c.seq).where(here)) is not None:
            raise Refused(Issue("receiving_busy", value=self.name))
        connection.execute(insert(exchange_cursor).values(dataset=self.dataset, **told))

    def _queue(self, connection: Connection, receipts: Sequence[Receipt]) -> None:
        rows = [
            {"dataset": self.dataset, "first_seq": one.first, "last_seq": one.last,
             "state": one.state, "code": one.code, "reason": one.reason}
            for one in receipts
        ]  # fmt: skip
        if rows:
            connection.execute(insert(exchange_receipt), rows)

    def confirm(self, note: str) -> None:
        """As `Store.confirm`; nothing where nothing is held yet."""
        here = exchange_cursor.c.dataset == self.dataset
        with self._writing() as connection:
            connection.execute(update(exchange_cursor).where(here).values(checkpoint=note))

    def waiting(self) -> list[Waiting]:
        """As `Store.waiting`."""
        mine = exchange_receipt.c.dataset == self.dataset
        unsent = exchange_receipt.c.sent_at.is_(None)
        query = select(exchange_receipt).where(mine, unsent).order_by(exchange_receipt.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Waiting(str(r["id"]), Receipt(r["first_seq"], r["last_seq"], r["state"], r["code"], r["reason"]))
            for r in rows
        ]  # fmt: skip

    def acknowledged(self, places: Iterable[str]) -> None:
        """As `Store.acknowledged`."""
        numbers = [int(place) for place in places]
        done = update(exchange_receipt).where(exchange_receipt.c.id.in_(numbers))
        with self._writing() as connection:
            connection.execute(done.values(sent_at=utc_now()))

    def leaves(self) -> Hashes:
        """As `Store.leaves`."""
        found = np.zeros((self.place().last, HASH), np.uint8)
        with self.engine.connect() as connection:
            for first, rest in sql_rows.rest(connection, self.dataset):
                found[first - 1 : first - 1 + len(rest)] = rest
            for part in sql_rows.blocks(connection, self.dataset):
                whole = part.filter(pl.col("seq").is_between(1, len(found)))
                try:
                    leaves = leaves_of(whole, native=self._native)
                except ValueError:  # a part is lost: row by row, to lose no more than that row
                    leaves = _leaves_singly(whole, native=self._native)
                wrong = whole.select(~right_digest().fill_null(value=False)).to_series()
                found[whole["seq"].to_numpy() - 1] = leaves
                found[whole.filter(wrong)["seq"].to_numpy() - 1] = 0
        return found

    def leaves_near(self, seqs: Sequence[int]) -> Iterator[tuple[int, Hashes]]:
        """As `Store.leaves_near`, row by row."""
        with self.engine.connect() as connection:
            rows = sql_rows.of_seqs(connection, self.dataset, seqs)
        leaves = _leaves_singly(rows, native=self._native)
        for place, seq in enumerate(rows["seq"].to_list()):
            yield seq, leaves[place : place + 1]

    def replace(self, body: bytes) -> None:
        """As `Store.replace`, in one transaction with what is current afterwards."""
        entries = read_lines(self.dataset, body)
        with self._writing() as connection:
            self._put(connection, entries)

    def _put(self, connection: Connection, entries: pl.DataFrame) -> None:
        seqs = entries["seq"].to_list()
        before = sql_rows.of_seqs(connection, self.dataset, seqs)
        keys = {*before["key"], *entries["key"]} - {None}
        sql_rows.remove(connection, self.dataset, seqs)
        why = before.filter(pl.col("refused").is_not_null()).select("seq", "refused")
        sql_rows.add(connection, self.dataset, entries, why)
        sql_current.settle(connection, self.dataset, sorted(keys))

    def settle(self, frontier: Frontier) -> None:
        """As `Store.settle`."""
        here = (exchange_cursor.c.dataset == self.dataset) & (
            exchange_cursor.c.seq == frontier.size
        )
        told = orjson.dumps(frontier.to_json()).decode()
        with self._writing() as connection:
            connection.execute(update(exchange_cursor).where(here).values(frontier=told))
            sql_current.rebuild(connection, self.dataset)

    def erase(self, notice: int, keys: Sequence[str], seqs: Sequence[int]) -> list[int]:
        """As `Store.erase`, in one transaction."""
        with self._writing() as connection:
            entries = sql_rows.of_records(connection, self.dataset, keys, seqs)
            mine = about(entries, keys, seqs)
            if mine:
                self._put(connection, erased_lines(entries.filter(entries["seq"].is_in(mine))))
                self._queue(connection, [Receipt(seq, seq, ERASED) for seq in mine])
        return mine


def _refused(receipts: Sequence[Receipt]) -> pl.DataFrame:
    rows = [(one.first, one.code or "refused") for one in receipts if one.state == REFUSED]
    return pl.DataFrame(rows, schema={"seq": pl.Int64, "refused": pl.String}, orient="row")


def _leaves_singly(entries: pl.DataFrame, *, native: bool) -> Hashes:
    found = np.zeros((entries.height, HASH), np.uint8)
    for place, one in enumerate(entries.iter_slices(1)):
        try:
            found[place] = leaves_of(one, native=native)[0]
        except ValueError:
            continue  # zeros: no leaf is that
    return found
