"""A release past its last day shows nothing, and content that was taken back is gone from the web."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.release import build_release
from tests.publisher.portal.conftest import CODE, DATASETS, ENTITIES, release
from tests.publisher.test_terms import Day

DATASET = "administrative_penalty"
UNTIL = date(2026, 2, 28)
NAME = "茂名荔乡食品有限公司"


def penalties(root: Path, upto: int = 2, **more: object) -> None:
    standard = load_catalogue().get(DATASET)
    fields = {name: field.dtype for name, field in standard.fields_for("public").items()}
    schema = {"record_id": pl.String, **fields}
    schema |= {"published_on": pl.String, "disclosed_until": pl.String, "objection": pl.String}
    rows = [
        {name: row.get(name) for name in schema}
        | {"published_on": "2025-03-05", "disclosed_until": UNTIL.isoformat()}
        | more
        for row in DATASETS[DATASET][:upto]
    ]
    build_release(root, standard, pl.DataFrame(rows, schema=schema))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    penalties(tmp_path)
    release(tmp_path, "market_entity", ENTITIES)
    return tmp_path


@pytest.fixture
def day() -> Day:
    return Day(UNTIL)


@pytest.fixture
def client(root: Path, day: Day) -> FlaskClient:
    return create_portal(root, load_catalogue(), today=day).test_client()


PATHS = (
    "", "/records/p1", "/records/none", "/releases/", "/releases/1/", "/releases/1/records.csv",
    "/releases/1/manifest.json", "/latest/records.csv",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_the_day_after_everything_of_it_is_503(client: FlaskClient, day: Day, path: str) -> None:
    before = client.get(f"/datasets/{DATASET}{path}")
    assert before.status_code == (404 if "none" in path else 302 if "latest" in path else 200)
    day.day = date(2026, 3, 1)
    after = client.get(f"/datasets/{DATASET}{path}")
    assert after.status_code == 503
    assert int(after.headers["Retry-After"]) > 0
    assert after.headers["Cache-Control"] == "no-store"
    page = after.get_data(as_text=True)
    assert "正在更新" in page
    assert NAME not in page
    tagged = client.get(f"/datasets/{DATASET}{path}", headers={"If-None-Match": "*"})
    assert tagged.status_code == 503


def test_other_pages_leave_it_out_and_say_so(client: FlaskClient, day: Day) -> None:
    assert "正在更新" not in client.get("/").get_data(as_text=True)
    day.day = date(2026, 3, 1)
    assert "正在更新" in client.get("/").get_data(as_text=True)
    for path in (f"/search?q={NAME}", f"/search?q={NAME}&dataset={DATASET}", f"/subjects/{CODE}"):
        page = client.get(path).get_data(as_text=True)
        assert "正在更新，暂未检索：行政处罚决定" in page
        assert "/records/p1" not in page
    assert "/records/e1" in client.get(f"/subjects/{CODE}").get_data(as_text=True)
    assert client.get("/subjects/none").status_code == 503  # it may be there again in a moment
    assert client.get("/healthz").json == {"datasets": 2, "updating": [DATASET]}


def test_the_next_release_ends_it(client: FlaskClient, day: Day, root: Path) -> None:
    day.day = date(2026, 3, 1)
    penalties(root, 1, disclosed_until="2027-01-01")
    page = client.get(f"/datasets/{DATASET}/records/p1").get_data(as_text=True)
    assert "公示期至" in page
    assert "2027-01-01" in page
    assert client.get(f"/datasets/{DATASET}/records/p2").status_code == 410


def test_no_page_is_kept_into_the_next_day(client: FlaskClient) -> None:
    kept = client.get(f"/datasets/{DATASET}/records/p1").headers["Cache-Control"]
    assert int(kept.partition("max-age=")[2]) <= 60


def test_a_record_under_objection_is_marked(client: FlaskClient, root: Path) -> None:
    path = f"/datasets/{DATASET}/records/p1"
    assert "异议处理中" not in client.get(path).get_data(as_text=True)
    penalties(root, objection="异议处理中")
    page = client.get(path).get_data(as_text=True)
    assert '<p class="objected"><b>异议处理中</b>' in page
    assert "Under objection" in client.get(f"{path}?lang=en").get_data(as_text=True)
    client.get("/?lang=zh")


CONTENT = ("records.csv", "records-excel.csv", "records.jsonl", "records.parquet")


@pytest.mark.parametrize("name", CONTENT)
def test_a_file_that_was_taken_back_is_410_and_names_what_follows(
    client: FlaskClient, root: Path, name: str
) -> None:
    path = f"/datasets/{DATASET}/releases/1/{name}"
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, no-cache"
    tag = first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    penalties(root, 1)
    gone = client.get(path, headers={"If-None-Match": tag})
    assert gone.status_code == 410
    page = gone.get_data(as_text=True)
    assert "第 2 版" in page
    assert f"/datasets/{DATASET}/releases/2/" in page
    problem = client.get(path, headers={"Accept": "application/json"})
    assert problem.status_code == 410
    assert problem.mimetype == "application/problem+json"
    told = json.loads(problem.data)
    assert (told["status"], told["dataset"], told["followed_by"]) == (410, DATASET, 2)


@pytest.mark.parametrize("name", ["manifest.json", "datapackage.json", "dictionary.csv"])
def test_what_has_no_record_is_kept(client: FlaskClient, root: Path, name: str) -> None:
    path = f"/datasets/{DATASET}/releases/1/{name}"
    before = client.get(path)
    penalties(root, 1)
    after = client.get(path)
    assert after.data == before.data
    assert "immutable" in after.headers["Cache-Control"]


def test_content_is_refused_even_while_it_still_lies_there(
    client: FlaskClient, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.release.erase_taken_back", lambda *_: [])
    penalties(root, 1)
    assert (root / DATASET / "1" / "records.csv").is_file()
    for name in CONTENT:
        assert client.get(f"/datasets/{DATASET}/releases/1/{name}").status_code == 410


def test_the_page_of_an_erased_release_has_its_counts_and_digests(
    client: FlaskClient, root: Path
) -> None:
    manifest = json.loads((root / DATASET / "1" / "manifest.json").read_bytes())
    penalties(root, 1)
    page = client.get(f"/datasets/{DATASET}/releases/1/").get_data(as_text=True)
    assert "已删除" in page
    for file in manifest["files"]:
        assert file["sha256"] in page
    assert f"/datasets/{DATASET}/releases/1/records.csv" not in page
    assert f"/datasets/{DATASET}/releases/1/manifest.json" in page


def test_earlier_files_stay_while_releases_only_add(client: FlaskClient, root: Path) -> None:
    penalties(root, 3)
    assert client.get(f"/datasets/{DATASET}/releases/1/records.csv").status_code == 200
