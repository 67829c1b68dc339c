"""Consumers and their keys."""

import base64
import hashlib

import pytest
from sqlalchemy import Engine, select

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from hub.consumers.consumer import (
    add_consumer,
    authenticate,
    check_association,
    check_grants,
    list_consumers,
    revoke,
)
from hub.database import write
from hub.tables import consumer
from tests.hub.ledger_data import MARKET, PENALTY, made

MEMBERS = "member_credit_record"


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def added(engine: Engine, name: str = "省平台", audience: str = "government") -> str:
    with write(engine) as connection:
        return add_consumer(connection, name, audience, [PENALTY, MARKET])


def test_a_key_has_256_bits_and_only_its_hash_is_kept(engine: Engine) -> None:
    key = added(engine)
    number, _, secret = key.partition(".")
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    with engine.connect() as connection:
        row = connection.execute(select(consumer)).mappings().one()
        assert row["id"] == int(number)
        assert row["key_hash"] == hashlib.sha256(secret.encode()).hexdigest()
        assert not any(secret in str(value) for value in row.values())
        found = authenticate(connection, key)
    assert found is not None
    assert (found.name, found.audience, found.datasets) == (
        "省平台",
        "government",
        (PENALTY, MARKET),
    )
    assert found.salt.hex() not in repr(found)


def test_nothing_else_opens(engine: Engine) -> None:
    key, other = added(engine), added(engine, "另一平台", "industry")
    number, _, secret = key.partition(".")
    wrong = [
        "",
        ".",
        "1",
        f"{number}.",
        f".{secret}",
        f"9{number}.{secret}",
        f"{number}.{secret}x",
        f"{number}.{secret[:-1]}",
        f"{number}.{other.partition('.')[2]}",
        f"-{number}.{secret}",
        f"{number} .{secret}",
        f"{'9' * 40}.{secret}",
        f"１.{secret}",
        "\ud800.x".encode("utf-8", "replace").decode(),
    ]
    with engine.connect() as connection:
        assert [key for key in wrong if authenticate(connection, key)] == []


def test_salts_and_keys_differ(engine: Engine) -> None:
    first, second = added(engine, "a"), added(engine, "b")
    with engine.connect() as connection:
        salts = {one.salt for one in list_consumers(connection)}
    assert len(salts) == 2
    assert first.partition(".")[2] != second.partition(".")[2]


def test_a_revoked_key_is_worthless(engine: Engine) -> None:
    key = added(engine)
    with write(engine) as connection:
        revoke(connection, "省平台")
    with engine.connect() as connection:
        assert authenticate(connection, key) is None
        assert list_consumers(connection)[0].revoked_at is not None
    with pytest.raises(Misdeclared) as error, write(engine) as connection:
        revoke(connection, "省平台")
    assert error.value.issue.code == "consumer_unknown"


@pytest.mark.parametrize(
    ("audience", "code"),
    [("public", "audience_public"), ("sealed", "audience_unknown"), ("", "audience_unknown")],
)
def test_the_public_and_unknown_audiences_are_refused(
    engine: Engine, audience: str, code: str
) -> None:
    with pytest.raises(Misdeclared) as error:
        added(engine, audience=audience)
    assert error.value.issue.code == code
    with engine.connect() as connection:
        assert list_consumers(connection) == []


def test_an_association_is_asked_for_where_records_belong_to_one(engine: Engine) -> None:
    catalogue, own = load_catalogue(), "51440900MJ0001010D"
    check_association(catalogue, "industry", [MEMBERS], own)
    check_association(catalogue, "industry", [MARKET], None)
    check_association(catalogue, "government", [MEMBERS], None)
    wrong = [
        ("industry", [MARKET, MEMBERS], None, "association_missing"),
        ("government", [MEMBERS], own, "association_needless"),
        ("industry", [MARKET], own, "association_needless"),
    ]
    for audience, datasets, association, code in wrong:
        with pytest.raises(Misdeclared) as error:
            check_association(catalogue, audience, datasets, association)
        assert error.value.issue.code == code
    with write(engine) as connection:
        key = add_consumer(connection, "协会", "industry", [MEMBERS], own)
        found = authenticate(connection, key)
    assert found is not None
    assert found.association == own


@pytest.mark.parametrize("code", ["", "51440900MJ0001010E", "51440900MJ0001010", "茂名水产协会"])
def test_an_association_is_a_credit_code(engine: Engine, code: str) -> None:
    with pytest.raises(Misdeclared) as error, write(engine) as connection:
        add_consumer(connection, "协会", "industry", [MEMBERS], code)
    assert error.value.issue.code == "association_wrong"


def test_a_name_can_be_used_once(engine: Engine) -> None:
    added(engine)
    with pytest.raises(Misdeclared) as error:
        added(engine)
    assert error.value.issue.code == "consumer_exists"


def test_only_known_datasets_can_be_granted() -> None:
    check_grants(load_catalogue(), [MARKET])
    with pytest.raises(Misdeclared) as error:
        check_grants(load_catalogue(), [MARKET, "nothing"])
    assert error.value.issue.code == "dataset_unknown"
