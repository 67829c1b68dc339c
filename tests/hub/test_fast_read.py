"""Rows read in one go are what the driver gives row by row, on both databases."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    select,
)

from hub.database import connect, write
from hub.fast_read import read_texts

THING = Table(
    "fast_read_thing", MetaData(),
    Column("number", Integer, primary_key=True),
    Column("word", String(40)),
    Column("digest", LargeBinary),
    Column("day", String(10)),
)  # fmt: skip

words = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "word": words, "digest": st.none() | st.binary(min_size=1, max_size=32),
            "day": st.none() | st.dates().map(str),
        }
    ),
    max_size=20,
)  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows)
def test_the_same_rows(database_url: str, found: list[dict[str, object]]) -> None:
    engine = connect(database_url)
    numbered = [{"number": n, **row} for n, row in enumerate(found)]
    THING.drop(engine, checkfirst=True)
    THING.create(engine)
    with write(engine) as connection:
        if numbered:
            connection.execute(insert(THING), numbered)
        read = read_texts(connection, list(THING.c), THING.c.number >= 0)
        slow = connection.execute(select(THING).order_by(THING.c.number)).mappings().all()
    told = sorted(read.rows(named=True), key=lambda row: int(row["number"]))
    assert told == [
        {
            **row,
            "number": str(row["number"]),
            "digest": None if row["digest"] is None else bytes(row["digest"]).hex(),
        }
        for row in slow
    ]
    engine.dispose()
