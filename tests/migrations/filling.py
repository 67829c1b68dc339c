"""Run by a program of before, with its own packages: one row or two in each table that is empty still.

    python filling.py URL

Rows are made from what the tables declare (types, references, lists of allowed values); what their
checks and triggers refuse stays empty, and is printed.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    LargeBinary,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

# What `hub verify` recomputes is left to the program's own commands.
SEALED = ("exchange_segment", "exchange_snapshot", "exchange_erasure", "exchange_erased", "head",
          "revision", "segment", "run", "correction", "move", "disclosure")  # fmt: skip
AT = "2026-11-20T01:00:00.000Z"
SAID: dict[str, Any] = {
    "act": "draft", "state": "draft", "number": 1, "step": 1, "details": "{}", "findings": "{}", "params": "{}",
}  # fmt: skip


def main(url: str) -> None:
    """Fill every table that can be filled."""
    from hub import database, tables  # of the program of before
    from hub.database import connect, write

    engine = connect(url)
    for table in getattr(database, "ALL", tables.metadata).sorted_tables:
        if table.name in SEALED:
            continue
        with engine.connect() as connection:
            if connection.scalar(select(func.count()).select_from(table)):
                continue
        made = 0
        for number in (1, 2):
            try:
                with write(engine) as connection:
                    connection.execute(insert(table).values(_row(connection, table, number)))
                made += 1
            except (IntegrityError, LookupError) as error:
                reason = str(error).splitlines()[0]
        if not made:
            print(f"{table.name}: {reason}")


def _row(connection: Connection, table: Table, number: int) -> dict[str, Any]:
    checks = " ".join(str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint))
    return {c.name: _value(connection, table, c, number, checks) for c in table.columns}


def _value(connection: Connection, table: Table, column: Column[Any], n: int, checks: str) -> Any:
    name = column.name
    for key in column.foreign_keys:
        if key.column.table is table:
            return None
        found = connection.scalar(select(key.column).limit(1).offset(n - 1))
        found = found if found is not None else connection.scalar(select(key.column).limit(1))
        if found is None and not column.nullable:
            raise LookupError(f"nothing to refer to in {key.column.table.name}")
        return found
    allowed = re.search(rf"(?<![\w.]){name} IN \(([^)]*)\)", checks)
    if allowed:
        return re.findall(r"'([^']*)'|(\d+)", allowed[1])[0][0] or 1
    one = re.search(rf"(?<![\w.]){name} = '([^']*)'", checks)
    if one:
        return one[1]
    return _plain(column, n)


def _plain(column: Column[Any], n: int) -> Any:
    name, kind = column.name, column.type.python_type
    if isinstance(column.type, LargeBinary):
        return bytes([n]) * (getattr(column.type, "length", None) or 8)
    if name.startswith("state_before"):
        return None
    if kind is int:
        return n
    length = getattr(column.type, "length", None) or 40
    if length == 32 and re.search(r"at$|until|since|day", name):
        return AT
    if length == 10:
        return AT[:10]
    return str(SAID.get(name, f"{name} {n}"))[:length]


if __name__ == "__main__":
    main(sys.argv[1])
