"""Schema 0001, frozen: what parties file, reports, subscriptions, copies on CKAN."""

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
    text,
)

from hub.migrations.first.schema import SCHEMA

Table(
    "subscription",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("name", String(length=32), nullable=False),
    Column("way", String(length=16), nullable=False),
    Column("address", String(length=254), nullable=False),
    Column("topic", Text(), nullable=False),
    Column("language", String(length=16), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("created_at", String(length=32), nullable=False),
    Column("confirmed_at", String(length=32)),
    Column("stopped_at", String(length=32)),
    CheckConstraint("state IN ('waiting', 'confirmed', 'stopped')", name="subscription_state"),
    CheckConstraint("way IN ('email', 'webhook')", name="subscription_way"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
    UniqueConstraint("way", "address", "topic", name="subscription_once"),
)

Table(
    "subscription_release",
    SCHEMA,
    Column("dataset", String(length=64), nullable=False),
    Column("release", Integer(), nullable=False),
    PrimaryKeyConstraint("dataset"),
)

Table(
    "ckan_copy",
    SCHEMA,
    Column("target", String(length=32), nullable=False),
    Column("dataset_id", Integer(), nullable=False),
    Column("release", Integer()),
    Column("manifest_sha256", String(length=64)),
    Column("first_at", String(length=32)),
    Column("pushed_at", String(length=32)),
    Column("verified_at", String(length=32)),
    Column("stopped_at", String(length=32)),
    Column("failed_at", String(length=32)),
    Column("failure", String(length=32)),
    Column("failures", Integer(), server_default="0", nullable=False),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    PrimaryKeyConstraint("target", "dataset_id"),
    sqlite_with_rowid=False,
)

Table(
    "confirmation",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("dataset_id", Integer(), nullable=False),
    Column("surface", String(length=64), nullable=False),
    Column("release", Integer(), nullable=False),
    Column("records", BigInteger(), nullable=False),
    Column("ids_sha256", String(length=64), nullable=False),
    Column("confirmed_at", String(length=32), nullable=False),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    PrimaryKeyConstraint("id"),
    Index("confirmation_by_surface", "dataset_id", "surface", "release", unique=True),
)

Table(
    "consent",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("dataset_id", Integer(), nullable=False),
    Column("record_id", String(length=16), nullable=False),
    Column("party", Text(), nullable=False),
    Column("asked_by", String(length=64), nullable=False),
    Column("asked_at", String(length=32), nullable=False),
    Column("asked_on", String(length=10), nullable=False),
    Column("due", String(length=10), nullable=False),
    Column("due_rule", String(length=64), nullable=False),
    Column("answer", String(length=16)),
    Column("answered_at", String(length=32)),
    Column("noted_by", String(length=64)),
    Column("why", Text()),
    Column("decision", String(length=16)),
    Column("decided_by", String(length=64)),
    Column("decided_at", String(length=32)),
    Column("reason", Text()),
    Column("legal_basis", Text()),
    CheckConstraint(
        "answer IS NULL OR answer IN ('agreed', 'refused', 'none')", name="consent_answer"
    ),
    CheckConstraint(
        "decision IS NULL OR (answer IN ('refused', 'none') AND decided_by IS NOT NULL AND reason IS NOT NULL AND decided_by <> asked_by)",
        name="consent_decided",
    ),
    CheckConstraint(
        "decision IS NULL OR decision IN ('publish', 'reject')", name="consent_decision"
    ),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("dataset_id", "record_id", "party", "asked_at", name="consent_asked_once"),
    Index("consent_by_record", "dataset_id", "record_id"),
)

Table(
    "filing",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("number", String(length=64), nullable=False),
    Column("kind", String(length=16), nullable=False),
    Column("dataset_id", Integer(), nullable=False),
    Column("record_id", String(length=16), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("content_sha256", String(length=64), nullable=False),
    Column("party_name", Text(), nullable=False),
    Column("party_code", String(length=32)),
    Column("contact_name", Text()),
    Column("phone", String(length=64)),
    Column("email", String(length=254)),
    Column("field", String(length=128)),
    Column("statement", Text(), nullable=False),
    Column("promise", Integer()),
    Column("performed", Integer()),
    Column("remedied", Integer()),
    Column("language", String(length=16)),
    Column("evidence", Text(), nullable=False),
    Column("filed_at", String(length=32), nullable=False),
    Column("filed_on", String(length=10), nullable=False),
    Column("received_at", String(length=32), nullable=False),
    Column("due", String(length=10)),
    Column("due_rule", String(length=64)),
    Column("handler", String(length=64)),
    Column("accepted_at", String(length=32)),
    Column("findings", Text(), server_default="{}", nullable=False),
    Column("outcome", String(length=16)),
    Column("decided_by", String(length=64)),
    Column("decided_at", String(length=32)),
    Column("answered_on", String(length=10)),
    Column("reason_code", String(length=32)),
    Column("legal_basis", Text()),
    Column("answer_zh", Text()),
    Column("answer_en", Text()),
    Column("told", Integer(), server_default="0", nullable=False),
    CheckConstraint("kind <> 'repair' OR decided_by <> handler", name="filing_two_people"),
    CheckConstraint("kind IN ('correction', 'objection', 'repair')", name="filing_kind"),
    CheckConstraint(
        "outcome IS NULL OR outcome IN ('refused', 'corrected', 'correction', 'withdrawn', 'repaired')",
        name="filing_outcome",
    ),
    CheckConstraint("state = 'received' OR handler IS NOT NULL", name="filing_handled"),
    CheckConstraint(
        "state IN ('received', 'in_handling') OR (decided_by IS NOT NULL AND outcome IS NOT NULL)",
        name="filing_decided",
    ),
    CheckConstraint(
        "state IN ('received', 'in_handling', 'granted', 'refused', 'answered')",
        name="filing_state",
    ),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("number"),
    Index("filing_by_record", "dataset_id", "record_id"),
    Index("filing_by_state", "state", "due"),
)

Table(
    "nil_report",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("dataset_id", Integer(), nullable=False),
    Column("department", String(length=64), nullable=False),
    Column("period", String(length=7), nullable=False),
    Column("actor", String(length=64), nullable=False),
    Column("reported_at", String(length=32), nullable=False),
    Column("note", Text()),
    Column("withdrawn_by", String(length=64)),
    Column("withdrawn_at", String(length=32)),
    CheckConstraint(
        "(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="nil_report_withdrawn"
    ),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    PrimaryKeyConstraint("id"),
    Index(
        "nil_report_stands_once",
        "dataset_id",
        "department",
        "period",
        unique=True,
        sqlite_where=text("withdrawn_at IS NULL"),
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
)

Table(
    "subscription_event",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("name", String(length=36), nullable=False),
    Column("subscription_id", Integer(), nullable=False),
    Column("kind", String(length=16), nullable=False),
    Column("dataset", String(length=64), server_default="", nullable=False),
    Column("release", Integer(), server_default="0", nullable=False),
    Column("records", Text()),
    Column("urgency", Integer(), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("tries", Integer(), server_default="0", nullable=False),
    Column("next_at", String(length=32), nullable=False),
    Column("created_at", String(length=32), nullable=False),
    Column("ended_at", String(length=32)),
    Column("answer", String(length=64)),
    CheckConstraint(
        "kind IN ('withdrawn', 'ask', 'mine', 'published')", name="subscription_event_kind"
    ),
    CheckConstraint("state IN ('due', 'sent', 'given_up')", name="subscription_event_state"),
    ForeignKeyConstraint(["subscription_id"], ["subscription.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
    UniqueConstraint(
        "subscription_id", "kind", "dataset", "release", name="subscription_event_once"
    ),
    Index("subscription_event_due", "state", "next_at", "urgency"),
)

Table(
    "subscription_match",
    SCHEMA,
    Column("subscription_id", Integer(), nullable=False),
    Column("dataset", String(length=64), nullable=False),
    Column("record_id", String(length=64), nullable=False),
    ForeignKeyConstraint(["subscription_id"], ["subscription.id"]),
    PrimaryKeyConstraint("subscription_id", "dataset", "record_id"),
    Index("subscription_match_by_record", "dataset", "record_id"),
)
