"""A ticket that the platform took back may be sent again: one more move between states of tickets."""

from __future__ import annotations

from alembic import op
from sqlalchemy import CheckConstraint, MetaData, Table

from hub.migrations import aside
from hub.migrations.first import SCHEMA

_NAME, _CHECK = "complaint_step", "complaint_step_legal"
_MOVES = (
    "(act = 'resume' AND state_before = 'withdrawn' AND state = 'unrouted')",
    "(act = 'resume' AND state_before = 'withdrawn' AND state = 'assigned')",
)


def add() -> None:
    """The rule for steps of `complaint_step` with `resume`; SQLite changes no rule of a table that is there."""
    connection, table = op.get_bind(), _table()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(_CHECK, _NAME, type_="check")
        op.create_check_constraint(_CHECK, _NAME, str(_rule(table).sqltext))
        return
    aside.set_aside(connection, _NAME)
    table.create(connection)
    aside.copy(connection, table, {})
    aside.drop(connection, _NAME)


def _table() -> Table:
    """The table of revision 0001 with the new rule."""
    tables = MetaData()
    SCHEMA.tables["complaint_ticket"].to_metadata(tables)
    table = SCHEMA.tables[_NAME].to_metadata(tables)
    before = _rule(table)
    table.constraints.remove(before)
    moves = str(before.sqltext).removesuffix("))")  # of the moves, and of all later steps
    rule = CheckConstraint(" OR ".join((moves, *_MOVES)) + "))", name=_CHECK)
    table.append_constraint(rule)
    return table


def _rule(table: Table) -> CheckConstraint:
    (found,) = (
        one for one in table.constraints if isinstance(one, CheckConstraint) and one.name == _CHECK
    )
    return found
