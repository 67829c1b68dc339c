"""Schema 0001, frozen: complaints and their tickets."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.migrations.first.schema import SCHEMA

Table(
    "complaint_position",
    SCHEMA,
    Column("id", Integer(), autoincrement=False, nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("returned", BigInteger(), nullable=False),
    CheckConstraint("id = 1", name="complaint_position_single"),
    PrimaryKeyConstraint("id"),
)

Table(
    "complaint_ticket",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("ticket_no", String(length=64), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("step", Integer(), nullable=False),
    Column("kind", String(length=16), nullable=False),
    Column("channel", String(length=16)),
    Column("category_code", String(length=20)),
    Column("division_code", String(length=12)),
    Column("split_from", String(length=64)),
    Column("respondent_uscc", String(length=18)),
    Column("received_at", String(length=32), nullable=False),
    Column("department", String(length=64)),
    Column("route", String(length=64)),
    Column("hand_backs", Integer(), server_default="0", nullable=False),
    Column("supervised_at", String(length=32)),
    Column("accepted_at", String(length=32)),
    Column("closed_at", String(length=32)),
    Column("taken_at", String(length=32), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    CheckConstraint(
        "state IN ('unrouted', 'assigned', 'handed_back', 'escalated', 'accepted', 'refused', 'decided', 'closed', 'withdrawn')",
        name="complaint_ticket_state",
    ),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("ticket_no"),
    Index("complaint_ticket_by_department", "department", "state"),
    Index("complaint_ticket_by_respondent", "respondent_uscc", "received_at"),
    Index("complaint_ticket_by_split", "split_from"),
)

Table(
    "complaint_return",
    SCHEMA,
    Column("seq", BigInteger(), autoincrement=False, nullable=False),
    Column("ticket_id", Integer(), nullable=False),
    Column("content", Text(), nullable=False),
    Column("made_at", String(length=32), nullable=False),
    Column("received_at", String(length=32)),
    Column("received_by", String(length=160)),
    Column("refused", Text()),
    ForeignKeyConstraint(["ticket_id"], ["complaint_ticket.id"]),
    PrimaryKeyConstraint("seq"),
)

Table(
    "complaint_step",
    SCHEMA,
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
    CheckConstraint(
        "(act = 'take' AND number = 1 AND state_before IS NULL AND state IN ('unrouted', 'assigned', 'closed')) OR (number > 1 AND ((act = 'assign' AND state_before = 'unrouted' AND state = 'assigned') OR (act = 'assign' AND state_before = 'handed_back' AND state = 'assigned') OR (act = 'decide_department' AND state_before = 'escalated' AND state = 'assigned') OR (act = 'follow' AND state_before = 'unrouted' AND state = 'assigned') OR (act = 'follow' AND state_before = 'assigned' AND state = 'assigned') OR (act = 'hand_back' AND state_before = 'assigned' AND state = 'handed_back') OR (act = 'hand_back' AND state_before = 'assigned' AND state = 'escalated') OR (act = 'accept' AND state_before = 'assigned' AND state = 'accepted') OR (act = 'refuse' AND state_before = 'assigned' AND state = 'refused') OR (act = 'decide' AND state_before = 'assigned' AND state = 'decided') OR (act = 'extend' AND state_before = 'assigned' AND state = 'assigned') OR (act = 'close' AND state_before = 'assigned' AND state = 'closed') OR (act = 'close' AND state_before = 'accepted' AND state = 'closed') OR (act = 'close' AND state_before = 'decided' AND state = 'closed') OR (act = 'tell' AND state_before = 'decided' AND state = 'decided') OR (act = 'tell' AND state_before = 'refused' AND state = 'refused') OR (act = 'tell' AND state_before = 'closed' AND state = 'closed') OR (act = 'supervise' AND state_before = 'unrouted' AND state = 'unrouted') OR (act = 'supervise' AND state_before = 'assigned' AND state = 'assigned') OR (act = 'supervise' AND state_before = 'handed_back' AND state = 'handed_back') OR (act = 'supervise' AND state_before = 'escalated' AND state = 'escalated') OR (act = 'supervise' AND state_before = 'accepted' AND state = 'accepted') OR (act = 'supervise' AND state_before = 'decided' AND state = 'decided') OR (act = 'withdraw' AND state_before = 'unrouted' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'assigned' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'handed_back' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'escalated' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'accepted' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'decided' AND state = 'withdrawn')))",
        name="complaint_step_legal",
    ),
    ForeignKeyConstraint(["ticket_id"], ["complaint_ticket.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("ticket_id", "number", name="complaint_step_once"),
)
