"""Schema 0001, frozen: cases between departments."""

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
    "transfer",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("number", String(length=32), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("step", Integer(), nullable=False),
    Column("from_department", String(length=64), nullable=False),
    Column("to_kind", String(length=8), nullable=False),
    Column("addressee", String(length=80), nullable=False),
    Column("procuratorate", String(length=80)),
    Column("transfer_no", String(length=64)),
    Column("content", Text(), nullable=False),
    Column("created_at", String(length=32), nullable=False),
    CheckConstraint(
        "state IN ('drafted', 'reported', 'disapproved', 'approved', 'transferred', 'received', 'accepted', 'returned', 'refused', 'filed', 'not_filed', 'reconsidering', 'upheld', 'supervised', 'explaining', 'explained', 'ordered', 'dismissed', 'handed_over', 'concluded', 'withdrawn')",
        name="transfer_state",
    ),
    CheckConstraint("to_kind IN ('公安', '检察', '监察')", name="transfer_to_kind"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("number"),
    UniqueConstraint("transfer_no"),
    Index("transfer_by_addressee", "addressee", "id"),
    Index("transfer_by_department", "from_department", "id"),
    Index("transfer_by_procuratorate", "procuratorate", "id"),
)

Table(
    "party_kind",
    SCHEMA,
    Column("consumer_id", Integer(), nullable=False),
    Column("kind", String(length=16), nullable=False),
    Column("registered_by", String(length=64), nullable=False),
    Column("registered_at", String(length=32), nullable=False),
    CheckConstraint("kind IN ('公安', '检察', '监察', '12345')", name="party_kind_known"),
    ForeignKeyConstraint(["consumer_id"], ["consumer.id"]),
    PrimaryKeyConstraint("consumer_id"),
)

Table(
    "transfer_file",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("transfer_id", Integer(), nullable=False),
    Column("sha256", String(length=64), nullable=False),
    Column("name", String(length=200), nullable=False),
    Column("media_type", String(length=100), nullable=False),
    Column("size", BigInteger(), nullable=False),
    Column("added_by", String(length=160), nullable=False),
    Column("added_at", String(length=32), nullable=False),
    ForeignKeyConstraint(["transfer_id"], ["transfer.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("transfer_id", "sha256", name="transfer_file_once"),
)

Table(
    "transfer_look",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("transfer_id", Integer(), nullable=False),
    Column("actor", String(length=160), nullable=False),
    Column("what", String(length=16), nullable=False),
    Column("allowed", Integer(), nullable=False),
    Column("at", String(length=32), nullable=False),
    ForeignKeyConstraint(["transfer_id"], ["transfer.id"]),
    PrimaryKeyConstraint("id"),
    Index("transfer_look_by_transfer", "transfer_id", "id"),
)

Table(
    "transfer_step",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("transfer_id", Integer(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("act", String(length=16), nullable=False),
    Column("state_before", String(length=16)),
    Column("state", String(length=16), nullable=False),
    Column("actor", String(length=160), nullable=False),
    Column("side", String(length=16), nullable=False),
    Column("at", String(length=32), nullable=False),
    Column("doc_no", String(length=128)),
    Column("reason", Text()),
    Column("result", String(length=16)),
    Column("other", String(length=80)),
    Column("content_sha256", String(length=64), nullable=False),
    CheckConstraint(
        "(act = 'draft' AND number = 1 AND state_before IS NULL AND state IN ('drafted')) OR (number > 1 AND ((act = 'report' AND state_before = 'drafted' AND state = 'reported') OR (act = 'approve' AND state_before = 'reported' AND state = 'approved') OR (act = 'disapprove' AND state_before = 'reported' AND state = 'disapproved') OR (act = 'send' AND state_before = 'approved' AND state = 'transferred') OR (act = 'withdraw' AND state_before = 'drafted' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'reported' AND state = 'withdrawn') OR (act = 'withdraw' AND state_before = 'approved' AND state = 'withdrawn') OR (act = 'receive' AND state_before = 'transferred' AND state = 'received') OR (act = 'accept' AND state_before = 'received' AND state = 'accepted') OR (act = 'return' AND state_before = 'received' AND state = 'returned') OR (act = 'supplement' AND state_before = 'returned' AND state = 'transferred') OR (act = 'refuse' AND state_before = 'received' AND state = 'refused') OR (act = 'file' AND state_before = 'accepted' AND state = 'filed') OR (act = 'file' AND state_before = 'reconsidering' AND state = 'filed') OR (act = 'file' AND state_before = 'supervised' AND state = 'filed') OR (act = 'file' AND state_before = 'explaining' AND state = 'filed') OR (act = 'file' AND state_before = 'explained' AND state = 'filed') OR (act = 'file' AND state_before = 'ordered' AND state = 'filed') OR (act = 'decline' AND state_before = 'accepted' AND state = 'not_filed') OR (act = 'reconsider' AND state_before = 'not_filed' AND state = 'reconsidering') OR (act = 'uphold' AND state_before = 'reconsidering' AND state = 'upheld') OR (act = 'copy' AND state_before = 'transferred' AND state = 'transferred') OR (act = 'copy' AND state_before = 'received' AND state = 'received') OR (act = 'copy' AND state_before = 'accepted' AND state = 'accepted') OR (act = 'copy' AND state_before = 'returned' AND state = 'returned') OR (act = 'copy' AND state_before = 'refused' AND state = 'refused') OR (act = 'copy' AND state_before = 'filed' AND state = 'filed') OR (act = 'copy' AND state_before = 'not_filed' AND state = 'not_filed') OR (act = 'copy' AND state_before = 'reconsidering' AND state = 'reconsidering') OR (act = 'copy' AND state_before = 'upheld' AND state = 'upheld') OR (act = 'copy' AND state_before = 'supervised' AND state = 'supervised') OR (act = 'copy' AND state_before = 'explaining' AND state = 'explaining') OR (act = 'copy' AND state_before = 'explained' AND state = 'explained') OR (act = 'copy' AND state_before = 'ordered' AND state = 'ordered') OR (act = 'copy' AND state_before = 'dismissed' AND state = 'dismissed') OR (act = 'copy' AND state_before = 'handed_over' AND state = 'handed_over') OR (act = 'copy' AND state_before = 'concluded' AND state = 'concluded') OR (act = 'propose' AND state_before = 'not_filed' AND state = 'supervised') OR (act = 'propose' AND state_before = 'upheld' AND state = 'supervised') OR (act = 'ask' AND state_before = 'supervised' AND state = 'explaining') OR (act = 'explain' AND state_before = 'explaining' AND state = 'explained') OR (act = 'order' AND state_before = 'explaining' AND state = 'ordered') OR (act = 'order' AND state_before = 'explained' AND state = 'ordered') OR (act = 'dismiss' AND state_before = 'supervised' AND state = 'dismissed') OR (act = 'dismiss' AND state_before = 'explained' AND state = 'dismissed') OR (act = 'hand_over' AND state_before = 'filed' AND state = 'handed_over') OR (act = 'result' AND state_before = 'filed' AND state = 'concluded') OR (act = 'result' AND state_before = 'handed_over' AND state = 'concluded') OR (act = 'result' AND state_before = 'concluded' AND state = 'concluded')))",
        name="transfer_step_legal",
    ),
    CheckConstraint(
        "result IS NULL OR result IN ('起诉', '不起诉', '撤销案件', '判决有罪', '判决无罪')",
        name="transfer_step_result",
    ),
    ForeignKeyConstraint(["transfer_id"], ["transfer.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("transfer_id", "number", name="transfer_step_once"),
)
