"""Delivery into a front-end exchange table, on real MariaDB and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.engine import Engine, make_url

from hub.outbound import delivering, entry_source
from hub.outbound.open_way import open_way
from hub.outbound.preparing import prepare
from hub.outbound.table import load_table
from hub.outbound.way_database import front_end_table
from tests.exchange.outbound_site import City, a_city, a_decision
from tests.services.mariadb_server import fresh_mariadb, mariadb_server
from tests.services.needs import NeedMissing
from tests.services.postgres_server import fresh_database

OPTIONS = {"table": "EX_XZCF"}


@dataclass
class FrontEnd:
    """The province's machine in the city's network."""

    engine: Engine
    way: dict[str, Any]

    def __post_init__(self) -> None:
        table = load_table("double_publicity_penalty_v2", Path(), {}, {})
        self.table = front_end_table(table, {**OPTIONS, **self.way})
        self.table.metadata.drop_all(self.engine)
        self.table.metadata.create_all(self.engine)

    def rows(self) -> list[dict[str, Any]]:
        sn = next(c for c in self.table.c if c.name.lower() == "sn")
        with self.engine.connect() as connection:
            found = connection.execute(select(self.table).order_by(sn)).mappings()
            return [{str(k).upper(): v for k, v in row.items()} for row in found]

    def judges(self, sn: int, status: int, reason: str | None = None) -> None:
        named = {column.name.lower(): column for column in self.table.c}
        told = {named["status"]: status, named["reason"]: reason}
        with self.engine.begin() as connection:
            connection.execute(update(self.table).where(named["sn"] == sn).values(told))


@pytest.fixture(scope="module")
def mariadb() -> Iterator[str]:
    try:
        with mariadb_server() as url:
            yield str(url)
    except NeedMissing as error:
        pytest.skip(str(error))


@pytest.fixture(params=["mariadb", "postgresql"])
def front(request: pytest.FixtureRequest) -> Iterator[FrontEnd]:
    if request.param == "mariadb":
        with fresh_mariadb(request.getfixturevalue("mariadb")) as url:
            yield _front(url, {})
        return
    with fresh_database(request.getfixturevalue("postgres_server_url")) as url:
        yield _front(url, {"letters": "lower"})


def _front(url: str, more: dict[str, Any]) -> FrontEnd:
    os.environ["PROVINCE_DB"] = url
    told = make_url(url)
    driver = (
        "mysql+pymysql"
        if told.get_backend_name() in ("mysql", "mariadb")
        else "postgresql+psycopg"
    )
    way = {"kind": "database", "url": "${PROVINCE_DB}", **OPTIONS, **more}
    return FrontEnd(create_engine(told.set(drivername=driver)), way)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return a_city(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}")


def test_rows_are_handed_over_once_and_answers_read_back(city: City, front: FrontEnd) -> None:
    one = a_decision(1)
    city.says([one, a_decision(2), a_decision(3)])
    city.declare("p", front.way)
    done = city.deliver("p")
    assert (done.sent, done.taken, done.error) == (1, 0, None)
    rows = front.rows()
    assert [(row["SN"], row["STATUS"], row["OPT_TYPE"]) for row in rows] == [
        (1, 0, "I"), (2, 0, "I"), (3, 0, "I")
    ]  # fmt: skip
    assert rows[0]["CF_XDR_MC"] == "茂名市沉香湾食品有限公司"
    front.judges(1, 1)
    front.judges(2, 2, "处罚依据不规范")
    done = city.deliver("p")
    assert (done.taken, done.refused, done.error) == (1, 1, None)
    assert city.delivery_states() == ["sent"]
    city.says([{**one, "content": "罚款 6000 元。"}])
    assert city.deliver("p").error is None
    assert front.rows()[-1]["OPT_TYPE"] == "U"
    front.judges(3, 1)
    front.judges(4, 1)
    assert city.deliver("p").taken == 2
    assert set(city.delivery_states()) == {"answered"}
    assert city.entry_states() == {2: "refused"}


def test_inserting_again_changes_nothing(city: City, front: FrontEnd) -> None:
    city.says([a_decision(1), a_decision(2)])
    city.declare("p", front.way)
    desk = city.desk("p")
    entry_source.extend(desk)
    number = prepare(desk).delivery
    assert number is not None
    open_way(desk).send(delivering._begin(desk, number))  # and dies before it is written down
    front.judges(1, 1)
    done = city.deliver("p")
    assert (done.taken, done.error) == (1, None)
    assert [(row["SN"], row["STATUS"]) for row in front.rows()] == [(1, 1), (2, 0)]
    assert city.delivery_states() == ["sent"]


def test_a_machine_that_is_away_or_without_the_table_is_told(city: City, front: FrontEnd) -> None:
    city.says([a_decision(1)])
    city.declare("p", front.way)
    front.table.metadata.drop_all(front.engine)
    done = city.deliver("p")
    assert done.error is not None
    assert done.error.issue.code == "query_failed"
    front.table.metadata.create_all(front.engine)
    assert city.deliver("p").error is None
    assert len(front.rows()) == 1
