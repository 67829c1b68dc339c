"""The same queries over copies that stand in the storage, for several machines on one PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from exchange_schemas.errors import Misdeclared
from hub.analysis import columns, computing
from hub.analysis.shelf import shelf
from hub.site import create_site
from tests.analysis.an_analysis import PARTLY
from tests.analysis.conftest import Place
from tests.analysis.test_columns import held, position, said
from tests.hub.ledger_data import MARKET, a_company, put
from tests.services.s3_server import s3_server


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A storage, and the setting that says so."""
    with s3_server() as endpoint:
        url = f"http://{endpoint}"
        keys = {"aws_access_key_id": "root", "aws_secret_access_key": "root"}
        boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys).create_bucket(
            Bucket="lake"
        )
        told = {
            "URL": "s3://lake/city",
            "ENDPOINT": url,
            "ACCESS_KEY": "root",
            "SECRET_KEY": "root",
        }
        for name, value in told.items():
            monkeypatch.setenv(f"HUB_STORAGE_{name}", value)
        monkeypatch.setenv("HUB_COLUMNS", "storage")
        yield url


def test_copies_in_the_storage_say_what_the_ledger_says(place: Place, lake: str) -> None:
    put(place.engine, MARKET, [a_company(n) for n in range(20)])
    assert held(place).equals(said(place))
    put(place.engine, MARKET, [a_company(1, phone="x"), a_company(30)], [a_company(2)])
    assert held(place).equals(said(place))
    found = position(place)
    assert shelf(place.site, MARKET).names() == {"position.json", *found.files}
    assert not list(place.site.columns.rglob("*.parquet"))


def test_two_machines_share_one_copy(place: Place, lake: str, tmp_path: Path) -> None:
    other = replace(place, site=create_site(tmp_path / "elsewhere"))
    put(place.engine, MARKET, [a_company(n) for n in range(5)])
    first = position(place)
    assert position(other) == first
    put(place.engine, MARKET, [a_company(9)])
    assert position(other).deltas
    assert held(place).equals(said(place))


def test_an_analysis_over_the_storage(place: Place, lake: str) -> None:
    put(place.engine, MARKET, [a_company(n) for n in range(5)])
    found = computing.compute(place.site, place.engine, [PARTLY])
    assert found["partly"]["consumer_warning"]["added"] == 5


def test_what_is_thrown_away_is_gone_there(place: Place, lake: str) -> None:
    put(place.engine, MARKET, [a_company(1)])
    position(place)
    with place.engine.connect() as connection:
        columns.forget(place.site, connection, MARKET)
    assert shelf(place.site, MARKET).names() == set()
    assert held(place).equals(said(place))


def test_a_setting_that_nobody_knows(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_COLUMNS", "elsewhere")
    with pytest.raises(Misdeclared) as refused:
        shelf(place.site, MARKET)
    assert refused.value.issue.code == "columns_setting"
