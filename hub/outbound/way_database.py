"""Delivery into a front-end exchange table (前置机): rows with a status that the province's program sets.

The table is the province's. A row is known by its flow, so a row that is there is not put there again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Text, select
from sqlalchemy.dialects.mysql import insert as mysql_insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from adapters.source import Ask
from adapters.sql_connection import writing
from exchange_schemas.errors import SourceUnavailable, TargetUnavailable
from exchange_schemas.issue import Issue
from hub.instant import utc_now
from hub.outbound import parcel as parts
from hub.outbound.asked import ask_of, discreetly
from hub.outbound.parcel import ANSWERS, REFUSED, TAKEN, Parcel
from hub.outbound.table import ProvinceTable
from hub.outbound.target import Target
from hub.outbound.way import Files, Returned, Sent

COLUMNS = {
    "flow": "FLOW_ID", "item": "ITEM_ID", "sn": "SN", "status": "STATUS", "reason": "REASON",
    "sent_at": "SENT_AT",
}  # fmt: skip
STATUSES = {"new": 0, TAKEN: 1, REFUSED: 2}
_ROWS = 500  # of one statement: PostgreSQL takes 65,535 values, MariaDB 16 MB
_ANSWERS = {parts.FLOW: pl.String, "status": pl.Int64, "reason": pl.String}


@dataclass(slots=True)
class DatabaseWay:
    """A `way.Way`."""

    target: Target
    ask: Ask = field(init=False)
    table: Table = field(init=False)

    def __post_init__(self) -> None:
        self.ask = ask_of(self.target)
        self.table = front_end_table(self.target.table, self.ask.options)

    def send(self, parcel: Parcel) -> Sent:
        """Insert the rows, all or none. Of one that was refused before, the row is new again."""
        rows = self._rows(parcel)
        with self._connected() as connection:
            for at in range(0, len(rows), _ROWS):
                self._insert(connection, rows[at : at + _ROWS])
        return Sent(handed=True)

    def _rows(self, parcel: Parcel) -> list[dict[str, Any]]:
        named, table = columns_of(self.ask.options), self.target.table
        told = parcel.rows.select(
            pl.col(parts.FLOW).alias(named["flow"]),
            pl.col(parts.ITEM).alias(named["item"]),
            pl.col(parts.SEQ).alias(named["sn"]),
            pl.col(parts.OPERATION)
            .replace_strict(table.operation.words)
            .alias(table.operation.column),
            pl.lit(statuses_of(self.ask.options)["new"]).alias(named["status"]),
            pl.lit(utc_now()).alias(named["sent_at"]),
            *table.names,
        )
        return told.rename(letters_of(self.ask.options)).to_dicts()

    def _insert(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        named, new = columns_of(self.ask.options), statuses_of(self.ask.options)["new"]
        flow, status = self.table.c[named["flow"]], self.table.c[named["status"]]
        if connection.dialect.name == "postgresql":
            there = postgresql_insert(self.table).values(rows)
            connection.execute(there.on_conflict_do_nothing(index_elements=[flow]))
        else:  # a row that is there stays as it is; IGNORE would swallow other faults too
            new_ones = mysql_insert(self.table).values(rows)
            connection.execute(new_ones.on_duplicate_key_update({flow.name: flow}))
        again = status == statuses_of(self.ask.options)[REFUSED]
        flows = [row[named["flow"]] for row in rows]
        refreshed = {named["status"]: new, named["reason"]: None}
        connection.execute(self.table.update().where(flow.in_(flows), again).values(refreshed))

    def collect(self, known: Files, flows: pl.Series) -> Iterator[Returned]:
        """What the province's program has said of the rows that are open."""
        named = columns_of(self.ask.options)
        statuses = statuses_of(self.ask.options)
        has = self.table.c
        query = select(has[named["flow"]], has[named["status"]], has[named["reason"]])
        said = has[named["status"]].in_([statuses[TAKEN], statuses[REFUSED]])
        found: list[tuple[Any, ...]] = []
        with self._connected() as connection:
            for at in range(0, len(flows), _ROWS):
                block = flows[at : at + _ROWS].to_list()
                asked = query.where(said, has[named["flow"]].in_(block))
                found += [tuple(row) for row in connection.execute(asked)]
        yield Returned(_answers(pl.DataFrame(found, schema=_ANSWERS, orient="row"), statuses))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with discreetly(self.target):
            try:
                with writing(self.ask) as connection:
                    yield connection
            except SourceUnavailable as error:
                words = {"reason": error.issue.message("en"),
                         "reason_zh": error.issue.message("zh_CN")}  # fmt: skip
                raise TargetUnavailable(Issue("target_away", params=words)) from None

    def close(self) -> None:
        """A connection lasts for one transaction only."""


def columns_of(options: Mapping[str, Any]) -> dict[str, str]:
    """What the columns beside the record's are called."""
    named, letters = {**COLUMNS, **options.get("columns", {})}, letters_of(options)
    return {kind: letters(name) for kind, name in named.items()}


def statuses_of(options: Mapping[str, Any]) -> dict[str, int]:
    """The numbers for new, taken and refused."""
    return {**STATUSES, **options.get("statuses", {})}


def letters_of(options: Mapping[str, Any]) -> Callable[[str], str]:
    """How names of columns are written: databases that fold unquoted names have them small."""
    return str.lower if options.get("letters") == "lower" else str


def front_end_table(table: ProvinceTable, options: Mapping[str, Any]) -> Table:
    """The exchange table; `create_all` of its metadata makes one for whoever has none yet."""
    named, letters = columns_of(options), letters_of(options)
    record = [
        Column(letters(one.name), String(one.length) if one.length and one.length <= 255 else Text)
        for one in table.columns.values()
    ]
    return Table(
        options["table"],
        MetaData(),
        Column(named["flow"], String(36), primary_key=True),
        Column(named["item"], String(36), nullable=False, index=True),
        Column(named["sn"], Integer, nullable=False),
        Column(letters(table.operation.column), String(16), nullable=False),
        Column(named["status"], Integer, nullable=False, index=True),
        Column(named["reason"], String(500)),
        Column(named["sent_at"], String(32), nullable=False),
        *record,
        mysql_charset="utf8mb4",
    )


def _answers(found: pl.DataFrame, statuses: Mapping[str, int]) -> pl.DataFrame:
    refused = pl.col("status") == statuses[REFUSED]
    return found.select(
        parts.FLOW,
        pl.when(refused).then(pl.lit(REFUSED)).otherwise(pl.lit(TAKEN)).alias("state"),
        pl.when(refused).then(pl.col("status").cast(pl.String)).alias("code"),
        pl.when(refused).then(pl.col("reason")).alias("reason"),
    ).select(list(ANSWERS))
