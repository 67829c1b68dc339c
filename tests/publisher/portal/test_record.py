"""A record's page: permanent address, meaning, origin, proof; and what stays of one taken back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.deltas import DELTA, read_delta
from publisher.library import Library
from publisher.portal.app import create_portal
from publisher.portal.settings import Settings
from tests.publisher.portal import showcase
from tests.publisher.portal.showcase import DATASET, REMOVED, TODAY, YESTERDAY

BASE = "https://data.example.cn"
RECORD = f"{DATASET}/records/p1"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("record")
    showcase.build(root)
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> FlaskClient:
    settings = Settings(base_url=BASE, contact="12345")
    portal = create_portal(root, load_catalogue(), today=lambda: TODAY, settings=settings)
    return portal.test_client()


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers={"Host": "elsewhere.example"})
    assert response.status_code == status
    return response.get_data(as_text=True)


def test_permanent_addresses_are_the_sites_own(client: FlaskClient) -> None:
    text = page(client, RECORD)
    assert f'<link rel="canonical" href="{BASE}{RECORD}">' in text
    assert "elsewhere.example" not in text
    assert f"{BASE}{RECORD}" in text.partition('class="citation"')[2].partition("</span>")[0]


def test_fields_are_explained(client: FlaskClient) -> None:
    text = page(client, RECORD)
    meanings = text.partition('class="meanings"')[2].partition("</details>")[0]
    assert "CF_WSH" in meanings
    assert "来源用分号连接多个类别" in meanings
    assert "自然人" in meanings


def test_its_json_is_what_the_commitment_is_of(client: FlaskClient, root: Path) -> None:
    response = client.get(f"{RECORD}.json")
    assert response.mimetype == "application/json"
    assert json.loads(response.data)["subject_name"] == "茂名荔乡食品有限公司"
    commitment = hashlib.sha256(response.data).hexdigest()
    assert commitment in page(client, RECORD)
    delta = read_delta(root / "administrative_penalty" / "2" / DELTA)
    [row] = delta.filter(record_id="p1").rows(named=True)
    assert (row["change"], row["commitment"]) == ("changed", commitment)
    tag = response.headers["ETag"]
    assert client.get(f"{RECORD}.json", headers={"If-None-Match": tag}).status_code == 304


def test_where_there_are_no_filings_it_says_whom_to_write_to(client: FlaskClient) -> None:
    text = page(client, RECORD)
    assert "请联系市市场监督管理局" in text
    assert "12345" in text


def test_a_record_taken_back_leaves_its_tombstone(client: FlaskClient) -> None:
    text = page(client, f"{DATASET}/records/{REMOVED}", 410)
    for words in (REMOVED, YESTERDAY.isoformat(), "第 2 版", "行政处罚决定", "法律依据"):
        assert words in text
    assert "李某某" not in text
    assert page(client, f"{DATASET}/records/{REMOVED}.json", 410)
    english = page(client, f"{DATASET}/records/{REMOVED}?lang=en", 410)
    client.get("/?lang=zh")
    assert "no longer public" in english


def test_a_tombstone_for_programs(client: FlaskClient) -> None:
    path = f"{DATASET}/records/{REMOVED}.json"
    response = client.get(path, headers={"Accept": "application/json"})
    told = json.loads(response.data)
    assert response.mimetype == "application/problem+json"
    assert (told["status"], told["record_id"], told["removed_in"]) == (410, REMOVED, "2")
    assert told["reason"] == "expired"
    assert "李" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "record", ["p99", "P1", "..", "p1/", "p1.jsonl", "x" * 3000, "%00", "[p]"]
)
def test_what_never_was_public_is_absent(client: FlaskClient, record: str) -> None:
    assert client.get(f"{DATASET}/records/{record}").status_code == 404
    assert client.get(f"{DATASET}/records/{record}.json").status_code == 404


def test_several_records_at_once_are_those_that_are_there(root: Path) -> None:
    library = Library(root, load_catalogue(), lambda: TODAY)
    found = library.records("administrative_penalty", ["n1", REMOVED, "p1", "nothing"])
    assert list(found) == ["n1", "p1"]
    assert found["p1"] == library.record("administrative_penalty", "p1")
    assert library.records("nothing", ["p1"]) == {}
