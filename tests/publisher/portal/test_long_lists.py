"""Datasets with years of releases, companies with many records, and datasets with none left."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import exchange_schemas
from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from tests.publisher.portal.conftest import CODE, release

RELEASES = 21
STANDARDS = Path(exchange_schemas.__file__).parent / "standards"


def decision(number: int) -> dict[str, Any]:
    return {"record_id": f"r{number}", "subject_name": "茂名荔乡食品有限公司", "uscc": CODE,
            "doc_no": f"茂市监处罚〔2025〕{number}号", "decided_on": "2025-03-04"}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root = tmp_path_factory.mktemp("long")
    for number in range(1, RELEASES):
        release(root, "administrative_penalty", [decision(n) for n in range(number)])
    release(root, "administrative_penalty", [decision(n) for n in range(60)])
    release(root, "market_entity", [{"record_id": "e1", "subject_name": "甲", "uscc": CODE}])
    release(root, "market_entity", [])
    return create_portal(root, load_catalogue()).test_client()


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    assert len(response.data) < 60_000
    return response.get_data(as_text=True)


def test_a_dataset_shows_its_newest_releases_and_leads_to_all(client: FlaskClient) -> None:
    shown = page(client, "/datasets/administrative_penalty")
    assert shown.count('data-label="发布版"') == 10
    assert f"全部 {RELEASES} 个发布版" in shown
    listed = "/datasets/administrative_penalty/releases/"
    both = "".join(page(client, f"{listed}?page={number}") for number in (1, 2))
    numbers = [int(number) for number in re.findall(rf'"{listed}(\d+)/"', both)]
    assert numbers == list(range(RELEASES, 0, -1))
    assert "第 2 页，共 2 页" in page(client, f"{listed}?page=9")


def test_a_company_with_many_records_leads_to_all_of_them(client: FlaskClient) -> None:
    shown = page(client, f"/subjects/{CODE}")
    assert shown.count("/records/r") == 60
    assert ">60<" in shown
    everything = page(client, f"/search?q={CODE}&dataset=administrative_penalty")
    assert "找到 60 条" in everything


def test_a_dataset_with_nothing_left_still_says_what_it_was(client: FlaskClient) -> None:
    shown = page(client, "/datasets/market_entity")
    assert "商事主体登记信息" in shown
    assert "/charts/" not in shown
    assert client.get("/datasets/market_entity/records/e1").status_code == 410


def test_a_dataset_that_is_not_public_any_more_is_gone(tmp_path: Path) -> None:
    shutil.copytree(STANDARDS, tmp_path / "standards")
    [told] = (tmp_path / "standards").glob("*/market_entity/standard.yml")
    told.write_text(told.read_text("utf-8").replace("public: true", "public: false"), "utf-8")
    release(tmp_path / "site", "market_entity", [{"record_id": "e1", "subject_name": "甲乙"}])
    catalogue = load_catalogue(tmp_path / "standards")
    client = create_portal(tmp_path / "site", catalogue).test_client()
    for place in ("", "/records/e1", "/releases/", "/releases/1/", "/latest/records.csv"):
        hidden, absent = (
            client.get(f"/datasets/{dataset}{place}")
            for dataset in ("market_entity", "market_nothing")
        )
        assert hidden.status_code == absent.status_code == 404
        assert hidden.data == absent.data.replace(b"market_nothing", b"market_entity")
    assert "没有找到" in client.get("/search?q=甲乙").get_data(as_text=True)
