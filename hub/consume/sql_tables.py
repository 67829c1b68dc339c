"""The tables of a store in SQL, and the view that shows what stands now.

Names begin with `exchange_`, because they may lie in a database that is somebody's already.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import LONGTEXT, VARCHAR

metadata = MetaData()

KEY_LENGTH = 512  # MariaDB indexes no longer text; SQLite and PostgreSQL have no limit

# Without padding, or MariaDB would take "a" and "a " for one key.
_KEY = Text().with_variant(
    VARCHAR(KEY_LENGTH, charset="utf8mb4", collation="utf8mb4_nopad_bin"), "mysql", "mariadb"
)
_LONG = Text().with_variant(LONGTEXT(charset="utf8mb4"), "mysql", "mariadb")

# The stream, an entry a row: what the line had, so that its leaf can be computed from the row.
exchange_entry = Table(
    "exchange_entry",
    metadata,
    Column("dataset", String(128), primary_key=True),  # dataset, or dataset@version
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("operation", String(8), nullable=False),  # upsert delete erased refused
    Column("was", String(8)),
    Column("key", _KEY),
    Column("digest", String(64)),
    Column("recorded_at", String(40), nullable=False),
    Column("standard", String(160), nullable=False),
    Column("salt", String(32)),
    Column("commitment", String(64)),
    Column("leaf", String(64)),
    Column("record", _LONG),  # canonical JSON, as it was hashed
    Column("refused", String(64)),  # why the consumer's own check refused it
    Index("exchange_entry_by_key", "dataset", "key"),
)

# Which entry says what each record is now.
exchange_current = Table(
    "exchange_current",
    metadata,
    Column("dataset", String(128), primary_key=True),
    Column("key", _KEY, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("withdrawn_at", String(40)),  # since when it isn't to be shown
)

exchange_cursor = Table(
    "exchange_cursor",
    metadata,
    Column("dataset", String(128), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("frontier", Text, nullable=False),  # JSON
    Column("checkpoint", Text),  # a signed note
)

# Leaves of entries that a snapshot leaves out, and zeros for those that it has.
exchange_rest = Table(
    "exchange_rest",
    metadata,
    Column("dataset", String(128), primary_key=True),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("leaves", LargeBinary(2**24), nullable=False),  # 32 bytes an entry
)

exchange_receipt = Table(
    "exchange_receipt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset", String(128), nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # taken refused erased
    Column("code", String(64)),
    Column("reason", Text),
    Column("sent_at", String(40)),  # when the hub acknowledged it
    Index("exchange_receipt_unsent", "dataset", "sent_at"),
)

exchange_notice = Table(
    "exchange_notice",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # the hub's number
    Column("dataset", String(128), nullable=False),
    Column("key", _KEY),
    Column("act", String(32), nullable=False),
    Column("body", _LONG, nullable=False),  # as the hub gave it
    Column("taken_at", String(40), nullable=False),
    Column("confirmed_at", String(40)),
    Index("exchange_notice_by_key", "dataset", "key"),
)

exchange_hub_key = Table(
    "exchange_hub_key",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("algorithm", String(16), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("valid_from", String(40), nullable=False),
    Column("valid_until", String(40)),
)

# What may be shown: its content is that of the proven entry, not a second copy.
_SHOWN = """CREATE {replace}VIEW {absent}exchange_record AS
SELECT c.dataset, c.key, c.seq, e.recorded_at, e.standard, e.record
FROM exchange_current c JOIN exchange_entry e ON e.dataset = c.dataset AND e.seq = c.seq
WHERE c.withdrawn_at IS NULL"""
_QUOTED = {"mysql": "`key`", "mariadb": "`key`"}


def make_tables(connection: Connection) -> None:
    """Every table that isn't there yet, and the view."""
    metadata.create_all(connection)
    name = connection.dialect.name
    sqlite = name == "sqlite"
    text = _SHOWN.format(
        replace="" if sqlite else "OR REPLACE ", absent="IF NOT EXISTS " if sqlite else ""
    )
    connection.exec_driver_sql(text.replace("c.key", f"c.{_QUOTED.get(name, 'key')}"))
