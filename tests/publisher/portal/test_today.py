"""The page of what is new, by the day of publication, and its numbers on the home page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.line_fields import _table
from publisher.portal.news_groups import groups
from tests.publisher.portal import showcase
from tests.publisher.portal.conftest import release
from tests.publisher.portal.showcase import TODAY, YESTERDAY


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("today")
    showcase.build(root)
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> FlaskClient:
    return create_portal(root, load_catalogue(), today=lambda: TODAY).test_client()


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_today_has_what_failed_and_the_official_sentence(client: FlaskClient) -> None:
    text = page(client, "/today")
    shown = [n for n in range(9) if f"/records/s{n}" in text]
    assert shown == [0, 3, 6]  # and none that passed
    assert "以下信息仅指本次抽检" in text
    assert "/records/p1" not in text
    assert 'rel="next"' not in text


def test_the_day_before_and_the_last_seven(client: FlaskClient) -> None:
    assert f'href="/today?day={YESTERDAY}"' in page(client, "/today")
    before = page(client, f"/today?day={YESTERDAY}")
    assert "/records/p1" in before
    assert "/records/l1" in before
    assert "/records/s0" not in before
    assert f'rel="next" href="/today?day={TODAY}"' in before
    week = page(client, "/today?days=7")
    assert all(f"/records/{one}" in week for one in ("p1", "l1", "s0"))


def test_a_day_without_news_leads_to_the_last_with_some(client: FlaskClient) -> None:
    text = page(client, "/today?day=2020-01-01")
    assert "没有新公示的内容" in text
    assert f"/today?day={TODAY}" in text


@pytest.mark.parametrize("asked", ["day=x", "day=2999-01-01", "days=99999", "day=0001-01-01"])
def test_odd_days_are_answered(client: FlaskClient, asked: str) -> None:
    page(client, f"/today?{asked}")


def test_the_home_page_counts_it(client: FlaskClient) -> None:
    numbers = page(client, "/").partition('class="news"')[2].partition("</ul>")[0]
    assert [part.partition("<")[0] for part in numbers.split('class="count">')[1:]] == [
        "3", "46", "1",
    ]  # fmt: skip
    assert "今日 3 条" in numbers
    assert "今日 0 条" in numbers


def test_the_same_failure_is_told_once(tmp_path: Path) -> None:
    showcase.build(tmp_path)
    failed = {"record_id": "u1", "product_name": "荔枝干", "sample_no": "S1"}
    release(tmp_path, "unqualified_product", [failed])
    text = page(
        create_portal(tmp_path, load_catalogue(), today=lambda: TODAY).test_client(), "/today"
    )
    assert "/records/s0" not in text  # it stands among the unqualified products


def test_the_tables_name_what_there_is() -> None:
    catalogue = load_catalogue()
    for source in (source for group in groups() for source in group.sources):
        standard = catalogue.get(source.dataset)
        assert source.where.keys() <= standard.fields_for("public").keys()
        assert source.unless is None or source.unless in catalogue.datasets()
    for dataset, names in _table().items():
        assert set(names) <= catalogue.get(dataset).fields_for("public").keys(), dataset


def test_nothing_released_is_no_failure(tmp_path: Path) -> None:
    client = create_portal(
        tmp_path, load_catalogue(), today=lambda: date(2026, 1, 1)
    ).test_client()
    assert "尚未发布" in page(client, "/") or "没有" in page(client, "/")
    page(client, "/today")
