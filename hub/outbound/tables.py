"""The tables of delivery: how far each target is, what was handed over, what the province said.

A target's stream up to its cursor is taken, but for the entries that stand in `target_entry` and
those of open deliveries.
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

#: prepared: nothing was tried; unknown: a try was begun, and nobody knows what came of it; sent: the
#: province has it, and answers later; answered: it said something of every entry.
DELIVERY_STATES = (PREPARED, UNKNOWN, SENT, ANSWERED) = ("prepared", "unknown", "sent", "answered")
#: waiting: for an earlier entry of its record; quarantined: can't be written as the province wants it;
#: refused: by the province.
ENTRY_STATES = (WAITING, QUARANTINED, REFUSED) = ("waiting", "quarantined", "refused")

RETURN_KINDS = (CORRECTION, REPAIR_RESULT, LIST_ENTRY) = (
    "correction",
    "repair_result",
    "list_entry",
)
#: case: it stands in an open filing for repair; done: somebody dealt with it.
RETURN_STATES = (OPEN, CASE, DONE) = ("open", "case", "done")


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


target_state = Table(
    "target_state",
    metadata,
    Column("target", String(64), primary_key=True),
    # The site's name when the target was first used: identifiers are made of it, and must stay.
    Column("site", String(128), nullable=False),
    Column("dataset", String(64), nullable=False),
    # What its records are known by: key · pseudonym · release. The cursor and what the province
    # holds mean nothing in a view of another kind. Null in rows of before it was kept.
    Column("known_by", String(16)),
    Column("cursor", BigInteger, nullable=False),  # the last seq that was looked at
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("failure", String(32)),  # the code
    Column("not_before", String(32)),
    Column("asked_at", String(32)),  # when answers were last asked for
    Column("sent_at", String(32)),
)

target_delivery = Table(
    "target_delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("target", String(64), nullable=False),
    Column("batch", String(36), nullable=False),  # UUID of version 4
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sha256", String(64), nullable=False),  # of what was prepared (`parcel.digest_of`)
    Column("name", String(200)),  # of what was handed over, where it has one: files
    # The entries without an answer, packed; null when every one has its answer.
    Column("content", LargeBinary),
    Column("taken", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("prepared_at", String(32), nullable=False),
    Column("tried_at", String(32)),
    Column("answered_at", String(32)),
    UniqueConstraint("target", "batch", name="target_delivery_once"),
    CheckConstraint(f"state IN ({_one_of(DELIVERY_STATES)})", name="target_delivery_state"),
    CheckConstraint(
        "(state = 'answered') = (content IS NULL)", name="target_delivery_kept_until_answered"
    ),
    Index("target_delivery_by_state", "target", "state"),
)

# Only entries that aren't simply taken.
target_entry = Table(
    "target_entry",
    metadata,
    Column("target", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("operation", String(1)),  # I U D of one that was refused; D of a delete that waits
    Column("code", String(64)),  # the province's, or the issue's
    Column("reason", Text),
    Column("issues", Text),  # of a quarantined one: JSON list of {field, code, value, params}
    Column("fingerprint", String(64)),  # of the mapping that couldn't write it
    Column("at", String(32), nullable=False),
    CheckConstraint(f"state IN ({_one_of(ENTRY_STATES)})", name="target_entry_state"),
    Index("target_entry_by_state", "target", "state", "seq"),
    Index("target_entry_by_key", "target", "key"),
)

# What the province took last of each record. A row stays when the record was deleted there: an older
# entry that is sent again, after a reset, mustn't bring it back.
target_record = Table(
    "target_record",
    metadata,
    Column("target", String(64), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("held", Integer, nullable=False),  # 0: it deleted the record
    Column(
        "digest", String(64), nullable=False
    ),  # of the entry's record, as in the stream; "": deleted
    # JSON of the province's columns that say which record it is: all that a delete has.
    Column("identity", Text, nullable=False),
)

target_return_file = Table(
    "target_return_file",
    metadata,
    Column("target", String(64), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("taken", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("unmatched", Integer, nullable=False),
    Column("at", String(32), nullable=False),
)

# What somebody has to do about something that the province returned.
provincial_task = Table(
    "provincial_task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("return_id", Text, nullable=False),  # key of the record of provincial_return
    Column("seq", BigInteger, nullable=False),  # its revision
    Column("kind", String(16), nullable=False),
    Column("dataset", String(64), nullable=False),
    Column("document", String(256)),
    Column("record_id", String(16)),  # of the disclosure that is meant; null: none is known
    Column("record_key", Text),
    Column("department", String(64)),  # whose task it is
    Column("corrections", Text, nullable=False),  # JSON: field → what it should be
    Column("decision", String(32), nullable=False),
    Column("decided_on", String(10)),
    Column("basis", String(256)),  # number of the province's document
    Column("filing_id", ForeignKey("filing.id")),
    Column("state", String(16), nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("closed_by", String(64)),
    Column("closed_at", String(32)),
    Column("note", Text),
    CheckConstraint(f"kind IN ({_one_of(RETURN_KINDS)})", name="provincial_task_kind"),
    CheckConstraint(f"state IN ({_one_of(RETURN_STATES)})", name="provincial_task_state"),
    CheckConstraint("state <> 'done' OR closed_by IS NOT NULL", name="provincial_task_closed"),
    UniqueConstraint("seq", name="provincial_task_once"),
    Index("provincial_task_by_state", "state", "id"),
)

provincial_cursor = Table(
    "provincial_cursor",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
