"""What PostgreSQL's planner knows of a table, where that is far from what is in it.

A part that was just filled has no statistics until the server looks at it by itself, a minute later. What is
planned for sixty rows takes half a minute for twenty thousand: each against each.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

GROWN = 10  # a part of this of what it had: the server itself waits for as much


def look_again(connection: Connection, added: int, *tables: str) -> None:
    """Have PostgreSQL look at those of the tables that `added` committed rows made larger by more than a
    tenth; it samples some 30,000 rows. SQLite plans by its indexes.

    On a connection of its own, because who looks at a table keeps others from it until its transaction ends;
    where somebody looks at it already, nobody waits.
    """
    if connection.dialect.name != "postgresql" or not added:
        return
    known = text(
        "SELECT relname, reltuples FROM pg_class WHERE oid = ANY(CAST(:names AS regclass[]))"
    )
    found = connection.execute(known, {"names": list(tables)}).all()
    grown = [name for name, rows in found if added * GROWN > max(rows, 0)]
    if grown:
        with connection.engine.connect() as own:
            own.execution_options(isolation_level="AUTOCOMMIT")
            own.execute(text(f"ANALYZE (SKIP_LOCKED) {', '.join(grown)}"))
