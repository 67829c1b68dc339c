"""Which table of a database file has the records: the largest."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing

from adapters.suggest.format_guess import Guess
from adapters.suggest.head import Head

_INSERT = re.compile(r"insert\s+(?:ignore\s+)?into\s+[`\"\[]?([^\s`\"\](]+)", re.IGNORECASE)


def largest_table(head: Head, guess: Guess) -> str | None:
    """Its name; None where the file isn't of tables, or has only one or none."""
    if guess.kind == "sqlite":
        sizes = _of_sqlite(head)
    elif guess.kind == "sqldump" and guess.encoding is not None:
        sizes = Counter(_INSERT.findall(guess.encoding.text))
    else:
        return None
    return max(sizes, key=lambda name: sizes[name], default=None)


def _of_sqlite(head: Head) -> Counter[str]:
    """Table → about how many rows: its greatest row number, which needs no counting."""
    address = f"{head.artefact.path.resolve().as_uri()}?mode=ro&immutable=1"
    found: Counter[str] = Counter()
    try:
        with closing(sqlite3.connect(address, uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            told = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (name,) in told.fetchall():
                if not name.startswith("sqlite_"):
                    found[name] = _greatest(base, name)
    except sqlite3.DatabaseError:
        return found  # the reader will say what is wrong with the file
    return found


def _greatest(base: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    try:
        row = base.execute(f'SELECT max(rowid) FROM "{quoted}"').fetchone()  # noqa: S608 - quoted
    except sqlite3.DatabaseError:
        return 0  # a table without row numbers
    return int(row[0] or 0)
