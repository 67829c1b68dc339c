"""The tables of risk signals: what people decided on them. What was reported is in the ledger."""

from __future__ import annotations

from sqlalchemy import (
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

from hub.risks.states import CLOSED, DISMISSED, FIRST, PARTS, STATES, TAKE, moves
from hub.step_guard import guard_history, guard_moves, legal, one_of
from hub.tables import metadata

risk_signal = Table(
    "risk_signal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("signal_id", String(64), nullable=False, unique=True),
    Column("entered", Text),  # JSON of what a person entered; null: the ledger has it from a feed
    Column("state", String(16), nullable=False),
    Column("step", Integer, nullable=False),
    Column("severity", String(8)),  # as assessed
    Column("likelihood", String(8)),
    Column("level", String(8)),
    Column("rule", String(80)),  # id@version of the matrix
    Column("assessed_at", String(32)),
    Column("acted_at", String(32)),
    Column("ended_at", String(32)),
    Column("taken_at", String(32), nullable=False),
    CheckConstraint(f"state IN ({one_of(STATES)})", name="risk_signal_state"),
    Index("risk_signal_by_state", "state"),
)

risk_step = Table(
    "risk_step",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("risk_id", ForeignKey("risk_signal.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("act", String(16), nullable=False),
    Column("state_before", String(16)),
    Column("state", String(16), nullable=False),
    Column("actor", String(160), nullable=False),
    Column("department", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("reason", Text),
    Column("severity", String(8)),
    Column("likelihood", String(8)),
    UniqueConstraint("risk_id", "number", name="risk_step_once"),
    CheckConstraint(legal(TAKE, FIRST, moves()), name="risk_step_legal"),
)

#: Who ends a signal had no part in what was done since it was opened the last time.
_SAME_PERSON = f"""NEW.state IN ({one_of((CLOSED, DISMISSED))}) AND OLD.state <> NEW.state AND EXISTS (
    SELECT 1 FROM risk_step e JOIN risk_step p ON p.risk_id = e.risk_id AND p.actor = e.actor
    WHERE e.risk_id = NEW.id AND e.number = NEW.step AND p.act IN ({one_of(PARTS)})
    AND p.number > COALESCE((SELECT MAX(o.number) FROM risk_step o
        WHERE o.risk_id = NEW.id AND o.act = 'reopen'), 0))"""  # noqa: S608 - our own words

guard_moves(
    risk_signal,
    risk_step,
    "risk_id",
    ("signal_id", "entered", "taken_at"),
    ("severity", "likelihood", "level", "rule", "assessed_at", "acted_at", "ended_at"),
    _SAME_PERSON,
)
guard_history(risk_step)
