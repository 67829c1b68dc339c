"""The tables of disclosure: people, decisions, the state of each record, and its moves."""

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

from hub.states import PUBLIC, ROLES, SHOWABLE, STATES
from hub.tables import metadata


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# What somebody may do, for one department. A role that was taken away stays, with the day.
person_role = Table(
    "person_role",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("granted_by", String(64), nullable=False),
    Column("granted_at", String(32), nullable=False),
    Column("revoked_by", String(64)),
    Column("revoked_at", String(32)),
    CheckConstraint(f"role IN ({_one_of(ROLES)})", name="person_role_known"),
    Index("person_role_by_person", "person", "department", "role"),
)

# A rule by which the hub approves by itself: two people signed it, for a department and from a day on.
policy = Table(
    "policy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("department", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("condition", Text, nullable=False),  # JSON, see `conditions`
    Column("reason", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("valid_from", String(10), nullable=False),
    Column("valid_to", String(10)),
    Column("proposed_by", String(64), nullable=False),
    Column("proposed_at", String(32), nullable=False),
    Column("approved_by", String(64)),
    Column("approved_at", String(32)),
    Column("ended_by", String(64)),
    Column("ended_at", String(32)),
    UniqueConstraint("dataset_id", "department", "version", name="policy_version"),
    CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="policy_two_people"),
)

# A change set that somebody wants to decide as a whole, as it stood when the sample was drawn.
sample = Table(
    "sample",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("act", String(32), nullable=False),  # review · approve
    Column("actor", String(64), nullable=False),
    Column("condition", Text, nullable=False),  # JSON
    Column("records", BigInteger, nullable=False),
    Column("drawn_at", String(32), nullable=False),
    Column("used_at", String(32)),  # when the change set was decided on
)

# The records of a change set, with the view that each had. Those that were drawn must be looked at.
sample_record = Table(
    "sample_record",
    metadata,
    Column("sample_id", Integer, primary_key=True, autoincrement=False),
    Column("record_id", String(16), primary_key=True),
    Column("view_digest", LargeBinary(32), nullable=False),
    Column("drawn", Integer, nullable=False),  # 1: to be looked at
    Column("seen_at", String(32)),
    sqlite_with_rowid=False,
)

# Who did what to which disclosures, why, and on which legal basis.
decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("act", String(32), nullable=False),  # one of `states.ACTS`
    Column("actor", String(64), nullable=False),  # a person, or hub
    Column("department", String(64)),  # for which the person acted
    Column("reason_code", String(32), nullable=False),
    Column("reason", Text),  # … in the actor's own words
    Column("legal_basis", Text, nullable=False),
    Column("rule", String(128), nullable=False),  # version of the law, policy or release applied
    Column("secrecy", String(16)),  # what the reviewer found: cleared
    Column("privacy", String(16)),
    Column("condition", Text),  # JSON: the filter of what was decided in bulk
    Column("policy_id", ForeignKey("policy.id")),
    Column("sample_id", ForeignKey("sample.id")),
    Column("records", BigInteger, nullable=False),
    Column("after_move", BigInteger, nullable=False, server_default="0"),  # its moves come after
    Column("decided_at", String(32), nullable=False),
    CheckConstraint("secrecy IS NULL OR secrecy = 'cleared'", name="decision_secrecy"),
    CheckConstraint("privacy IS NULL OR privacy = 'cleared'", name="decision_privacy"),
)

