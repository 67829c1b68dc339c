"""A company's page and its files: what part it has in each record, when, and inert in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.settings import Settings
from tests.publisher.portal import showcase
from tests.publisher.portal.conftest import CODE, PRODUCER, release
from tests.publisher.portal.showcase import SHOP, TODAY

BASE = "https://data.example.cn/open"
DISCLAIMER = "以下信息仅指本次抽检标称的生产企业相关产品的生产日期/批号和所检项目"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root: Path = tmp_path_factory.mktemp("subject")
    showcase.build(root)
    settings = Settings(base_url=BASE)
    portal = create_portal(root, load_catalogue(), today=lambda: TODAY, settings=settings)
    return portal.test_client()


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def table(client: FlaskClient, code: str, **more: str) -> list[dict[str, str]]:
    response = client.get(f"/subjects/{code}.csv", query_string=more)
    assert response.status_code == 200
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def test_everything_on_a_line_of_time(client: FlaskClient) -> None:
    text = page(client, f"/subjects/{CODE}")
    days = re.findall(r'<time datetime="([\d-]+)"', text)
    assert days == sorted(days, reverse=True) == ["2026-02-25", "2025-03-04", "2019-06-01"]
    assert re.findall(r'class="year">(\d{4})', text) == ["2026", "2025", "2019"]
    assert "罚款金额 <b>0.5 万元</b>" in text
    assert '<h1 lang="zh-CN">茂名荔乡食品有限公司</h1>' in text
    assert f'href="{BASE}/subjects/{CODE}"' in text
    assert DISCLAIMER not in text


def test_producer_and_sampled_shop_are_told_apart(client: FlaskClient) -> None:
    producer, shop = page(client, f"/subjects/{PRODUCER}"), page(client, f"/subjects/{SHOP}")
    assert producer.count("作为标称生产企业") == 9
    assert producer.count("作为被抽样单位") == 1  # it was both
    assert shop.count("作为被抽样单位") == 8
    assert "作为标称生产企业" not in shop
    assert '<h1 lang="zh-CN">茂名市茂南区河西百货商店</h1>' in shop
    assert DISCLAIMER in producer
    assert DISCLAIMER in shop
    english = page(client, f"/subjects/{SHOP}?lang=en")
    client.get("/?lang=zh")
    assert "as unit sampled" in english


def test_one_dataset_of_it(client: FlaskClient) -> None:
    text = page(client, f"/subjects/{CODE}?dataset=market_entity")
    assert "/records/e1" in text
    assert "/records/p1" not in text
    assert page(client, f"/subjects/{CODE}?dataset=nothing").count("/records/") == 3


def test_as_a_table_for_spreadsheets(client: FlaskClient) -> None:
    rows = table(client, CODE)
    assert [row["日期"] for row in rows] == ["2026-02-25", "2025-03-04", "2019-06-01"]
    assert rows[1]["金额"] == "罚款金额 0.5 万元"
    assert rows[1]["永久地址"] == f"{BASE}/datasets/administrative_penalty/records/p1"
    assert "茂市监处罚〔2025〕12号" in rows[1]["全部内容"]
    assert [row["身份"] for row in table(client, PRODUCER)][-1] == "标称生产企业；被抽样单位"
    assert "Permanent address" in table(client, CODE, lang="en")[0]
    client.get("/?lang=zh")


def test_as_json_for_programs(client: FlaskClient) -> None:
    response = client.get(f"/subjects/{PRODUCER.lower()}.json")
    told = json.loads(response.data)
    assert (told["code"], told["name"], told["total"]) == (PRODUCER, "茂名荔乡食品有限公司", 9)
    assert told["notes"] == [DISCLAIMER]
    assert told["records"][0]["record"]["verdict"] == "合格"
    assert f"{PRODUCER}.json" in response.headers["Content-Disposition"]


@pytest.mark.parametrize("tail", ["", ".csv", ".json"])
def test_a_company_of_whom_nothing_is_public(client: FlaskClient, tail: str) -> None:
    assert client.get(f"/subjects/91440902MA0000099X{tail}").status_code == 404


def test_what_a_department_wrote_is_inert_in_the_table(tmp_path: Path) -> None:
    wrong = [
        '=HYPERLINK("http://x")',
        "+1-2",
        "@SUM(A1)",
        "-cmd",
        "\t=1+1",
        "＝1+1",
        '"=1',
        "0012",
    ]
    rows = [
        {"record_id": f"r{n}", "subject_name": one, "uscc": CODE, "doc_no": one,
         "decided_on": "2025-01-01", "authority": one, "penalty_kinds": [one], "facts": one}
        for n, one in enumerate(wrong)
    ]  # fmt: skip
    release(tmp_path, "administrative_penalty", rows)
    client = create_portal(tmp_path, load_catalogue()).test_client()
    cells = [cell for row in table(client, CODE) for cell in row.values()]
    assert len(cells) == 10 * len(wrong)
    assert not [one for one in cells if one.lstrip('\t "').startswith(("=", "+", "-", "@", "＝"))]
    assert "0012\t" in cells


def test_a_former_name_leads_to_the_company(tmp_path: Path) -> None:
    """Whoever knows a company by what it was called finds it, and from there all that is published of it."""
    company = {
        "record_id": "0" * 16, "subject_name": "茂名荔乡食品有限公司", "uscc": CODE,
        "established_on": "2019-06-01", "former_names": ["茂名旧荔果品行"],
    }  # fmt: skip
    fine = {
        "record_id": "1" * 16, "subject_name": "茂名荔乡食品有限公司", "uscc": CODE, "doc_no": "茂市监处罚〔2026〕7号",
        "decided_on": "2026-02-25", "authority": "茂名市市场监督管理局",
    }  # fmt: skip
    release(tmp_path, "market_entity", [company])
    release(tmp_path, "administrative_penalty", [fine])
    client = create_portal(tmp_path, load_catalogue(), today=lambda: TODAY).test_client()
    found = page(client, "/search?q=旧荔果品行")
    assert "茂名荔乡食品有限公司" in found and "曾用名" in found
    assert re.search(rf'href="(?:/subjects/{CODE}|/datasets/market_entity/records/0+)"', found)
    told = page(client, f"/subjects/{CODE}")
    assert "商事主体登记信息" in told and "茂市监处罚〔2026〕7号" in told
