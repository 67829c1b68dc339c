"""The dataset's page, table and charts in a real Chromium, with and without JavaScript."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.publisher.portal.conftest import served
from tests.publisher.portal.penalties_by_county import DATASET, released
from tests.services.axe import violations
from tests.services.browser import show_at, turning

PLACES = (f"/datasets/{DATASET}", f"/datasets/{DATASET}/table", f"/datasets/{DATASET}/charts")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("browsed")
    released(root)
    with served(root) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def reader(browser: Chrome, request: pytest.FixtureRequest) -> Iterator[Chrome]:
    """The browser with and without JavaScript in pages, at a desk's width."""
    show_at(browser, 1280, 900)
    off = "Emulation.setScriptExecutionDisabled"
    browser.execute_cdp_cmd(off, {"value": not request.param})
    yield browser
    browser.execute_cdp_cmd(off, {"value": False})


@pytest.fixture(autouse=True)
def calm(browser: Chrome) -> None:
    """A page that scrolls smoothly moves away from under a click."""
    told = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", told)


def press(browser: Chrome, button: str = "form.filter button") -> None:
    with turning(browser):
        browser.find_element(By.CSS_SELECTOR, button).click()


def cells(browser: Chrome, title: str) -> list[str]:
    found = browser.find_elements(By.CSS_SELECTOR, f'table.data td[data-label="{title}"]')
    return [cell.text for cell in found]


def test_a_journalist_filters_sorts_pages_and_keeps_the_address(reader: Chrome, site: str) -> None:
    reader.get(site + PLACES[1] + "?lang=zh")
    Select(reader.find_element(By.NAME, "kind")).select_by_value("罚款")
    reader.find_element(By.NAME, "q").send_keys("商店")
    press(reader)
    assert "kind=" in reader.current_url
    assert "county=" not in reader.current_url  # nothing that wasn't chosen
    assert "59 条" in reader.find_element(By.CSS_SELECTOR, "[role=status]").text
    with turning(reader):
        reader.find_element(By.PARTIAL_LINK_TEXT, "处罚决定日期").click()
    assert "sort=-decided_on" in reader.current_url
    days = cells(reader, "处罚决定日期")
    assert days == sorted(days, reverse=True)
    kept = reader.current_url
    with turning(reader):
        reader.find_element(By.PARTIAL_LINK_TEXT, "下一页").click()
    assert "after=" in reader.current_url
    assert cells(reader, "处罚决定日期")[0] <= days[-1]
    reader.get(kept)
    assert cells(reader, "处罚决定日期") == days
    press(reader, ".chosen a")
    assert "kind=" not in reader.current_url


def test_from_the_map_to_the_records(reader: Chrome, site: str) -> None:
    reader.get(site + PLACES[2])
    [row] = [
        row
        for row in reader.find_elements(By.CSS_SELECTOR, "#chart-county tr")
        if "高州市" in row.text
    ]
    count = row.find_element(By.CLASS_NAME, "number").text
    with turning(reader):
        row.find_element(By.TAG_NAME, "a").click()
    assert "county=440981" in reader.current_url
    assert reader.find_element(By.CSS_SELECTOR, "[role=status] b").text == f"{count} 条"


def test_a_selection_arrives_as_a_file(browser: Chrome, site: str, tmp_path: Path) -> None:
    allowed = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    show_at(browser, 1280, 900)
    browser.get(f"{site}{PLACES[1]}?county=440902")
    browser.find_element(By.CSS_SELECTOR, ".take a.button").click()
    name = f"{DATASET}-1-selection-20-excel.csv"
    end = time.monotonic() + 10
    while not (tmp_path / name).is_file() and time.monotonic() < end:
        time.sleep(0.1)
    with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 20


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("place", PLACES)
def test_pictures_are_there_and_nothing_is_refused_or_too_wide(
    browser: Chrome, site: str, place: str, width: int
) -> None:
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # what came before
    show_at(browser, width, 900)
    browser.get(site + place)
    pictures = browser.find_elements(By.CSS_SELECTOR, "img.chart")
    assert len(pictures) == {PLACES[0]: 2, PLACES[1]: 0, PLACES[2]: 4}[place]
    for picture in pictures:
        WebDriverWait(browser, 10).until(lambda _, one=picture: one.get_property("complete"))
        assert int(str(picture.get_property("naturalWidth"))) > 0
        narrow = "narrow=1" in str(picture.get_property("currentSrc"))
        assert narrow == (width == 390)
        assert picture.get_attribute("alt")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    told = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry["message"] for entry in told] == []
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [name for name in loaded if not name.startswith(site)] == []


@pytest.mark.parametrize(("width", "lang"), [(1280, "zh"), (320, "en")])
@pytest.mark.parametrize("place", PLACES)
def test_no_page_breaks_a_rule_of_wcag(
    browser: Chrome, site: str, place: str, width: int, lang: str
) -> None:
    show_at(browser, width, 900)
    browser.get(f"{site}{place}?lang={lang}&county=440981")
    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert violations(browser) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    browser.get(f"{site}{place}?lang=zh")
