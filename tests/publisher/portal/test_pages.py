"""The portal's pages, files and manners, without a browser."""

from __future__ import annotations

import hashlib
import json

import pytest
from flask.testing import FlaskClient

from publisher.erasing import KEPT
from tests.publisher.portal.conftest import CODE, PRODUCER, SCRIPT

PAGES = (
    "/",
    "/about",
    "/search",
    "/search?q=茂名",
    "/search?q=没有这个",
    "/today",
    "/verification",
    "/accessibility",
    "/datasets/administrative_penalty",
    "/datasets/administrative_penalty/table",
    "/datasets/administrative_penalty/charts",
    "/datasets/administrative_penalty/records/p1",
    "/datasets/administrative_penalty/releases/",
    "/datasets/administrative_penalty/releases/1/",
    f"/subjects/{CODE}",
)


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.get_data(as_text=True)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("lang", "word"), [("zh", "市场监管数据开放平台"), ("en", "Open data of market")]
)
def test_every_page_in_both_languages(
    client: FlaskClient, path: str, lang: str, word: str
) -> None:
    page = text(client, f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert word in page
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
    assert len(page.encode()) < 60_000
    assert "<script" not in page.replace('<script type="application/ld+json">', "")  # is data
    client.get("/?lang=zh")


def test_the_language_is_remembered(client: FlaskClient) -> None:
    client.get("/?lang=en")
    assert "About this data" in text(client, "/about")
    client.get("/?lang=zh")
    assert "关于本站数据" in text(client, "/about")


def test_home_says_what_there_is_and_what_is_new(client: FlaskClient) -> None:
    page = text(client, "/")
    for words in ("行政处罚决定", "商事主体登记信息", "47 条", "第 2 版", "市市场监督管理局"):
        assert words in page


def test_dataset_page(client: FlaskClient) -> None:
    page = text(client, "/datasets/administrative_penalty")
    for words in (
        "行政处罚法",
        "CF_WSH",
        "records-excel.csv",
        "/charts/time.svg",
        "datapackage.json",
    ):
        assert words in page
    assert "cert_no" not in page


@pytest.mark.parametrize(
    "query",
    ["荔乡", CODE, CODE[:10], "茂市监处罚〔2025〕12号", "茂市监处罚(2025)12号", "2025]12"],
)
def test_search_by_name_code_and_document_number(client: FlaskClient, query: str) -> None:
    page = client.get("/search", query_string={"q": query}).get_data(as_text=True)
    assert "/datasets/administrative_penalty/records/p1" in page


def test_search_finds_a_sampling_by_its_producer(client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": "荔乡食品"}).get_data(as_text=True)
    assert "/datasets/food_sampling_result/records/f1" in page


@pytest.mark.parametrize(
    "words",
    [
        "q=" + "x" * 9_999,
        "q=高州&after=999999999",
        "q=高州&since=2025-99-99&until=x",
        "q=%00",
        'q=")%20OR%20("',
    ],
)
def test_odd_searches_are_answered(client: FlaskClient, words: str) -> None:
    assert client.get(f"/search?{words}").status_code == 200


def test_record_page_shows_codes_by_their_titles_and_markup_as_text(client: FlaskClient) -> None:
    page = text(client, "/datasets/administrative_penalty/records/p1")
    assert "法人" in page
    assert "&lt;script&gt;" in page
    assert SCRIPT not in page
    assert f"/subjects/{CODE}" in page


def test_english_pages_tell_codes_in_english_and_what_stays_chinese(client: FlaskClient) -> None:
    page = text(client, "/datasets/administrative_penalty/records/p1?lang=en")
    client.get("/?lang=zh")
    assert '<dd lang="en">Legal person or unincorporated organisation</dd>' in page
    assert '<dd lang="zh-CN">茂名荔乡食品有限公司</dd>' in page


def test_a_record_says_how_to_cite_it(client: FlaskClient) -> None:
    page = text(client, "/datasets/administrative_penalty/records/p1")
    assert "市市场监督管理局. 行政处罚决定：第 2 版，记录 p1[DS/OL]" in page
    assert "http://localhost/datasets/administrative_penalty/records/p1" in page


def test_a_producer_is_not_called_by_the_name_of_its_food(client: FlaskClient) -> None:
    page = text(client, f"/subjects/{PRODUCER}")
    assert '<h1 lang="zh-CN">茂名荔乡食品有限公司</h1>' in page
    assert "荔枝干" in page


def test_a_company_across_datasets(client: FlaskClient) -> None:
    page = text(client, f"/subjects/{CODE}")
    assert "/datasets/administrative_penalty/records/p1" in page
    assert "/datasets/market_entity/records/e1" in page
    assert "/records/e1" in text(client, f"/subjects/{CODE.lower()}")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/datasets/nothing",
        "/datasets/abnormal_operation_list",  # known, nothing released
        "/datasets/administrative_penalty/records/none",
        "/datasets/administrative_penalty/releases/99/",
        "/datasets/administrative_penalty/releases/1/other.csv",
        "/datasets/administrative_penalty/releases/1/..%2f..%2fmarket_entity%2f1%2frecords.csv",
        "/datasets/..%2f..%2fetc/releases/1/records.csv",
        "/datasets/%2e%2e/latest/passwd",
        "/datasets/nothing/releases/",
        "/datasets/administrative_penalty/releases/0/",
        "/subjects/none",
    ],
)
def test_absent_and_hidden_are_the_same_404(client: FlaskClient, path: str) -> None:
    assert "没有这个页面" in text(client, path, 404)


def test_files_are_those_of_the_manifest(client: FlaskClient) -> None:
    folder = "/datasets/administrative_penalty/releases/2"
    manifest = json.loads(client.get(f"{folder}/manifest.json").data)
    for file in manifest["files"]:
        response = client.get(f"{folder}/{file['name']}")
        assert hashlib.sha256(response.data).hexdigest() == file["sha256"]
        kept = "immutable" if file["name"] in KEPT else "no-cache"  # records may be taken back
        assert kept in response.headers["Cache-Control"]
        assert "attachment" in response.headers["Content-Disposition"]
        assert response.mimetype == file["media_type"]
    moved = client.get("/datasets/administrative_penalty/latest/records.csv")
    assert moved.headers["Location"] == f"{folder}/records.csv"


def test_headers_of_pages(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    again = client.get("/", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_for_machines(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"datasets": 3, "updating": []}
    assert "Disallow: /search" in text(client, "/robots.txt")
