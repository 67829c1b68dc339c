"""A consumer from when each had one key and a list of datasets goes on as before, once."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, insert, select, update

from exchange_schemas.days import today
from hub.consumers import key_handing
from hub.consumers import keys as consumer_keys
from hub.consumers.consumer import authenticate, consumer_named
from hub.consumers.events import events_of
from hub.database import connect, write
from hub.grants.grant import grants_of
from hub.grants.tables import consumer_grant, consumer_key
from hub.migrations import before_consumers
from hub.migrations.first import SCHEMA
from hub.migrations.upgrading import upgrade
from tests.hub.ledger_data import MARKET, PENALTY


@pytest.fixture
def engine(database_url: str) -> Engine:
    """An empty database."""
    return connect(database_url)


def _of_before(engine: Engine, *consumers: tuple[str, str, str | None]) -> None:
    """A database of 0001 with rows (name, secret, revoked_at) as the hub wrote them when a consumer had one
    key and a list of datasets."""
    with write(engine) as connection:
        SCHEMA.create_all(connection)
        for name, secret, revoked_at in consumers:
            row = {
                "name": name,
                "audience": "industry",
                "association": "51440900MJ0001010D",
                "datasets": json.dumps([MARKET, PENALTY]),
                "key_hash": consumer_keys.hashed(secret),
                "salt": bytes(32),
                "created_at": "2026-01-02T03:04:05.678Z",
                "revoked_at": revoked_at,
            }
            connection.execute(insert(SCHEMA.tables["consumer"]).values(row))


def test_a_consumer_of_an_older_site_goes_on_as_before(engine: Engine) -> None:
    revoked = ("已撤销", "other", "2026-02-01T00:00:00.000Z")
    _of_before(engine, ("老平台", "secret", None), revoked)
    for _ in range(3):
        upgrade(engine)
    number = 1
    with engine.connect() as connection:
        found = authenticate(connection, f"{number}.secret")
        assert found is not None
        assert found.datasets == (PENALTY, MARKET)
        grants = grants_of(connection, found, today())
        assert {(one.audience, one.association, one.fields) for one in grants} == {
            ("industry", "51440900MJ0001010D", None)
        }
        assert authenticate(connection, "2.other") is None
        assert len(connection.execute(select(consumer_grant)).all()) == 4
        assert len(connection.execute(select(consumer_key)).all()) == 2
        events = events_of(connection, number)
    assert [one["act"] for one in events] == ["taken_over"] * 3


def test_what_was_ended_after_the_take_over_doesn_t_come_back(engine: Engine) -> None:
    _of_before(engine, ("老平台", "secret", None))
    upgrade(engine)
    with write(engine) as connection:
        who = consumer_named(connection, "老平台")
        key_handing.revoke(connection, who, "1", "lost", "operator")
        connection.execute(update(consumer_grant).values(state="revoked"))
    with write(engine) as connection:  # as if it were asked to again
        before_consumers.take_over(connection)
    with engine.connect() as connection:
        assert authenticate(connection, "1.secret") is None
        assert consumer_named(connection, "老平台").datasets == ()
