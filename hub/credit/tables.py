"""The tables of credit: versions that people put into force, appeals, and who is told of warnings."""

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

from hub.step_guard import guard_history, guard_moves, legal, one_of
from hub.tables import metadata

# A version of the indicators that somebody proposed. It holds from `holds_from` on once another person
# activated it; what it says is kept as it was then, whatever becomes of the file.
credit_version = Table(
    "credit_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", String(32), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of `content`
    Column("content", Text, nullable=False),  # the YAML
    Column("holds_from", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", String(64), nullable=False),
    Column("proposed_at", String(32), nullable=False),
    Column("activated_by", String(64)),
    Column("activated_at", String(32)),
    Column("refused_by", String(64)),
    Column("refused_at", String(32)),
    Column("refused_reason", Text),
    CheckConstraint(
        "activated_by IS NULL OR activated_by <> proposed_by", name="credit_version_two_people"
    ),
    CheckConstraint("activated_by IS NULL OR refused_by IS NULL", name="credit_version_once"),
    Index("credit_version_by_day", "holds_from"),
)

OPEN, UPHELD, EXCLUDED, CORRECTED = "open", "upheld", "excluded", "corrected"
APPEAL_STATES = (OPEN, UPHELD, EXCLUDED, CORRECTED)
TAKE = "take"
#: act → (states that it is done in, state that it leads to)
APPEAL_ACTS = {
    "uphold": ((OPEN,), UPHELD),
    "exclude": ((OPEN,), EXCLUDED),
    "correct": ((OPEN,), CORRECTED),
    "undo": ((UPHELD, EXCLUDED, CORRECTED), OPEN),
}
_MOVES = [
    (act, before, after) for act, (sources, after) in APPEAL_ACTS.items() for before in sources
]

# An appeal of a subject against one record that counts. Who appeals is a party's name and no more.
credit_appeal = Table(
    "credit_appeal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("dataset", String(64), nullable=False),
    Column("key", Text, nullable=False),
    Column("indicator", String(40), nullable=False),
    Column("claimant", String(200), nullable=False),
    Column("disputed", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("received_on", String(10), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("due_basis", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("step", Integer, nullable=False),
    Column("excluded_from", String(10)),  # while it is excluded
    Column("excluded_until", String(10)),  # the first day on which it counts again; null: for good
    CheckConstraint(f"state IN ({one_of(APPEAL_STATES)})", name="credit_appeal_state"),
    CheckConstraint(
        "(state = 'excluded') = (excluded_from IS NOT NULL)", name="credit_appeal_excluded"
    ),
    Index("credit_appeal_by_subject", "subject"),
    Index("credit_appeal_by_state", "state", "due_on"),
)

credit_appeal_step = Table(
    "credit_appeal_step",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("appeal_id", ForeignKey("credit_appeal.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("act", String(16), nullable=False),
    Column("state_before", String(16)),
    Column("state", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", String(10)),
    UniqueConstraint("appeal_id", "number", name="credit_appeal_step_once"),
    CheckConstraint(legal(TAKE, (OPEN,), _MOVES), name="credit_appeal_step_legal"),
)

# What somebody wants to be told of: lists of codes as JSON, empty for all.
credit_watch = Table(
    "credit_watch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(64), nullable=False),
    Column("levels", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("divisions", Text, nullable=False),
    Column("industries", Text, nullable=False),
    Column("address", String(200)),  # mail goes there; null: to nobody
    Column("language", String(8), nullable=False),
    Column(
        "read_seq", BigInteger, nullable=False
    ),  # up to which entry of credit_warning it was read
    Column("mailed_seq", BigInteger, nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Index("credit_watch_by_person", "person"),
)

guard_moves(
    credit_appeal,
    credit_appeal_step,
    "appeal_id",
    ("subject", "dataset", "key", "indicator", "claimant", "disputed", "evidence", "received_on"),
    ("due_on", "due_basis", "excluded_from", "excluded_until"),
)
guard_history(credit_appeal_step)
