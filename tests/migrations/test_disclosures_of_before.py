"""A site from when disclosures had fewer states: everything is taken over, and nothing twice."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from hub.database import connect, write
from hub.migrations.first import SCHEMA
from hub.migrations.upgrading import upgrade
from hub.tables import dataset
from hub.tables_of_review import decision, disclosure, move

# The tables as the hub made them before.
_DECISION = """
CREATE TABLE decision (id {serial}, dataset_id INTEGER NOT NULL, actor VARCHAR(64) NOT NULL,
    verdict VARCHAR(16) NOT NULL, record_ids TEXT, seq BIGINT NOT NULL, records BIGINT NOT NULL,
    reason TEXT, decided_at VARCHAR(32) NOT NULL)
"""
_DISCLOSURE = """
CREATE TABLE disclosure (dataset_id INTEGER NOT NULL, key TEXT NOT NULL,
    record_id VARCHAR(16) NOT NULL, seq BIGINT NOT NULL, view_digest {blob} NOT NULL,
    state VARCHAR(16) NOT NULL, first_by VARCHAR(64), first_at VARCHAR(32), second_by VARCHAR(64),
    second_at VARCHAR(32), reason TEXT, release INTEGER, PRIMARY KEY (dataset_id, key),
    CONSTRAINT disclosure_record UNIQUE (dataset_id, record_id))
"""
# state → first, second, reason, release
ROWS = {
    "pending": (None, None, None, None),
    "waiting": ("wang", None, None, None),  # pending, with a first approval
    "approved": ("wang", "li", None, None),
    "published": ("wang", "li", None, 3),
    "rejected": ("wang", None, "商业秘密", None),
    "blocked": (None, None, "facts", None),
    "withdrawn": (None, None, None, 2),
}
AFTER = {"waiting": "pending"}


@pytest.fixture
def engine(database_url: str) -> Engine:
    """A site with the tables of 0001, but for those that were others."""
    engine = connect(database_url)
    kinds = (
        {"serial": "INTEGER PRIMARY KEY", "blob": "BLOB"}
        if engine.dialect.name == "sqlite"
        else {"serial": "SERIAL PRIMARY KEY", "blob": "BYTEA"}
    )
    with write(engine) as connection:
        SCHEMA.create_all(connection)
        connection.execute(insert(dataset).values(id=1, name="market_entity"))
        for younger in ("exchange_erased", "exchange_erasure"):  # they refer to decisions
            connection.execute(text(f"DROP TABLE {younger}"))
        connection.execute(text("DROP TABLE disclosure"))
        connection.execute(text("DROP TABLE decision"))
        connection.execute(text(_DECISION.format(**kinds)))
        connection.execute(text(_DISCLOSURE.format(**kinds)))
        connection.execute(
            text("CREATE INDEX disclosure_by_state ON disclosure (dataset_id, state)")
        )
        _fill(connection)
    return engine


def _fill(connection: Connection) -> None:
    row = text(
        "INSERT INTO disclosure VALUES (1, :key, :id, 7, :digest, :state, :first, :at, :second, :at,"
        " :reason, :release)"
    )
    for number, (key, (first, second, reason, release)) in enumerate(ROWS.items()):
        words = {"key": key, "id": f"{number:016x}", "digest": bytes([number] * 32)}
        words |= {"state": AFTER.get(key, key), "first": first, "second": second}
        words |= {"reason": reason, "release": release, "at": "2026-11-20T01:00:00.000Z"}
        connection.execute(row, words)


def test_every_disclosure_keeps_its_state_its_people_and_its_address(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        rows = {row["key"]: row for row in connection.execute(select(disclosure)).mappings()}
        assert not inspect(connection).has_table("disclosure_before")
    assert {key: row["state"] for key, row in rows.items()} == {k: AFTER.get(k, k) for k in ROWS}
    for number, key in enumerate(ROWS):
        assert rows[key]["record_id"] == f"{number:016x}"
        assert bytes(rows[key]["view_digest"]) == bytes([number] * 32)
    for key in ("approved", "published"):
        assert (rows[key]["reviewed_by"], rows[key]["approved_by"]) == ("wang", "li")
        assert rows[key]["approved_digest"] == rows[key]["view_digest"]
    assert rows["published"]["published_on"] == "2026-11-20"
    assert rows["published"]["release"] == 3
    assert rows["rejected"]["why"] == "商业秘密"
    assert rows["waiting"]["reviewed_by"] is None  # whoever looks now examines it, too


def test_the_way_to_each_state_is_told_and_goes_on_under_the_new_rules(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        query = (
            select(move.c.state)
            .join(disclosure, disclosure.c.record_id == move.c.record_id)
            .where(disclosure.c.key == "published")
            .order_by(move.c.id)
        )
        assert list(connection.scalars(query)) == ["pending", "reviewed", "approved", "published"]
        told = set(connection.scalars(select(decision.c.reason)))
    assert told == {"taken over from an earlier version of the hub"}
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(disclosure.delete())


def test_doing_it_again_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        before = connection.execute(select(move)).all()
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(select(move)).all() == before
