"""A dataset's page: everything that one needs to trust, take and cite the data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.release_files import PROOF
from publisher.portal.settings import Settings
from tests.publisher.portal.conftest import FOOD, release
from tests.publisher.portal.penalties_by_county import DATASET, ROWS, released

PAGE = f"/datasets/{DATASET}"
SAID = Settings(
    base_url="https://data.example.cn", licence_zh="开放许可", licence_en="Open licence"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    released(folder, ROWS[:40])
    released(folder, ROWS)
    release(folder, "food_sampling_result", FOOD)
    return folder


@pytest.fixture(scope="module")
def client(root: Path) -> FlaskClient:
    return create_portal(root, load_catalogue(), settings=SAID).test_client()


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> str:
    return client.get(PAGE).get_data(as_text=True)


def test_every_file_of_the_release_can_be_taken(
    client: FlaskClient, root: Path, page: str
) -> None:
    there = {path.name for path in (root / DATASET / "2").iterdir() if path.is_file()}
    linked = set(re.findall(rf'href="{PAGE}/releases/2/([\w.-]+)"', page))
    assert there <= linked
    for name in there:
        response = client.get(f"{PAGE}/releases/2/{name}")
        assert response.status_code == 200, name
        assert response.data == (root / DATASET / "2" / name).read_bytes()
        response.close()


def test_files_have_rows_size_digest_and_purpose(page: str) -> None:
    shown = page.partition("<main")[2]  # its description for search engines names the files, too
    row = shown.split("/releases/2/records.parquet")[1].split("</tr>", maxsplit=1)[0]
    assert re.search(r"SHA-256 [0-9a-f]{64}", row)
    assert ">60<" in row
    assert "kB" in row
    assert "DuckDB" in row
    changed = page.rsplit("/releases/2/delta.csv", maxsplit=1)[-1].split("</tr>", maxsplit=1)[0]
    assert "manifest.json" in PROOF
    assert changed


def test_the_biggest_button_is_for_excel(page: str) -> None:
    assert re.search(r'class="button big" href="[^"]+/records\.xlsx"', page)


def test_what_a_release_changed_is_one_step_away(page: str) -> None:
    listed = page.split('id="releases"')[1]
    assert f"{PAGE}/releases/2/delta.csv" in listed or f"{PAGE}/changes" in listed
    assert ">20<" in listed  # added by release 2


def test_how_to_cite_it_and_under_which_licence(page: str) -> None:
    assert "开放许可" in page
    assert f"https://data.example.cn{PAGE}/releases/2/" in page
    assert "行政处罚法 第四十八条" in page
    assert f"{PAGE}/feed.atom" in page


def test_the_food_disclaimer_stands_on_every_page_of_the_dataset(client: FlaskClient) -> None:
    for tail in ("", "/table", "/charts"):
        shown = client.get(f"/datasets/food_sampling_result{tail}").get_data(as_text=True)
        assert "以下信息仅指本次抽检标称的生产企业相关产品的生产日期/批号和所检项目" in shown


def test_fields_say_what_they_mean(page: str) -> None:
    fields = page.split('id="fields"')[1]
    assert "行政处罚决定书文号" in fields
    assert "CF_WSH" in fields
    assert "取值：" in fields
    assert "cert_no" not in page
