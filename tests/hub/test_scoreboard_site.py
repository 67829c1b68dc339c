"""The scoreboard's pages: complete, linked, told in a real Chromium, with no script."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from sqlalchemy import Connection

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from hub.database import connect, create_tables, write
from hub.scope import Scope, scope
from hub.scoreboard import board
from hub.scoreboard_words import both
from hub.web.scoreboard_site import write_site
from tests.hub.scoreboard_data import act, delivery, publish, waiting
from tests.services.browser import show_at, turning

CATALOGUE = load_catalogue()
ON = date(2026, 4, 20)
PENALTY, LICENSE, ENTITY = "administrative_penalty", "administrative_license", "market_entity"
MARKET, HEALTH = "market_regulation", "health"
BAD = [("code_unknown", "penalty_kinds"), ("required", "doc_no"), ("required", "<b>甲&乙</b>")]
PAGES = ("index.html", f"departments/{MARKET}.html", f"departments/{HEALTH}.html")


def fill(connection: Connection) -> None:
    """Half a year of three datasets, by two departments."""
    for place, month in enumerate(("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")):
        at = f"{month}-05T04:00:00.000Z"
        delivery(connection, PENALTY, MARKET, at, 40 + place, BAD * (5 - place))
        delivery(connection, LICENSE, MARKET, at, 90 + place)
        if place % 2:
            delivery(connection, PENALTY, HEALTH, at, 12, BAD[:1])
        due = f"{month}-20"
        for whose, letter, count in ((MARKET, "a", 8 + place), (HEALTH, "b", 5)):
            ids = [f"{letter}{place}{n:014d}" for n in range(count)]
            waiting(connection, PENALTY, [(one, whose, due) for one in ids])
            publish(connection, PENALTY, ids[: 3 + place], due)
            publish(connection, PENALTY, ids[3 + place : 4 + place], f"{month}-25")
    act(
        connection,
        PENALTY,
        "withdraw",
        ["a0" + "0" * 14],
        "2026-03-02T00:00:00.000Z",
        "inaccurate",
    )
    delivery(connection, ENTITY, MARKET, "2026-03-05T04:00:00.000Z", 1)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, object]]]:
    """The folder of the site, and the rows of its board."""
    folder = tmp_path_factory.mktemp("board")
    engine = connect(f"sqlite:///{folder / 'hub.sqlite'}")
    create_tables(engine)
    with write(engine) as connection:
        fill(connection)
        asked = half_a_year(connection)
        pages = write_site(connection, CATALOGUE, asked, folder / "site")
        rows = board(connection, CATALOGUE, asked).to_dicts()
    engine.dispose()
    assert pages == len(list((folder / "site").rglob("*.html")))
    return folder / "site", rows


def half_a_year(connection: Connection) -> Scope:
    return scope(connection, CATALOGUE, ON, "2025-11", "2026-04")


def test_every_link_leads_to_a_page_and_nothing_to_elsewhere(
    told: tuple[Path, list[dict[str, object]]],
) -> None:
    site, _ = told
    seen = 0
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r'(?:href|src)="(?:https?:)?//', text)
        for link in re.findall(r'href="([^"#][^"]*)"', text):
            if not link.startswith("data:"):
                assert (page.parent / unquote(link)).is_file(), (page, link)
                seen += 1
        assert "<b>甲" not in text
    assert seen > 100


def test_a_number_leads_to_as_many_records(
    told: tuple[Path, list[dict[str, object]]], browser: Chrome
) -> None:
    site, rows = told
    for row in rows:
        for measure in ("late", "overdue", "rejected", "runs", "withdrawn", "nil_reports"):
            name = f"{row['department']}-{row['dataset']}-{row['month']}-{measure}.html"
            page = site / "records" / name
            assert page.is_file() == bool(row[measure]), name
            if page.is_file():
                assert page.read_text(encoding="utf-8").count("<li>") == row[measure]
    browser.get((site / f"departments/{MARKET}.html").as_uri())
    link = browser.find_element(By.CSS_SELECTOR, f"a[href*='{PENALTY}-2026-01-overdue']")
    number = int(link.text)
    with turning(browser):
        link.click()
    assert len(browser.find_elements(By.CSS_SELECTOR, ".ids li")) == number > 0
    assert browser.find_element(By.ID, "count").text == str(number)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wider_than_the_screen(
    told: tuple[Path, list[dict[str, object]]], browser: Chrome, page: str, width: int
) -> None:
    show_at(browser, width, 900)
    browser.get((told[0] / page).as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    top = browser.find_element(By.CSS_SELECTOR, ".top")
    assert top.value_of_css_property("background-color") == "rgba(11, 79, 138, 1)"


def test_tables_and_charts_can_be_read_without_eyes(
    told: tuple[Path, list[dict[str, object]]], browser: Chrome
) -> None:
    show_at(browser, 1280, 900)
    for page in PAGES:
        browser.get((told[0] / page).as_uri())
        for table in browser.find_elements(By.TAG_NAME, "table"):
            assert table.find_element(By.TAG_NAME, "caption").text
        heads = browser.find_elements(By.TAG_NAME, "th")
        assert {head.get_attribute("scope") for head in heads} <= {"col", "row"}
        charts = browser.find_elements(By.CSS_SELECTOR, "svg[role=img]")
        assert len(charts) == 3
        assert all("%" in str(one.get_attribute("aria-label")) for one in charts)
        assert len(browser.find_elements(By.TAG_NAME, "h1")) == 1


def test_a_department_is_told_what_to_do(
    told: tuple[Path, list[dict[str, object]]], browser: Chrome
) -> None:
    browser.get((told[0] / f"departments/{MARKET}.html").as_uri())
    text = browser.find_element(By.TAG_NAME, "main").text
    for words in (
        "不能为空",
        "hub review show",
        both("pending")[0],
        "<b>甲&乙</b>",
    ):
        assert words in text, words
    assert "{" not in text
    browser.get((told[0] / f"departments/{HEALTH}.html").as_uri())  # silent in some months
    assert "hub report nil" in browser.find_element(By.TAG_NAME, "main").text


def test_only_a_folder_of_its_own_is_replaced(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    create_tables(engine)
    folder = tmp_path / "site"
    with engine.connect() as connection:
        asked = half_a_year(connection)
        assert write_site(connection, CATALOGUE, asked, folder) == 1
        (folder / "old.html").touch()
        assert write_site(connection, CATALOGUE, asked, folder, "某市") == 1
        assert "<b>某市</b>" in (folder / "index.html").read_text(encoding="utf-8")
        assert not (folder / "old.html").exists()
        with pytest.raises(Misdeclared, match="other files"):
            write_site(connection, CATALOGUE, asked, tmp_path)
    engine.dispose()
