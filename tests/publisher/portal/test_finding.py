"""The search page: what it understands, what narrows it, how it goes on, what it says of nothing."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.highlight import marked
from tests.publisher.portal import showcase
from tests.publisher.portal.conftest import CODE, PRODUCER
from tests.publisher.portal.showcase import SHOP, TODAY

RECORD = re.compile(r'/datasets/(\w+)/records/(\w+)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root: Path = tmp_path_factory.mktemp("finding")
    showcase.build(root)
    return create_portal(root, load_catalogue(), today=lambda: TODAY).test_client()


def page(client: FlaskClient, **words: str) -> str:
    response = client.get("/search", query_string=words)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def found(text: str) -> set[str]:
    return {record for _, record in RECORD.findall(text)}


@pytest.mark.parametrize(
    ("words", "record"),
    [
        ("荔乡", "p1"),
        (CODE.lower(), "p1"),
        (" 9144 0902 ma00 0001 5x ", "p1"),
        ("９１４４０９０２ＭＡ０００００１５Ｘ", "e1"),
        ("茂市监处罚[2025]12号", "p1"),
        ("荔枝干", "s3"),
        ("20260101/A1", "s3"),  # a batch
        ("河西百货", "s3"),  # a sampled shop
        ("XBJ26440900000003", "s3"),
    ],
)
def test_it_understands(client: FlaskClient, words: str, record: str) -> None:
    assert record in found(page(client, q=words))


@pytest.mark.parametrize("code", [CODE, f"{CODE[:4]} {CODE[4:]}".lower(), SHOP])
def test_a_credit_code_offers_its_company_first(client: FlaskClient, code: str) -> None:
    text = page(client, q=code)
    plain = "".join(code.split()).upper()
    assert text.index('class="company"') < text.find('class="hits"') % 10**9
    assert f'/subjects/{plain}"' in text
    assert 'class="company"' not in page(client, q="荔乡")
    assert 'class="company"' not in page(client, q="91440902MA0000099X")


def test_what_was_found_is_marked_as_it_is_written() -> None:
    assert marked("茂市监罚〔2023〕12号", "监罚(2023)1") == "茂市<mark>监罚〔2023〕1</mark>2号"
    assert marked("<b>高州</b>", "高州 b") == (
        "&lt;<mark>b</mark>&gt;<mark>高州</mark>&lt;/<mark>b</mark>&gt;"
    )
    assert marked("ＡＢＣabc", "bca") == "Ａ<mark>ＢＣa</mark>bc"
    assert marked(None, "x") == marked("", "x") == ""
    assert marked("aaa", "aa  ") == "<mark>aaa</mark>"
    assert marked("高州", "〔〕") == "高州"


def links(text: str, facet: str) -> dict[str, int]:
    """address → count of a facet's links."""
    part = text.partition(f'id="facet-{facet}"')[2].partition("</ul>")[0]
    pairs = re.findall(r'href="([^"]+)"[^>]*>.*?class="count">([\d,]+)<', part)
    return {unescape(address): int(count.replace(",", "")) for address, count in pairs}


@pytest.mark.parametrize("facet", ["dataset", "department", "county"])
def test_each_filter_leads_to_as_many_as_it_says(client: FlaskClient, facet: str) -> None:
    offered = links(page(client, q="荔"), facet)
    assert offered
    for address, count in offered.items():
        text = client.get(address).get_data(as_text=True)
        assert f"找到 {count} 条" in text
        assert facet in address
        assert 'class="chosen"' in text


def test_kinds_are_offered_within_one_dataset_and_in_words(client: FlaskClient) -> None:
    assert not links(page(client, q="荔"), "kind")
    text = page(client, q="", dataset="abnormal_operation_list")
    assert "未按照规定期限公示年度报告" in text or "年度报告" in text
    [(address, count)] = links(text, "kind").items()
    assert count == 1
    assert "找到 1 条" in client.get(address).get_data(as_text=True)


def test_a_filter_can_be_taken_off_and_goes_along_with_the_next_search(
    client: FlaskClient,
) -> None:
    text = page(client, q="高州", dataset="administrative_penalty", since="2022-01-01")
    assert text.count('<input type="hidden" name="dataset" value="administrative_penalty">') == 2
    chosen = text.partition('class="chosen"')[2].partition("</ul>")[0]
    taken_off = [unescape(one) for one in re.findall('href="([^"]+)"', chosen)]
    assert len(taken_off) == 2
    assert all(("dataset=" in one) != ("since=" in one) for one in taken_off)


def test_days_narrow_it(client: FlaskClient) -> None:
    assert found(page(client, q="荔乡", since="2026-02-25")) == {"l1"}
    assert "p1" in found(page(client, q="荔乡", until="2025-12-31"))
    assert "起始日期晚于截止日期" in page(client, q="荔乡", since="2026-01-02", until="2026-01-01")
    assert found(page(client, q="荔乡", since="nonsense")) == found(page(client, q="荔乡"))


def test_it_goes_on_until_everything_was_shown_once(client: FlaskClient) -> None:
    address, seen = "/search?q=高州&dataset=administrative_penalty", list[str]()
    while address:
        text = client.get(address).get_data(as_text=True)
        assert "找到 45 条" in text
        seen += [record for _, record in RECORD.findall(text)]
        more = NEXT.search(text)
        address = unescape(more[1]) if more else ""
        assert bool(more) == (len(seen) < 45)
    assert sorted(seen) == sorted(f"n{n}" for n in range(45))
    assert "第一页" in text


def test_nothing_found_says_what_to_try(client: FlaskClient) -> None:
    text = page(client, q="高州", dataset="market_entity")
    assert "没有找到“高州”" in text
    assert 'href="/search?q=%E9%AB%98%E5%B7%9E"' in text  # without the filter
    assert "没有找到" in page(client, dataset="market_entity", since="2100-01-01")


def test_the_start_offers_datasets(client: FlaskClient) -> None:
    text = page(client)
    assert "/search?dataset=food_sampling_result" in text
    assert 'class="hits"' not in text


@pytest.mark.parametrize(
    "words",
    ["dataset=nothing&q=x", "department=x&county=x&kind=x", "kind=%00", "after=x&q=高州",
     "after=-1&q=高州", "since=9999-99-99&q=x", "q=%F0%9F%92%A9", f"q={'高 ' * 200}",
     f"department={'x' * 5000}"],
)  # fmt: skip
def test_odd_questions_are_answered(client: FlaskClient, words: str) -> None:
    assert client.get(f"/search?{words}").status_code == 200


def test_the_official_sentence_stands_beside_samplings(client: FlaskClient) -> None:
    assert "以下信息仅指本次抽检" in page(client, q="荔枝干")
    assert "以下信息仅指本次抽检" not in page(client, q="高州")


def test_a_producer_is_found_by_its_own_code_only(client: FlaskClient) -> None:
    assert found(page(client, q=PRODUCER)) == {f"s{n}" for n in range(9)}
