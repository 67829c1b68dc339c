"""An SQLite file of somebody else: opened to be read, and for nothing else.

The file is immutable, so no journal beside it is looked for. Nothing that stands in it is executed:
an authorizer allows reading only, and only where the feed names a view is the view's query run, with
a limit of time.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from adapters.artefact import Artefact
from adapters.limits import limits_from_environment
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue
from exchange_schemas.place import EACH

TABLE, VIEW = "table", "view"
LONGEST = 16 << 20  # bytes of one value, and of a statement
_STEPS = 100_000  # of SQLite's machine between two looks at the clock
_READING = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
}  # fmt: skip


@contextmanager
def opened(artefact: Artefact) -> Iterator[sqlite3.Connection]:
    """The file as a database; text that isn't UTF-8 has lone surrogates in it.

    Raises SourceUnreadable (format_invalid), also for what goes wrong while it is read.
    """
    place = f"{artefact.path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(place, uri=True)
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        until = time.monotonic() + limits_from_environment().child_seconds
        connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        yield connection
    except (sqlite3.Error, OverflowError) as error:
        words = {
            "format": "sqlite",
            "reason": str(error)[:200],
            "reason_zh": "文件已损坏、不是 SQLite，或读取超时",
        }
        raise SourceUnreadable(
            Issue("format_invalid", file=artefact.name, params=words)
        ) from error
    finally:
        connection.close()


def chosen(connection: sqlite3.Connection, kind: str, wanted: str | None, file: str) -> str:
    """The table or view that is wanted; where the feed names none, the only one there is.

    Raises SourceUnreadable (file_table_missing).
    """
    query = "SELECT name, sql FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite_%'"
    found = connection.execute(query, (kind,))
    # behind a virtual table stands a module of SQLite, and no rows of its own
    names = [str(name) for name, made in found if "VIRTUAL" not in str(made)[:20].upper()]
    name = wanted or (names[0] if len(names) == 1 else None)
    if name not in names:
        words = {"found": "、".join(names)}
        raise SourceUnreadable(
            Issue("file_table_missing", value=wanted or "", file=file, params=words)
        )
    return str(name)


def rows_of(
    connection: sqlite3.Connection, kind: str, name: str, columns: Sequence[str]
) -> sqlite3.Cursor:
    """Each row's number, which is its rowid or null, and its values."""
    numbered = kind == TABLE and _has_numbers(connection, name, columns)
    connection.set_authorizer(_allow)
    listed = ", ".join(map(_quoted, columns))
    number = "rowid" if numbered else "NULL"
    return connection.execute(f"SELECT {number}, {listed} FROM {_quoted(name)}")  # noqa: S608 - quoted


def columns_of(connection: sqlite3.Connection, name: str) -> list[str]:
    """The columns that the table or view shows."""
    told = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})")
    return [row[1] for row in told if row[6] != 1]


def _has_numbers(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> bool:
    """Whether every row has a rowid that can stand for a line."""
    if "rowid" in map(str.lower, columns):
        return False
    try:
        least, most = connection.execute(
            f"SELECT min(rowid), max(rowid) FROM {_quoted(table)}"  # noqa: S608 - quoted
        ).fetchone()
    except sqlite3.OperationalError:  # WITHOUT ROWID
        return False
    return least is None or (least > 0 and most < EACH)


def _allow(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
    """What may be done once the columns are known: read, and call what only computes."""
    dangerous = action == sqlite3.SQLITE_FUNCTION and second in (
        "load_extension",
        "fts3_tokenizer",
    )
    return sqlite3.SQLITE_OK if action in _READING and not dangerous else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