disclosure = Table(
    "disclosure",
    metadata,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    # Permanent public address of the record; random, so it tells nothing about the key.
    Column("record_id", String(16), nullable=False),
    Column("department", String(64), nullable=False),  # whose record it is; nobody else decides
    Column("author", String(64)),  # who handed the record in by hand
    Column("seq", BigInteger, nullable=False),  # revision whose public view was shown
    Column("view_digest", LargeBinary(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("decision_id", Integer, nullable=False),  # by which it came into this state
    Column("why", Text),  # what blocks, refuses or ended it: fields, a rule, a reason
    Column("hold", String(32)),  # what review has to wait for, e.g. consent:3
    Column(
        "needs", Integer, nullable=False, server_default="0"
    ),  # 1: a secrecy and privacy review
    Column("reviewed_by", String(64)),
    Column("secrecy", Integer),  # 1: cleared
    Column("privacy", Integer),
    Column("approved_by", String(64)),
    Column("policy_id", Integer),  # the policy that approved it
    # The view that was approved last, and its revision: what a new one is compared with.
    Column("approved_digest", LargeBinary(32)),
    Column("approved_seq", BigInteger),
    Column("publish_on", String(10)),  # not before this day
    Column("publish_by", String(10)),  # the law's last day, and by which rule
    Column("publish_rule", String(64)),
    Column("published_on", String(10)),  # the day on which it first was public
    Column("public_until", String(10)),  # the last public day; null: no end is known
    Column("until_rule", String(64)),
    Column("release", Integer),  # number of the release that first carried this view
    UniqueConstraint("dataset_id", "record_id", name="disclosure_record"),
    CheckConstraint(f"state IN ({_one_of(STATES)})", name="disclosure_state"),
    CheckConstraint("approved_by <> reviewed_by", name="disclosure_two_people"),
    CheckConstraint("author <> reviewed_by AND author <> approved_by", name="disclosure_author"),
    # What a release may carry was approved by two people, as it is now.
    CheckConstraint(
        f"state NOT IN ({_one_of(SHOWABLE)}) OR (reviewed_by IS NOT NULL"
        " AND approved_by IS NOT NULL AND approved_digest IS NOT NULL"
        " AND approved_digest = view_digest AND approved_seq IS NOT NULL)",
        name="disclosure_approved_as_it_is",
    ),
    CheckConstraint("state <> 'reviewed' OR reviewed_by IS NOT NULL", name="disclosure_reviewed"),
    CheckConstraint(
        f"needs = 0 OR state NOT IN ('reviewed', {_one_of(SHOWABLE)})"
        " OR (coalesce(secrecy, 0) = 1 AND coalesce(privacy, 0) = 1) OR policy_id IS NOT NULL",
        name="disclosure_examined",
    ),
    CheckConstraint("state <> 'scheduled' OR publish_on IS NOT NULL", name="disclosure_scheduled"),
    CheckConstraint(
        f"hold IS NULL OR state NOT IN ({_one_of(SHOWABLE)})", name="disclosure_not_held"
    ),
    CheckConstraint(
        f"state NOT IN ({_one_of(PUBLIC)}) OR published_on IS NOT NULL", name="disclosure_dated"
    ),
    # Queues: each department's records of a state, the most urgent first.
    Index(
        "disclosure_by_state",
        "dataset_id",
        "state",
        "department",
        "publish_by",
        "record_id",
        postgresql_include=["key"],  # searched; SQLite's has it anyway
        info={"later": True},
    ),
    Index("disclosure_by_end", "public_until"),
    sqlite_with_rowid=False,
)

# Every change of a state, written by the database itself (`state_guard`); nothing else writes here.
move = Table(
    "move",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", Integer, nullable=False),
    Column("record_id", String(16), nullable=False),
    Column("state_before", String(16)),  # null: the disclosure begins
    Column("state", String(16), nullable=False),
    Column("decision_id", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("move_by_record", "dataset_id", "record_id", "id"),
)

# What a dataset's public views were made with: its standard and this program. Where that is another
# now, all views are made anew, and what looks different asks for approval again.
view_basis = Table(
    "view_basis",
    metadata,
    Column("dataset_id", ForeignKey("dataset.id"), primary_key=True),
    Column("digest", String(64), nullable=False),
)

# Consumers that hold a record which stopped being public: each is told, and confirms.
holder_notice = Table(
    "holder_notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False),
    Column("dataset_id", Integer, nullable=False),
    Column("record_id", String(16), nullable=False),
    Column("seq", BigInteger, nullable=False),  # the revision that it was given last
    Column("decision_id", Integer, nullable=False),
    Column("confirmed_at", String(32)),
    Index("holder_notice_by_consumer", "consumer_id", "id"),
)
