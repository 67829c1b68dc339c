"""The tables of complaint routing. Nothing of who reported, and no text that they wrote, is in them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.complaints.states import FIRST, STATES, TAKE, moves
from hub.step_guard import guard_history, guard_moves, legal, one_of
from hub.tables import metadata

# Up to which entry of the ledger tickets were taken, and the last number of what goes back. One row:
# whoever locks it routes alone.
complaint_position = Table(
    "complaint_position",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("returned", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="complaint_position_single"),
)

complaint_ticket = Table(
    "complaint_ticket",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_no", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("step", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("channel", String(16)),
    Column("category_code", String(20)),
    Column("division_code", String(12)),
    Column("split_from", String(64)),
    Column("respondent_uscc", String(18)),
    Column("received_at", String(32), nullable=False),  # UTC
    Column("department", String(64)),  # null: nobody's yet
    Column("route", String(64)),  # the rule that named it, or who did
    Column("hand_backs", Integer, nullable=False, server_default="0"),
    Column("supervised_at", String(32)),
    Column("accepted_at", String(32)),  # accepted, refused or decided
    Column("closed_at", String(32)),
    Column("taken_at", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the ledger's last entry of the ticket
    CheckConstraint(f"state IN ({one_of(STATES)})", name="complaint_ticket_state"),
    Index("complaint_ticket_by_department", "department", "state"),
    Index("complaint_ticket_by_split", "split_from"),
    Index("complaint_ticket_by_respondent", "respondent_uscc", "received_at"),
)

complaint_step = Table(
    "complaint_step",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("complaint_ticket.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("act", String(20), nullable=False),
    Column("state_before", String(16)),
    Column("state", String(16), nullable=False),
    Column("actor", String(160), nullable=False),
    Column("at", String(32), nullable=False),
    Column("department", String(64)),
    Column("reason", Text),
    Column("ground", String(8)),  # of a refusal: number of the rule's item
    Column("decision", String(16)),
    Column("mediation", String(16)),
    UniqueConstraint("ticket_id", "number", name="complaint_step_once"),
    CheckConstraint(legal(TAKE, FIRST, moves()), name="complaint_step_legal"),
)

# What goes back to the platform, numbered without a gap; a receipt says that it came.
complaint_return = Table(
    "complaint_return",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", ForeignKey("complaint_ticket.id"), nullable=False),
    Column("content", Text, nullable=False),  # JSON
    Column("made_at", String(32), nullable=False),
    Column("received_at", String(32)),
    Column("received_by", String(160)),
    Column("refused", Text),  # why the platform didn't take it
)

guard_moves(
    complaint_ticket,
    complaint_step,
    "ticket_id",
    ("ticket_no", "received_at", "taken_at"),
    ("kind", "department", "route", "hand_backs", "supervised_at", "accepted_at", "closed_at"),
)
guard_history(complaint_step)

# What people decided on what is suggested: to split a mixed ticket or not, and which category one has. The
# last row of a ticket and matter counts.
complaint_decision = Table(
    "complaint_decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("matter", String(16), nullable=False),
    Column("ticket_no", String(64), nullable=False),
    Column(
        "choice", String(64), nullable=False
    ),  # of a split: split or whole; else the category's code
    Column("part_no", String(64)),  # the ticket that it is split into
    Column("part_kind", String(16)),
    Column("shown", Text, nullable=False),  # JSON: what was suggested, with its reasons
    Column("reason", Text, nullable=False),
    Column("actor", String(160), nullable=False),
    Column("at", String(32), nullable=False),
    CheckConstraint("matter IN ('split', 'category')", name="complaint_decision_matter"),
    UniqueConstraint("part_no", name="complaint_decision_part"),
    Index("complaint_decision_by_ticket", "ticket_no", "matter"),
)
guard_history(complaint_decision)
