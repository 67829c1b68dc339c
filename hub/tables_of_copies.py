"""The tables of copies: which release each CKAN has, and where what was taken back is gone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from hub.tables import metadata

# A dataset in a CKAN: what it was brought to, and how the last try ended.
ckan_copy = Table(
    "ckan_copy",
    metadata,
    Column("target", String(32), primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), primary_key=True),
    Column("release", Integer),  # brought there whole; null: none yet, or none any more
    Column("manifest_sha256", String(64)),
    Column("first_at", String(32)),  # when it was first tried: from then on it may have records
    Column("pushed_at", String(32)),
    Column("verified_at", String(32)),  # every row and byte was read back and is right
    Column("stopped_at", String(32)),  # it was taken out by hand, and comes back by hand only
    Column("failed_at", String(32)),  # null: the last try was a good one
    Column("failure", String(32)),  # code of its issue
    Column("failures", Integer, nullable=False, server_default="0"),  # one after the other
    sqlite_with_rowid=False,
)

# Somebody looked: what was taken back up to and including a release is gone from a surface.
confirmation = Table(
    "confirmation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("surface", String(64), nullable=False),  # files · search · feeds · ckan:<target>
    Column("release", Integer, nullable=False),
    Column("records", BigInteger, nullable=False),  # that were looked for
    Column("ids_sha256", String(64), nullable=False),  # of their sorted ids, one to a line
    Column("confirmed_at", String(32), nullable=False),
    Index("confirmation_by_surface", "dataset_id", "surface", "release", unique=True),
)
