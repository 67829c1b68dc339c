"""The public page on complaints: what was released and nothing else, with what is withheld told as such."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from hub.complaints.statistic import statistics
from publisher.portal.app import create_portal
from tests.complaints.statistic_rows import COUNTIES, DAY, january, rows
from tests.publisher.shelf import release

DATASET = "complaint_statistic"
CELLS = [[10, 1, 30], [40, 50, 3], [2, 1, 1]]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root = tmp_path_factory.mktemp("complaints")
    told = statistics(rows(CELLS), DAY, "440900", COUNTIES)
    catalogue = load_catalogue()
    known = [name for name in told.columns if name in catalogue.get(DATASET).fields]
    made = told.select(known).with_columns(
        pl.format("r{}", pl.int_range(pl.len())).alias("record_id")
    )
    release(root, DATASET, made.to_dicts())
    return create_portal(root, catalogue).test_client()


def test_the_page_has_the_released_numbers(client: FlaskClient) -> None:
    page = client.get("/complaints").get_data(as_text=True)
    plain = re.sub(r"<[^>]+>", " ", page)
    assert "2026-01" in plain
    assert re.search(r"高州市\s+–", plain), "a county with four tickets is withheld"
    for row in january(CELLS).iter_rows(named=True):
        if row["received"] is not None and row["dept"] == "全部部门":
            shown = row["division_code"] == "440900" or row["category"] == "全部事项"
            assert not shown or f"{row['received']:,}" in plain
    assert "<script" not in page
    assert "style=" not in page


def test_pictures(client: FlaskClient) -> None:
    page = client.get("/complaints?lang=en").get_data(as_text=True)
    addresses = {
        one.replace("&amp;", "&")
        for one in re.findall(r'(?:src|srcset)="(/complaints/[^"]+)"', page)
    }
    assert {re.search(r"/(\w+)\.svg", one)[1] for one in addresses} >= {"counties", "categories"}  # type: ignore[index]
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    tiles = client.get(next(one for one in addresses if "counties" in one)).get_data(as_text=True)
    assert ">–<" in tiles
    old = client.get("/complaints/releases/9/counties.svg?month=2026-01")
    assert old.location.endswith("/complaints/releases/1/counties.svg?month=2026-01")
    assert client.get("/complaints/releases/1/nothing.svg").status_code == 404


def test_a_month_that_isn_t_there_is_the_last_one_and_a_download_is_offered(
    client: FlaskClient,
) -> None:
    page = client.get("/complaints?month=1999-01").get_data(as_text=True)
    assert "<h2>2026-01</h2>" in page
    assert (
        client.get(
            f"/datasets/{DATASET}/latest/records-excel.csv", follow_redirects=True
        ).status_code
        == 200
    )


def test_nothing_was_released(tmp_path: Path) -> None:
    empty = create_portal(tmp_path, load_catalogue()).test_client()
    assert empty.get("/complaints").status_code == 404
    assert empty.get("/complaints/releases/1/counties.svg").status_code == 404
