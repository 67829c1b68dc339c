"""A ticket that the platform took back may be sent again: one more move between states of tickets."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.migrations import aside

_NAME, _CHECK = "complaint_step", "complaint_step_legal"
# fmt: off
_LEGAL = "(act = 'take' AND number = 1 AND state_before IS NULL AND state IN ('unrouted', 'assigned', 'closed')) OR (number > 1 AND ((act = 'assign' AND state_before = 'unrouted' AND state = 'assigned') OR (act = 'assign' AND state_before = 'handed_back' AND state = 'assigned') OR (act = 'decide_department' AND state_before = 'escalated' AND state = 'assigned') OR (act = 'follow' AND state_before = 'unrouted' AND state = 'assigned') OR (act = 'follow' AND state_before = 'assigned' AND state = 'assigned') OR (act = 'hand_back' AND state_before = 'assigned' AND state = 'handed_back') OR (act = 'hand_back' AND state_before = 'assigned' AND state = 'escalated') OR (act = 'accept' AND state_before = 'assigned' AND state = 'accepted') OR (act = 'refuse' AND state_before = 'assigned' AND state = 'refused') OR (act = 'decide' AND state_before = 'assigned' AND state = 'decided') OR (act = 'extend' AND state_before = 'assigned' AND state = 'assigned') OR (act = 'close' AND state_before = 'assigned' AND state = 'closed') OR (act = 'close' AND state_before = 'accepted' AND state = 'closed') OR (act = 'close' AND state_before = 'decided' AND state = 'closed') OR (act = 'tell' AND state_before = 'decided' AND state = 'decided') OR (act = 'tell' AND state_before = 'refused' AND state = 'refused') OR (act = 'tell' AND state_before = 'closed' AND state = 'closed') OR (act = 'supervise' AND state_before = 'unrouted' AND state = 'unrouted') OR (act = 'supervise' AND state_before = 'assigned' AND state = 'assigned') OR (act = 'supervise' AND state_before = 'handed_back' AND state = 'handed_back') OR (act = 'supervise' AND state_before = 'escalated' AND state = 'escalated') OR (act = 'supervise' AND state_before = 'accepted' AND state = 'accepted') OR (act = 'supervise' AND state_before = 'decided' AND state = 'decided') OR (act = 'withdraw' AND state_before = 'unrouted' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'assigned' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'handed_back' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'escalated' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'accepted' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'decided' AND state = 'withdrawn') OR (act = 'resume' AND state_before = 'withdrawn' AND state = 'unrouted') OR (act = 'resume' AND state_before = 'withdrawn' AND state = 'assigned')))"
# fmt: on
_TABLES = MetaData()
_TICKET = Table("complaint_ticket", _TABLES, Column("id", Integer, primary_key=True))
_STEP = Table(
    _NAME,
    _TABLES,
    Column("id", Integer(), nullable=False),
    Column("ticket_id", Integer(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("act", String(length=20), nullable=False),
    Column("state_before", String(length=16)),
    Column("state", String(length=16), nullable=False),
    Column("actor", String(length=160), nullable=False),
    Column("at", String(length=32), nullable=False),
    Column("department", String(length=64)),
    Column("reason", Text()),
    Column("ground", String(length=8)),
    Column("decision", String(length=16)),
    Column("mediation", String(length=16)),
    CheckConstraint(_LEGAL, name=_CHECK),
    ForeignKeyConstraint(["ticket_id"], ["complaint_ticket.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("ticket_id", "number", name="complaint_step_once"),
)


def add() -> None:
    """The rule for steps of `complaint_step` with `resume`; SQLite changes no rule of a table that is there."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(_CHECK, _NAME, type_="check")
        op.create_check_constraint(_CHECK, _NAME, _LEGAL)
        return
    aside.set_aside(connection, _NAME)
    _STEP.create(connection)
    aside.copy(connection, _STEP, {})
    aside.drop(connection, _NAME)
