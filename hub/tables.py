"""The tables of a site, the same on SQLite and PostgreSQL.

Times are text in ISO 8601, UTC, ending in Z: they sort, and both databases keep them unchanged.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

UPSERT, DELETE = 1, 2  # revision.operation

dataset = Table(
    "dataset",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    # The last sequence number given out. Locking this row makes numbers gap-free and in commit
    # order, so a consumer that reads "after n" can't miss a late committer.
    Column("seq", BigInteger, nullable=False, default=0),
    # Up to which sequence number disclosures have been derived from revisions.
    Column("reviewed_seq", BigInteger, nullable=False, default=0),
    # Up to which move of disclosures its release knows them (`departures`).
    Column("published_move", BigInteger),
    Column("published_release", Integer),  # … and its number
)

feed = Table(
    "feed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
)

job = Table(
    "job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),  # feed_run · publish
    Column("arguments", Text, nullable=False),  # JSON object
    Column("state", String(16), nullable=False),  # queued running done failed
    Column("attempts", Integer, nullable=False, default=0),
    # Raised by every taker; a commit compares it, so a worker that came back from the dead
    # after its lease ended can't write.
    Column("fence", Integer, nullable=False, default=0),
    Column("lease_until", String(32)),
    # What only one job at a time may work on, e.g. feed:town_register; null: nothing of the kind.
    Column("topic", String(160)),
    Column("not_before", String(32)),  # a job that is tried again later waits until then
    Column("created_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("result", Text),  # JSON of what the job gave
    Column("error", Text),
    CheckConstraint("state IN ('queued','running','done','failed')", name="job_state"),
    Index("job_by_state", "state", "lease_until"),
    Index("job_by_topic", "topic", "created_at", info={"later": True}),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("job_id", ForeignKey("job.id")),
    Column("standard_version", String(16), nullable=False),
    Column("department", String(64)),  # that delivered; null: the standard's
    Column("actor", String(64)),  # who handed the rows in by hand
    Column("source", Text, nullable=False),  # file name as delivered
    Column("sha256", String(64), nullable=False),  # the raw artefact
    Column("state", String(16), nullable=False),  # committed held failed
    *(
        Column(count, BigInteger, nullable=False, default=0)
        for count in (
            "read",
            "accepted",
            "rejected",
            "added",
            "changed",
            "unchanged",
            "gone",
        )
    ),
    # What else decides the outcome: the feed's declaration and the standards (`repeat`).
    Column("declaration", String(64)),
    Column("ledger_seq", BigInteger),  # where the dataset's ledger ended after this run
    # Why it was run: its source was pulled, a delivery was read again, rows were corrected.
    Column("kind", String(16), nullable=False, server_default="pull"),
    # JSON list of the delivery's files where it has several: `source` alone doesn't tell the line.
    Column("members", Text),
    Column("told", Text),  # JSON list: name, origin, headers, size of every part that was fetched
    Column("fetched_at", String(32)),
    Column("cursor", Text),  # where the next pull of an incremental source goes on from
    # The run that read the same bytes before; it has the issues and the rejected rows.
    Column("same_as", ForeignKey("run.id")),
    Column("first_seq", BigInteger),  # range of revisions that this run appended; null: none
    Column("last_seq", BigInteger),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32), nullable=False),
    CheckConstraint("state IN ('committed','held','failed')", name="run_state"),
    CheckConstraint("accepted + rejected = read", name="run_counts_rows"),
    Index("run_by_feed", "feed_id", "id"),
)

issue_count = Table(
    "issue_count",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("code", String(32), primary_key=True),
    Column("field", String(128), primary_key=True),  # "" where the issue has none
    Column("count", BigInteger, nullable=False),
)

issue = Table(
    "issue",
    metadata,
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("line", BigInteger),
    Column("field", String(128)),
    Column("code", String(32), nullable=False),
    Column("value", Text),
    Column("params", Text, nullable=False),
    Index("issue_by_run", "run_id", "line"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("content", Text, nullable=False),  # JSON object: source column → cell as written
    Index("quarantine_by_run", "run_id", "line"),
)

# No foreign keys: they would be looked up for every row of a bulk load. Rows are written by
# `ledger` alone, with a run that it has just begun, and `hub verify` checks them.
revision = Table(
    "revision",
    metadata,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("operation", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("run_id", Integer, nullable=False),
    CheckConstraint("operation IN (1, 2)", name="revision_operation"),
    # One record's history; each part has its own (`ledger_partitions`).
    Index("revision_by_key", "key", postgresql_using="hash").ddl_if(dialect="postgresql"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (dataset_id, seq)",
)

segment = Table(
    "segment",
    metadata,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    # zstd of one line per revision, in order of seq: its canonical JSON, or an empty line for a
    # delete. Five times smaller than a text column and one insert for a thousand rows.
    Column("content", LargeBinary, nullable=False),
    # A new part of a table with foreign keys would wait for every run that is under way.
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]).ddl_if(dialect="sqlite"),
    postgresql_partition_by="RANGE (dataset_id, first_seq)",
)

head = Table(
    "head",
    metadata,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    # Whose record this is: only the feed that said it last can let it go.
    Column("feed_id", Integer, nullable=False),
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (dataset_id)",
)

consumer = Table(
    "consumer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
    Column("audience", String(16), nullable=False),  # government · industry
    # Credit code of the industry organisation whose records it is given; null: nobody's.
    Column("association", String(18)),
    # What it was registered with: JSON list of datasets, SHA-256 of the first key's secret. What
    # counts are its grants and keys (`hub.grants.tables`), into which older sites' are taken over.
    Column("datasets", Text, nullable=False),
    Column("key_hash", String(64), nullable=False),
    # Makes keys of masked records pseudonyms of their own for each consumer.
    Column("salt", LargeBinary(32), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("revoked_at", String(32)),
    Column("credit_code", String(18)),  # of the organisation
    Column("contact", Text),  # whom to ask there
    Column("networks", Text),  # JSON list of CIDR, from which it may come; null: from anywhere
    # JSON list of SHA-256 of client certificates; null: none is asked for
    Column("certificates", Text),
    Column("signed_only", Integer, nullable=False, server_default="0"),  # 1: no bearer key counts
    Column("rate", Integer),  # requests a minute; null: the site's usual rate
)

exchange_log = Table(
    "exchange_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("after_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    # Of which view, under which grant and for what; null in rows of before there were grants.
    Column("view_id", Integer),
    Column("grant_id", Integer),
    Column("purpose", Text),
    # page · segment · snapshot · delivery
    Column("kind", String(16), nullable=False, server_default="page"),
    Index("exchange_log_by_consumer", "consumer_id", "dataset_id", "last_seq"),
    Index("exchange_log_by_dataset", "dataset_id", "last_seq"),
)

# Versions of standards that the site took into use in place of the packaged ones.
activation = Table(
    "activation",
    metadata,
    Column("id", Integer, primary_key=True),  # the name of its folder in the site's standards/
    Column("dataset", String(64), nullable=False),
    Column("version_before", String(16)),  # null: the dataset is new here
    Column("version", String(16), nullable=False),
    Column("verdict", String(16), nullable=False),  # compatible readers breaking
    Column("records", BigInteger, nullable=False),  # current records that were checked again
    Column("failing", BigInteger, nullable=False),  # … and that would not pass
    Column("activated_by", String(64), nullable=False),
    Column("activated_at", String(32), nullable=False),
    CheckConstraint("verdict IN ('compatible','readers','breaking')", name="activation_verdict"),
)
