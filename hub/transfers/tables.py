"""The tables of case transfers: the case, its steps, its files, and who looked at it."""

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
from hub.transfers.states import BEGIN, DRAFTED, EDITABLE, STATES, moves

KINDS = ("公安", "检察", "监察")  # of receiving authorities: the code list transfer_targets
RESULTS = ("起诉", "不起诉", "撤销案件", "判决有罪", "判决无罪")


# A consumer that is a receiving authority, or the complaint platform.
party_kind = Table(
    "party_kind",
    metadata,
    Column("consumer_id", ForeignKey("consumer.id"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("registered_by", String(64), nullable=False),
    Column("registered_at", String(32), nullable=False),
    CheckConstraint(f"kind IN ({one_of((*KINDS, '12345'))})", name="party_kind_known"),
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(32), nullable=False, unique=True),  # nobody can guess it
    Column("state", String(16), nullable=False),
    Column("step", Integer, nullable=False),  # number of its last step
    Column("from_department", String(64), nullable=False),
    Column("to_kind", String(8), nullable=False),
    # To whom, and who watches over it: a department's code, or consumer:ID.
    Column("addressee", String(80), nullable=False),
    Column("procuratorate", String(80)),  # null: it wasn't copied to any
    Column("transfer_no", String(64), unique=True),  # of the letter; null until it is sent
    Column("content", Text, nullable=False),  # JSON: fields of case_transfer that the sender fills
    Column("created_at", String(32), nullable=False),
    CheckConstraint(f"state IN ({one_of(STATES)})", name="transfer_state"),
    CheckConstraint(f"to_kind IN ({one_of(KINDS)})", name="transfer_to_kind"),
    Index("transfer_by_department", "from_department", "id"),
    Index("transfer_by_addressee", "addressee", "id"),
    Index("transfer_by_procuratorate", "procuratorate", "id"),
)

transfer_step = Table(
    "transfer_step",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("transfer_id", ForeignKey("transfer.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("act", String(16), nullable=False),
    Column("state_before", String(16)),
    Column("state", String(16), nullable=False),
    Column("actor", String(160), nullable=False),  # person:NAME or consumer:NAME
    Column("side", String(16), nullable=False),
    Column("at", String(32), nullable=False),
    Column("doc_no", String(128)),
    Column("reason", Text),
    Column("result", String(16)),
    Column("other", String(80)),  # the party that was named: a procuratorate, or whose case it is
    Column("content_sha256", String(64), nullable=False),  # of the case as it stood
    UniqueConstraint("transfer_id", "number", name="transfer_step_once"),
    CheckConstraint(legal(BEGIN, (DRAFTED,), moves()), name="transfer_step_legal"),
    CheckConstraint(
        f"result IS NULL OR result IN ({one_of(RESULTS)})", name="transfer_step_result"
    ),
)

# The bytes are in the site's folder transfers/files, under their SHA-256.
transfer_file = Table(
    "transfer_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("transfer_id", ForeignKey("transfer.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", String(200), nullable=False),  # shown only: never a path
    Column("media_type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("added_by", String(160), nullable=False),
    Column("added_at", String(32), nullable=False),
    UniqueConstraint("transfer_id", "sha256", name="transfer_file_once"),
)

# Every look, and every try of somebody whose case it isn't.
transfer_look = Table(
    "transfer_look",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("transfer_id", ForeignKey("transfer.id"), nullable=False),
    Column("actor", String(160), nullable=False),
    Column("what", String(16), nullable=False),  # list · read · file · act
    Column("allowed", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Index("transfer_look_by_transfer", "transfer_id", "id"),
)

# What went out can't be rewritten, unless it was returned.
_REWRITTEN = f"OLD.content <> NEW.content AND OLD.state NOT IN ({one_of(EDITABLE)})"
guard_moves(
    transfer,
    transfer_step,
    "transfer_id",
    ("number", "from_department", "to_kind", "addressee", "created_at"),
    ("procuratorate", "transfer_no"),
    _REWRITTEN,
)
for _history in (transfer_step, transfer_file, transfer_look):
    guard_history(_history)
