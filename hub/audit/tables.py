"""The tables of the audit log. Entries are never changed, and deleted only when they are old enough."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from hub.step_guard import guard_kept
from hub.tables import metadata

# 网络安全法 asks for six months at least; no six months are longer than 184 days.
LEAST_DAYS = 184

# Its beginning is looked for, and an index gives that only where texts are ordered by their bytes.
_BYTES = Text().with_variant(Text(collation="C"), "postgresql")

audit_entry = Table(
    "audit_entry",
    metadata,
    # Without gaps, in the order of commits: the row of `audit_head` is locked while one is added.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("person", String(64)),  # null: nobody who is known
    Column("act", String(96), nullable=False),  # what was done, e.g. record.approve
    Column("subject", _BYTES),  # to what: an address in the hub, never a record's content
    Column("outcome", String(16), nullable=False),  # done · refused
    Column("way", String(16), nullable=False),  # console · command
    Column("address", String(64)),  # from which network address
    Column("details", Text, nullable=False),  # JSON object, sorted keys
    Column("before", LargeBinary(32), nullable=False),  # digest of the entry before
    Column("digest", LargeBinary(32), nullable=False),  # `chain.digest_of`
    CheckConstraint("outcome IN ('done','refused')", name="audit_entry_outcome"),
    Index("audit_entry_by_person", "person", "number"),
    Index("audit_entry_by_act", "act", "number"),
    Index("audit_entry_by_subject", "subject", "number"),
    Index("audit_entry_by_outcome", "outcome", "number"),
    Index("audit_entry_by_time", "at"),
    sqlite_with_rowid=False,
)

# Where the log ends and, since old entries go, where it begins: one row.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("first", BigInteger, nullable=False),  # number of the oldest entry that is kept
    Column("first_before", LargeBinary(32), nullable=False),  # what its `before` has to be
    CheckConstraint("id = 1", name="audit_head_alone"),
)

guard_kept(audit_entry, "at", LEAST_DAYS)
