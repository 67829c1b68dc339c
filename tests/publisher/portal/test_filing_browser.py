"""A party files an objection in a real Chromium, without any script, and follows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import presence_of_element_located
from selenium.webdriver.support.ui import WebDriverWait

from publisher.filings import DropFolder
from tests.publisher.portal.conftest import served
from tests.publisher.test_filings import PDF
from tests.services.browser import show_at

RECORD = "/datasets/administrative_penalty/records/p1"


@pytest.fixture
def site(releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("publisher.filings.FREE_BYTES", 0)
    with served(releases, filings=tmp_path / "filings", answers=tmp_path / "answers") as address:
        yield address


def fits(browser: Chrome) -> bool:
    wide = "return document.documentElement.scrollWidth - window.innerWidth"
    return int(browser.execute_script(wide)) <= 0


def write(browser: Chrome, **texts: str) -> None:
    for name, words in texts.items():
        field = browser.find_element(By.NAME, name)
        if name != "evidence":
            field.clear()
        field.send_keys(words)


def press(browser: Chrome) -> None:
    """Send the form by keyboard: a click could come while the page is still scrolling."""
    browser.find_element(By.CSS_SELECTOR, "form.filing button").send_keys(Keys.ENTER)


def arrive(browser: Chrome, css: str) -> None:
    WebDriverWait(browser, 10).until(presence_of_element_located((By.CSS_SELECTOR, css)))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_party_files_an_objection_and_follows_it(
    browser: Chrome, site: str, tmp_path: Path, width: int
) -> None:
    show_at(browser, width, 900)
    (tmp_path / "撤销决定.pdf").write_bytes(PDF)
    browser.get(f"{site}{RECORD}?lang=zh")
    browser.find_element(By.LINK_TEXT, "异议").send_keys(Keys.ENTER)
    arrive(browser, "form.filing")
    assert fits(browser)
    write(browser, party_name="茂名荔乡食品有限公司", statement="太短")
    press(browser)
    arrive(browser, ".wrongs")
    assert fits(browser)
    assert browser.find_element(By.NAME, "party_name").get_attribute("value") == (
        "茂名荔乡食品有限公司"
    )
    assert browser.find_element(By.NAME, "statement").get_attribute("value") == "太短"
    write(
        browser,
        statement="处罚决定已被复议机关撤销，不应继续公示。",
        phone="0668-2270000",
        evidence=str(tmp_path / "撤销决定.pdf"),
    )
    press(browser)
    arrive(browser, ".number-of-filing")
    number = browser.find_element(By.CLASS_NAME, "number-of-filing").text
    assert fits(browser)
    browser.find_element(By.LINK_TEXT, "查看进度").send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda page: page.current_url.endswith(number))
    assert browser.find_element(By.TAG_NAME, "h1").text == "已收到"
    browser.get(f"{site}/filings/")
    write(browser, number=number.lower().replace("-", " "))
    press(browser)
    WebDriverWait(browser, 10).until(lambda page: page.current_url.endswith(number))
    kept = DropFolder(tmp_path / "filings").read(number)
    assert [one.name for one in kept.evidence] == ["撤销决定.pdf"]
    assert kept.statement == "处罚决定已被复议机关撤销，不应继续公示。"


@pytest.mark.parametrize("kind", ["correction", "objection", "repair"])
def test_every_field_has_its_label(browser: Chrome, site: str, kind: str) -> None:
    show_at(browser, 390, 900)
    browser.get(f"{site}{RECORD}/file?kind={kind}&lang=zh")
    fields = browser.find_elements(By.CSS_SELECTOR, "form.filing :is(input, select, textarea)")
    assert len(fields) >= 8
    for field in fields:
        label = f"label[for='{field.get_attribute('id')}']"
        assert browser.find_element(By.CSS_SELECTOR, label).text
    assert fits(browser)
