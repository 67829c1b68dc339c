"""The tables of receipts: what each consumer said of what it was given, and what came of refusals.

A message is kept as it came, with its signature; its receipts stay one by one, also those that a later
one contradicts. `receipt_range` is what counts now, in as few rows as say it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.tables import metadata

#: What a consumer may say of an entry.
SAID = (TAKEN, REFUSED, ERASED) = ("taken", "refused", "erased")
#: What becomes of a refusal.
REFUSALS = (OPEN, ANSWERED, SETTLED) = ("open", "answered", "settled")


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# One request (or one answer to a delivery) with all that its signature covers, so that it can be
# verified years later. `view_id` is that of `exchange_view`.
receipt_message = Table(
    "receipt_message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("view_id", Integer, nullable=False),
    Column("name", String(64)),  # by which the consumer knows it again; null: it gave none
    Column("said_sha256", String(64), nullable=False),  # of the receipts, in one form
    Column("keyid", String(32)),  # null: it wasn't signed
    Column("method", String(8)),
    Column("target", Text),  # the address, as it was signed
    Column("signature_input", Text),
    Column("signature", Text),
    Column("content_digest", Text),
    Column("covered", Text),  # JSON object: the other headers that the signature covers
    Column("body", LargeBinary),  # zstd
    Column("at", String(32), nullable=False),
    UniqueConstraint("consumer_id", "view_id", "name", name="receipt_message_once"),
    Index("receipt_message_by_consumer", "consumer_id", "id"),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("message_id", ForeignKey("receipt_message.id"), nullable=False),
    Column("consumer_id", Integer, nullable=False),
    Column("view_id", Integer, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(64)),
    Column("reason", Text),
    CheckConstraint(f"state IN ({_one_of(SAID)})", name="receipt_state"),
    CheckConstraint("first_seq >= 1 AND first_seq <= last_seq", name="receipt_forwards"),
    CheckConstraint("(state = 'refused') = (code IS NOT NULL)", name="receipt_code"),
    Index("receipt_by_range", "consumer_id", "view_id", "last_seq"),
)

receipt_range = Table(
    "receipt_range",
    metadata,
    Column("consumer_id", Integer, primary_key=True, autoincrement=False),
    Column("view_id", Integer, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("dataset_id", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(64)),
    Column("reason", Text),
    CheckConstraint("first_seq >= 1 AND first_seq <= last_seq", name="receipt_range_forwards"),
    sqlite_with_rowid=False,
)

# A refusal is the owning department's to answer. It stays when it is settled.
refusal = Table(
    "refusal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("view_id", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    # Of the public stream's entry, whose record no other table tells later. The ledger's key isn't
    # kept here: an erasure takes it away where it stands.
    Column("record_id", String(16)),
    Column("feed_id", Integer),  # which delivered the entry
    Column("department", String(64)),  # which delivered it; null: the standard's
    Column("code", String(64), nullable=False),
    Column("reason", Text),
    Column("state", String(16), nullable=False),
    Column("refused_at", String(32), nullable=False),
    Column("answer", Text),  # why the record stays as it is
    Column("answered_by", String(64)),
    Column("answered_at", String(32)),
    Column("settled_at", String(32)),
    Column("settled_seq", BigInteger),  # the entry by whose taking
    UniqueConstraint("consumer_id", "view_id", "seq", name="refusal_once"),
    CheckConstraint(f"state IN ({_one_of(REFUSALS)})", name="refusal_state"),
    CheckConstraint("(answered_by IS NULL) = (answer IS NULL)", name="refusal_answer"),
    Index("refusal_by_state", "state", "dataset_id"),
)

# Who is overdue with receipts of which stream, since when, and when the operator was told.
receipt_alarm = Table(
    "receipt_alarm",
    metadata,
    Column("consumer_id", Integer, primary_key=True, autoincrement=False),
    Column("view_id", Integer, primary_key=True, autoincrement=False),
    Column("since", String(32), nullable=False),
    Column("told_at", String(32)),
    sqlite_with_rowid=False,
)
