"""An audit log that can't be written, in the ways in which that happens, and all that a database holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, select

from hub.all_tables import ALL
from hub.database import write

#: Counters of wrong attempts, which count also where the act isn't done; and the log itself.
BESIDE = ("sign_in", "audit_entry", "audit_head")


def content(engine: Engine) -> dict[str, list[str]]:
    """Table → its rows as texts, without those of `BESIDE`."""
    with engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in ALL.sorted_tables
            if table.name not in BESIDE
        }


def changed(before: dict[str, list[str]], engine: Engine) -> list[str]:
    """The tables that aren't as they were."""
    now = content(engine)
    return [name for name, rows in now.items() if rows != before[name]]


def _statements(sqlite: str, postgresql: str) -> Callable[[Engine], None]:
    def done(engine: Engine) -> None:
        text = sqlite if engine.dialect.name == "sqlite" else postgresql
        with write(engine) as connection:
            for statement in text.split(";;"):
                connection.exec_driver_sql(statement)

    return done


_raise = _statements(
    "CREATE TRIGGER broken BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'broken'); END",
    "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;;"
    "CREATE TRIGGER broken BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION broken()",
)
_unraise = _statements(
    "DROP TRIGGER broken", "DROP TRIGGER broken ON audit_entry;;DROP FUNCTION broken()"
)
_away = _statements(*("ALTER TABLE audit_entry RENAME TO audit_entry_away",) * 2)
_back = _statements(*("ALTER TABLE audit_entry_away RENAME TO audit_entry",) * 2)


def _behead(engine: Engine) -> None:
    """The head of the log can't be moved on."""
    text = "CREATE TRIGGER headless BEFORE UPDATE ON audit_head BEGIN SELECT RAISE(ABORT, 'broken'); END"
    other = "ALTER TABLE audit_head ADD CONSTRAINT headless CHECK (number < 0) NOT VALID"
    _statements(text, other)(engine)


_allow = _statements("DROP TRIGGER headless", "ALTER TABLE audit_head DROP CONSTRAINT headless")

FAULTS: dict[str, tuple[Callable[[Engine], None], Callable[[Engine], None]]] = {
    "raises": (_raise, _unraise),
    "dropped": (_away, _back),
    "headless": (_behead, _allow),
}


@contextmanager
def unwritable(engine: Engine, fault: str) -> Iterator[None]:
    """Until the block ends, no entry can be written."""
    begin, end = FAULTS[fault]
    begin(engine)
    try:
        yield
    finally:
        end(engine)


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """Until the block ends, SQLite's file can't grow: as if the disk were full."""
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

    def limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    engine.dispose()
    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()
