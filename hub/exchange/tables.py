"""The tables of streams: views, the open tail, sealed segments, snapshots, checkpoints, erasures.

A stream is the entries of one dataset in one view. What is sealed lies in files (`hub.exchange.
segments`); these rows say which files count, with their digests. A file that no row names is a
left-over.
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

exchange_view = Table(
    "exchange_view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("name", String(96), nullable=False),
    Column("audience", String(16), nullable=False),  # government · industry · public
    Column("association", String(18)),
    Column("fields", Text),  # JSON list of the granted fields; null: all of the audience's
    Column("consumer_id", ForeignKey("consumer.id")),  # whose salt makes the keys pseudonyms
    Column("segment_entries", Integer, nullable=False),  # a power of two, 256 at least
    # Locking this row orders whatever changes the stream: entries taken in, sealing, erasure.
    Column("size", BigInteger, nullable=False, server_default="0"),
    Column("sealed", BigInteger, nullable=False, server_default="0"),  # entries that lie in files
    Column("frontier", Text),  # JSON of the tree at `size` (`hub.tree.frontier`); null: empty
    # Of the public view: the number of the release that is in the stream as a whole, and the one
    # whose removals are erased from it. Null: none yet.
    Column("release", BigInteger),
    Column("erased_release", BigInteger),
    Column("origin", String(255)),  # of its checkpoints; kept from the first one on
    Column("created_at", String(32), nullable=False),
    UniqueConstraint("dataset_id", "name", name="exchange_view_name"),
    CheckConstraint("sealed <= size", name="exchange_view_sealed"),
)

# The open tail: a block is one zstd frame of NDJSON lines, and goes into its segment's file as it is.
exchange_block = Table(
    "exchange_block",
    metadata,
    Column("view_id", ForeignKey("exchange_view.id"), primary_key=True),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("lines", LargeBinary, nullable=False),
    Column("lines_size", BigInteger, nullable=False),  # bytes of the lines, unpacked
    Column("leaves", LargeBinary, nullable=False),  # 32 bytes an entry: leaf hashes of the tree
)

exchange_segment = Table(
    "exchange_segment",
    metadata,
    Column("view_id", ForeignKey("exchange_view.id"), primary_key=True),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("edition", Integer, nullable=False),  # 1, and one more with every erasure in it
    Column("ndjson_sha256", String(64), nullable=False),
    Column("ndjson_size", BigInteger, nullable=False),
    Column("parquet_sha256", String(64), nullable=False),
    Column("parquet_size", BigInteger, nullable=False),
    Column("hashes_sha256", String(64), nullable=False),  # of the file with its leaves
    # JSON list of [first_seq, place, bytes, bytes unpacked] of the file's zstd frames.
    Column("frames", Text, nullable=False),
    Column("root", LargeBinary(32), nullable=False),  # of the whole subtree that a segment is
    # Roots of each 65,536 entries, where there are several: a proof reads them from here at once.
    Column("tops", LargeBinary),
    Column("erased", Integer, nullable=False, server_default="0"),  # entries without content
    Column("sealed_at", String(32), nullable=False),
)

exchange_snapshot = Table(
    "exchange_snapshot",
    metadata,
    Column("view_id", ForeignKey("exchange_view.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("records", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes of the file
    Column("note", Text),  # the signed checkpoint of size `seq`; null: the key couldn't be used
    Column("signature", Text),  # of the description, as `snapshots` writes it
    Column("made_at", String(32), nullable=False),
)

# The newest checkpoints: against them the hub finds a past that somebody rewrote.
exchange_checkpoint = Table(
    "exchange_checkpoint",
    metadata,
    Column("view_id", ForeignKey("exchange_view.id"), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", String(32), nullable=False),
)

# Content that the law wanted gone: who had it erased, and why.
exchange_erasure = Table(
    "exchange_erasure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("decision_id", ForeignKey("decision.id"), nullable=False),  # who, why, on which basis
    Column("records", BigInteger, nullable=False),  # keys that were erased as a whole
    Column("entries", BigInteger, nullable=False),  # revisions of the ledger without content now
    Column("at", String(32), nullable=False),
    Index("exchange_erasure_by_dataset", "dataset_id", "id"),
)

# The revisions of the ledger that an erasure took the content from.
exchange_erased = Table(
    "exchange_erased",
    metadata,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("erasure_id", ForeignKey("exchange_erasure.id"), nullable=False),
    sqlite_with_rowid=False,
)

# The public stream's living records: which entry has each, and what its release says of it.
exchange_published = Table(
    "exchange_published",
    metadata,
    Column("view_id", Integer, primary_key=True, autoincrement=False),
    Column("record_id", String(16), primary_key=True),
    Column("commitment", LargeBinary(32), nullable=False),  # of its line in the release
    Column("seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
