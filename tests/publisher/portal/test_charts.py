"""Charts: what they count, how they are drawn, and that nothing in them runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal import drawing
from publisher.portal.app import create_portal
from publisher.portal.chart_data import every_month, every_year
from publisher.portal.chart_specs import (
    INK,
    NOTHING,
    ON_STEPS,
    QUIET,
    STEPS,
    Point,
    Square,
    bars,
    columns,
    steps,
    tiles,
)
from tests.publisher.portal.penalties_by_county import DATASET, HOSTILE, ROWS, released

PAGE = f"/datasets/{DATASET}/charts"
PICTURE = f"/datasets/{DATASET}/releases/1/charts/"
TAG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root = tmp_path_factory.mktemp("charts")
    released(root)
    return create_portal(root, load_catalogue()).test_client()


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{TAG}text")]  # noqa: S314


def test_periods_without_records_have_their_place() -> None:
    assert every_month(["2024-11", "2025-02"]) == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert every_year(["2019", "2022"]) == ["2019", "2020", "2021", "2022"]
    assert every_year([]) == every_month([]) == []
    assert every_year(["0202", "2020"]) == ["0202", "2020"]
    assert every_month(["0202-01", "2020-01"]) == ["0202-01", "2020-01"]


def test_steps_of_colour_are_round_and_reach_the_most() -> None:
    assert steps(0) == [1]
    assert steps(4) == [1, 2, 3, 4]
    assert steps(12_033) == [1, 3_000, 6_000, 9_000, 12_000]
    for most in (1, 7, 99, 101, 1_000_000):
        found = steps(most)
        assert found == sorted(set(found))
        assert len(found) <= len(STEPS)
        assert found[-1] <= most


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_text_stands_out_and_steps_differ_in_lightness() -> None:
    for ground, text in [*zip(STEPS, ON_STEPS, strict=True), (NOTHING, INK), ("#ffffff", QUIET)]:
        assert contrast(ground, text) >= 4.5
    lights = [luminance(colour) for colour in STEPS]
    assert all(light > 1.25 * dark for light, dark in pairwise(lights))


@pytest.mark.parametrize("narrow", [False, True])
def test_hostile_names_are_text_in_each_kind_of_chart(narrow: bool) -> None:
    points = [Point("a", HOSTILE, 4), Point("b", "乙", 2)]
    squares = [Square("a", HOSTILE, 4, 0, 0), Square("b", "乙", 2, 1, 0)]
    for spec in (bars(points, narrow), columns(points, narrow), tiles(squares, narrow)):
        svg = drawing.svg(spec)
        tree = ET.fromstring(svg)  # noqa: S314
        tags = {node.tag.removeprefix(TAG) for node in tree.iter()}
        assert tags <= {"svg", "g", "path", "rect", "text", "line", "title", "defs",
                        "linearGradient", "stop", "clipPath"}  # fmt: skip
        names = {name for node in tree.iter() for name in node.attrib}
        assert not {name for name in names if name == "style" or name.startswith("on")}
        assert any(HOSTILE[:10] in text for text in texts(svg))


@pytest.mark.parametrize("narrow", [False, True])
def test_any_name_can_be_drawn(narrow: bool) -> None:
    words = [
        "𠮷" * 60,
        "a\0b\x1b\ufffe",
        "é" * 9,
        "\u202eרע",
        "😀" * 30,
        "长" * 200,
        "",
        "x" * 500,
    ]
    points = [Point(str(n), word, n + 1) for n, word in enumerate(words)]
    squares = [Square(str(n), word, n + 1, n % 3, n // 3) for n, word in enumerate(words)]
    for spec in (bars(points, narrow), columns(points, narrow), tiles(squares, narrow)):
        ET.fromstring(drawing.svg(spec))  # noqa: S314


def test_names_that_are_shortened_alike_keep_bars_of_their_own() -> None:
    points = [
        Point("a", "长" * 40 + "甲", 4),
        Point("b", "长" * 40 + "乙", 3),
        Point("c", "丙", 1),
    ]
    told = texts(drawing.svg(bars(points, narrow=True)))
    assert {"4", "3", "1"} <= set(told)
    assert len({text for text in told if text.startswith("长")}) == 2


def test_the_page_has_every_chart_with_its_numbers(client: FlaskClient) -> None:
    page = client.get(PAGE).get_data(as_text=True)
    for name in ("time", "county", "department", "kind"):
        assert f"{PICTURE}{name}.svg" in page
    assert "<details" in page
    assert f"/datasets/{DATASET}/table?county=440981" in page
    months = [row["decided_on"][:7] for row in ROWS]
    assert all(month in page for month in set(months))
    assert "<script>" not in page


def test_charts_follow_the_filters(client: FlaskClient) -> None:
    told = texts(client.get(f"{PICTURE}county.svg?since=2025-01-01").get_data(as_text=True))
    late = [row for row in ROWS if row["decided_on"] >= "2025-01-01"]
    wanted = str(sum(row["division_code"] == "440981" for row in late))
    assert {"高州市", wanted} <= set(told)
    page = client.get(f"{PAGE}?since=2025-01-01&q=茂市监").get_data(as_text=True)
    assert "since=2025-01-01" in page.split("county.svg?")[1][:40]


def test_a_picture_is_kept_by_its_address(client: FlaskClient) -> None:
    found = client.get(f"{PICTURE}time.svg")
    assert found.mimetype == "image/svg+xml"
    assert "immutable" in found.headers["Cache-Control"]
    assert "Cookie" not in found.headers.get("Vary", "")
    assert "Set-Cookie" not in found.headers
    same = client.get(f"{PICTURE}time.svg", headers={"If-None-Match": found.headers["ETag"]})
    assert same.status_code == 304
    client.set_cookie("lang", "en")
    assert "高州市" in texts(client.get(f"{PICTURE}county.svg").get_data(as_text=True))
    english = client.get(f"{PICTURE}county.svg?lang=en").get_data(as_text=True)
    client.delete_cookie("lang")
    assert "Gaozhou City" in texts(english)


@pytest.mark.parametrize("name", ["other.svg", "time.svg?q=没有这样的", "..%2ftime.svg"])
def test_what_cannot_be_drawn_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(PICTURE + name).status_code == 404


def test_an_old_address_leads_to_the_current_release(tmp_path: Path) -> None:
    released(tmp_path, ROWS[:30])
    released(tmp_path, ROWS)
    client = create_portal(tmp_path, load_catalogue()).test_client()
    moved = client.get(f"{PICTURE}time.svg?county=440981&narrow=1")
    assert moved.status_code == 302
    assert "/releases/2/charts/time.svg?county=440981&narrow=1" in moved.headers["Location"]
    assert "immutable" not in moved.headers.get("Cache-Control", "")
