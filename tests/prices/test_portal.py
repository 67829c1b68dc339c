"""Prices on the portal: released ones alone, with pictures and files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import Client

from hub.analysis import computing
from hub.analysis.analyses import find
from hub.database import look
from hub.prices import showing
from hub.prices.deciding import decide
from hub.prices.tables import RELEASE
from hub.publishing import publish
from publisher.portal.app import create_portal
from tests.analysis.conftest import Place
from tests.hub.ledger_data import put
from tests.prices.price_data import calm, days_until, records
from tests.prices.test_alerts import NOW, TEXT, desk, jumped
from tests.reviewing import appoint, release

OFFICE = "development_reform"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: the portal reads no database."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


def published(place: Place, dataset: str) -> None:
    release(place.engine, dataset)
    publish(place.site, place.engine, place.catalogue, dataset)


@pytest.fixture
def portal(place: Place) -> Client:
    """Three points of one item, and another; its alert isn't released."""
    rows = []
    for point in range(3):
        more = {"point_code": f"JC{point}", "point_name": f"第{point}市场"}
        rows += records(jumped(5), days_until(NOW, 100), **more)
    other = {
        "item_code": "060200",
        "item_name": "红玉/600",
        "category": "水果",
        "grade_spec": "=1+1",
    }
    rows += records(calm, days_until(NOW - timedelta(days=60), 10), **other)
    put(place.engine, "price_monitoring", rows)
    appoint(place.engine, department=OFFICE)
    computing.compute(place.site, place.engine, [find("prices")], day=NOW)
    published(place, "price_monitoring")
    return create_portal(place.site.releases, place.catalogue).test_client()


def number_of(place: Place) -> tuple[str, str]:
    with look(place.engine) as connection:
        (one,) = showing.alerts(place.site, connection, place.catalogue).to_dicts()
    return one["alert_no"], one["id"]


def test_items_and_their_pictures(portal: Client, place: Place) -> None:
    page = portal.get("/prices")
    assert page.status_code == 200
    assert page.text.count('<tr><th scope="row">') == 2 and "红玉/600" in page.text
    assert "共 2 个品种" in page.text
    assert "黄色" not in page.text  # nobody released it
    assert "没有这个名称" in portal.get("/prices?q=没有").text
    _, item = number_of(place)
    for name in ("small", "0"):
        picture = portal.get(f"/prices/{item}/releases/1/{name}.svg")
        assert picture.status_code == 200 and picture.text.startswith("<svg")
        assert "<script" not in picture.text and "style=" not in picture.text
    assert portal.get(f"/prices/{item}/releases/9/0.svg").status_code == 302
    for wrong in (
        f"/prices/{item}/releases/1/7.svg",
        f"/prices/{item}/releases/1/x.svg",
        "/prices/0123",
        "/prices/0123.csv",
    ):
        assert portal.get(wrong).status_code == 404


def test_an_item_with_its_points_and_files(portal: Client, place: Place) -> None:
    _, item = number_of(place)
    page = portal.get(f"/prices/{item}").text
    assert all(f"第{point}市场" in page for point in range(3))
    lines = portal.get(f"/prices/{item}.csv").data.decode("utf-8-sig").split("\r\n")
    assert len(lines) == 302 and lines[0].startswith("品名,")
    assert "'=1+1" in portal.get("/prices.csv").data.decode("utf-8-sig")
    assert "Latest price at every point" in portal.get(f"/prices/{item}?lang=en").text


def test_a_released_alert_is_shown_and_nothing_secret_of_it(portal: Client, place: Place) -> None:
    number, item = number_of(place)
    decide(place.site, desk(place, "sun"), number, RELEASE, "内部理由", TEXT)
    assert TEXT not in portal.get("/prices").text  # not before two people approved it
    published(place, "price_alert")
    for path in ("/prices", f"/prices/{item}"):
        page = portal.get(path).text
        assert TEXT in page and "黄色预警" in page
        assert "内部理由" not in page and "异常程度" not in page
    assert 'fill="#d9a400"' in portal.get(f"/prices/{item}/releases/1/0.svg").text


def test_without_prices_there_is_no_page(tmp_path: Path, place: Place) -> None:
    assert (
        create_portal(tmp_path / "none", place.catalogue).test_client().get("/prices").status_code
        == 404
    )
