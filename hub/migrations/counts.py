"""How many rows each table has, and which of them an upgrade may add to: everything else stays."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, inspect

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.migrations.revisions import version

# Revision → tables to which it adds rows, and why; message ids.
ADDED: Mapping[str, Mapping[str, str]] = {
    "0001": {
        "decision": "one for each state to which disclosures of before were taken over",
        "move": "the way of every disclosure of before to the state that it had",
        "consumer_key": "the one key of a consumer of before",
        "consumer_grant": "a grant for each dataset of a consumer of before",
        "consumer_event": "that a consumer of before was taken over",
    },
}


def count(connection: Connection) -> dict[str, int]:
    """Table → rows, of all tables but Alembic's own."""
    names = sorted(_names(connection) - {version.name})
    ask = 'SELECT count(*) FROM "{}"'
    return {n: int(connection.exec_driver_sql(ask.format(n)).scalar_one()) for n in names}


def _names(connection: Connection) -> set[str]:
    if connection.dialect.name == "postgresql":  # a table in parts is counted once, as a whole
        return set(connection.exec_driver_sql(_WHOLE).scalars())
    return set(inspect(connection).get_table_names())


_WHOLE = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
    AND relnamespace = current_schema()::regnamespace
"""


def explain(
    before: Mapping[str, int], after: Mapping[str, int], steps: tuple[str, ...]
) -> dict[str, str]:
    """Table → why it has more rows than before, a message id.

    Raises Corrupt (upgrade_rows_differ) for rows that are gone, and for ones that nobody explains.
    """
    reasons = {table: why for step in steps for table, why in ADDED.get(step, {}).items()}
    told = {}
    for table in sorted(before.keys() | after.keys()):
        rows, found = before.get(table, 0), after.get(table, 0)
        if found == rows:
            continue
        if found < rows or table not in reasons:
            words = {"expected": str(rows), "found": str(found)}
            raise Corrupt(Issue("upgrade_rows_differ", value=table, params=words))
        told[table] = reasons[table]
    return told
