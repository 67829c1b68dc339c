"""A row in every table, with values that are easily lost on the way."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    Table,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from hub import triggers
from hub.all_tables import ALL
from hub.tables import dataset, head, revision, segment

LEDGER = (revision, segment, head)  # in parts on PostgreSQL
TEXTS = [
    "",
    "x",
    "茂名市「鑫源」",
    "a,\"b\"\n'c'\\N",
    "\\x00ff",
    " \t",
    "\r\n",
    "NULL",
    "𠮷",
    "1",
    "00012",
]
TRIES = 60_000


def fill(connection: Connection, chance: random.Random) -> None:
    """Give every table a few rows, in a transaction of SQLite: one that is refused undoes itself only."""
    triggers.drop(connection)
    for table in ALL.sorted_tables:
        known, words = _known(connection, table), list(_words(table))
        wanted, made = 1 if "id = 1" in " ".join(_checks(table)) else 3, 0
        for _ in range(TRIES):
            row = {c.name: _value(table, c, known, words, chance) for c in table.columns}
            with suppress(IntegrityError):
                connection.execute(insert(table).values(row))
                made += 1
            if made == wanted:
                break
        assert made, f"no row could be made for {table.name}"
    triggers.make(connection, ALL)


def _known(connection: Connection, table: Table) -> dict[str, list[Any]]:
    """Column → what it may refer to."""
    found = {}
    for column in table.columns:
        if column.name == "dataset_id" and table in LEDGER:
            found[column.name] = list(connection.scalars(select(dataset.c.id)))
        elif column.foreign_keys:
            target = next(iter(column.foreign_keys)).column
            found[column.name] = list(connection.scalars(select(target).limit(5)))
    return found


def _value(
    table: Table,
    column: Column[Any],
    known: dict[str, list[Any]],
    words: list[str],
    chance: random.Random,
) -> Any:
    if column.name in known:
        other = [None] if column.nullable or not known[column.name] else []
        return chance.choice([*known[column.name], *other])
    if column.nullable and chance.random() < 0.4:
        return None
    if isinstance(column.type, LargeBinary):
        return chance.choice([b"", b"\0\xff", chance.randbytes(32)])
    if isinstance(column.type, Float):
        return chance.choice([0.0, 0.1, -1e300, 1 / 3, float(2**53)])
    if isinstance(column.type, Integer):
        large = 2**62 if isinstance(column.type, BigInteger) else 2**31 - 1_000
        small = table is dataset or table in LEDGER  # their numbers say how many parts there are
        return chance.choice([0, 1, 2, 3, chance.randrange(100), *([] if small else [large])])
    length = getattr(column.type, "length", None) or 1_000
    return chance.choice(words if words and chance.random() < 0.6 else TEXTS)[:length]


def _words(table: Table) -> Iterator[str]:
    for text in _checks(table):
        yield from re.findall(r"'([^']*)'", text)


def _checks(table: Table) -> list[str]:
    return [str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)]
