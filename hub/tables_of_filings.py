"""The tables of what parties file, and of third parties who are asked for their consent.

What is told of the people who file is for the department's staff: it is in no log, no error, no
answer and no public file (个人信息保护法 arts. 6 and 34).
"""

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

from hub.tables import metadata

KINDS = (CORRECTION, OBJECTION, REPAIR) = ("correction", "objection", "repair")
RECEIVED, IN_HANDLING = "received", "in_handling"
GRANTED, FILING_REFUSED, ANSWERED = "granted", "refused", "answered"
OPEN = (RECEIVED, IN_HANDLING)
FILING_STATES = (*OPEN, GRANTED, FILING_REFUSED, ANSWERED)

#: How a filing ends. corrected: dealt with, the record stays; correction: the department will send
#: the corrected record; withdrawn: the record isn't public any more.
OUTCOMES = ("refused", "corrected", "correction", "withdrawn", "repaired")

AGREED, DISAGREED, SILENT = "agreed", "refused", "none"
CONSENT_ANSWERS = (AGREED, DISAGREED, SILENT)
CONSENT_DECISIONS = (PUBLISH, REJECT) = ("publish", "reject")


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


filing = Table(
    "filing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(64), nullable=False, unique=True),  # as the portal gave it
    Column("kind", String(16), nullable=False),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("record_id", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("content_sha256", String(64), nullable=False),  # of filing.json, as it was filed
    # Who files, and what: for staff only.
    Column("party_name", Text, nullable=False),
    Column("party_code", String(32)),
    Column("contact_name", Text),
    Column("phone", String(64)),
    Column("email", String(254)),
    Column("field", String(128)),  # of the record; null: all of it
    Column("statement", Text, nullable=False),
    Column("promise", Integer),  # 1: a public promise (信用承诺), which repair asks for
    Column("performed", Integer),  # 1: the party says that it did what it was told
    Column("remedied", Integer),
    Column("language", String(16)),
    Column("evidence", Text, nullable=False),  # JSON list of {name, sha256, bytes, media_type}
    Column("filed_at", String(32), nullable=False),
    Column("filed_on", String(10), nullable=False),  # the day here, from which the law counts
    Column("received_at", String(32), nullable=False),
    Column("due", String(10)),  # the law's last day for the answer; null: no rule says one
    Column("due_rule", String(64)),
    Column("handler", String(64)),
    Column("accepted_at", String(32)),
    # What the handler found: JSON of condition → {met, why, by}.
    Column("findings", Text, nullable=False, server_default="{}"),
    Column("outcome", String(16)),
    Column("decided_by", String(64)),
    Column("decided_at", String(32)),
    Column("answered_on", String(10)),
    Column("reason_code", String(32)),
    Column("legal_basis", Text),
    Column("answer_zh", Text),
    Column("answer_en", Text),
    # 1: the portal's answer file says what stands here.
    Column("told", Integer, nullable=False, server_default="0"),
    CheckConstraint(f"kind IN ({_one_of(KINDS)})", name="filing_kind"),
    CheckConstraint(f"state IN ({_one_of(FILING_STATES)})", name="filing_state"),
    CheckConstraint(f"outcome IS NULL OR outcome IN ({_one_of(OUTCOMES)})", name="filing_outcome"),
    CheckConstraint("state = 'received' OR handler IS NOT NULL", name="filing_handled"),
    CheckConstraint(
        f"state IN ({_one_of(OPEN)}) OR (decided_by IS NOT NULL AND outcome IS NOT NULL)",
        name="filing_decided",
    ),
    CheckConstraint("kind <> 'repair' OR decided_by <> handler", name="filing_two_people"),
    Index("filing_by_state", "state", "due"),
    Index("filing_by_record", "dataset_id", "record_id"),
)

# A third party that is asked whether a record may be published: it may be its business secret, or
# personal (政府信息公开条例 arts. 15 and 32). Nobody reviews or approves the record meanwhile.
consent = Table(
    "consent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("record_id", String(16), nullable=False),
    Column("party", Text, nullable=False),  # for staff only
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", String(32), nullable=False),
    Column("asked_on", String(10), nullable=False),
    Column("due", String(10), nullable=False),
    Column("due_rule", String(64), nullable=False),
    Column("answer", String(16)),
    Column("answered_at", String(32)),
    Column("noted_by", String(64)),
    Column("why", Text),  # what the party said
    Column("decision", String(16)),  # of the department, where the party didn't agree
    Column("decided_by", String(64)),
    Column("decided_at", String(32)),
    Column("reason", Text),
    Column("legal_basis", Text),
    UniqueConstraint("dataset_id", "record_id", "party", "asked_at", name="consent_asked_once"),
    CheckConstraint(
        f"answer IS NULL OR answer IN ({_one_of(CONSENT_ANSWERS)})", name="consent_answer"
    ),
    CheckConstraint(
        f"decision IS NULL OR decision IN ({_one_of(CONSENT_DECISIONS)})", name="consent_decision"
    ),
    CheckConstraint(
        "decision IS NULL OR (answer IN ('refused', 'none') AND decided_by IS NOT NULL"
        " AND reason IS NOT NULL AND decided_by <> asked_by)",
        name="consent_decided",
    ),
    Index("consent_by_record", "dataset_id", "record_id"),
)
