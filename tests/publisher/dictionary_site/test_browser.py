"""The dictionary in a real Chromium, opened from its folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.publisher.schema_cases import STANDARDS
from tests.services.browser import show_at, turning

PAGES = (
    "index.html",
    "standards/administrative_penalty.html",
    "standards/complaint_report.html",
    "codes.html",
    "codes/departments.html",
    "codes/industries.html",
    "references.html",
)


def shown(browser: Chrome) -> set[str]:
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    return {row.find_element(By.CSS_SELECTOR, "code").text for row in rows if row.is_displayed()}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wider_than_the_screen(
    browser: Chrome, site: Path, page: str, width: int
) -> None:
    show_at(browser, width, 800)
    browser.get((site / page).as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    top = browser.find_element(By.CSS_SELECTOR, ".top")
    assert top.value_of_css_property("background-color") == "rgba(11, 79, 138, 1)"


@pytest.mark.parametrize("page", PAGES)
def test_no_column_is_squeezed(browser: Chrome, site: Path, page: str) -> None:
    show_at(browser, 1280, 800)
    browser.get((site / page).as_uri())
    heads = browser.find_elements(By.CSS_SELECTOR, "thead th")
    narrow = [head.text for head in heads if head.size["width"] < 3 * 16]  # three characters
    assert heads and narrow == []


def test_the_filter_finds_datasets_by_name_department_and_field(
    browser: Chrome, site: Path
) -> None:
    show_at(browser, 1280, 800)
    browser.get((site / "index.html").as_uri())
    field = browser.find_element(By.ID, "filter")
    assert len(shown(browser)) == len(STANDARDS)
    field.send_keys("处罚决定")
    assert "administrative_penalty" in shown(browser)
    assert len(shown(browser)) < len(STANDARDS)
    field.clear()
    field.send_keys("cf_wsh")
    assert shown(browser) == {"administrative_penalty"}
    assert "找到 1 个数据集" in browser.find_element(By.ID, "found").text
    headings = browser.find_elements(By.TAG_NAME, "h2")
    assert [one.text.split()[0] for one in headings if one.is_displayed()] == ["市市场监督管理局"]
    field.clear()
    field.send_keys("司法局 规范性")
    assert shown(browser) == {"normative_document", "document_validity"}
    field.clear()
    field.send_keys("没有这个词")
    assert shown(browser) == set()
    assert "找到 0 个数据集" in browser.find_element(By.ID, "found").text


def test_a_link_leads_from_the_index_to_a_code_list(browser: Chrome, site: Path) -> None:
    show_at(browser, 1280, 800)
    browser.get((site / "index.html").as_uri())
    with turning(browser):
        browser.find_element(By.LINK_TEXT, "行政处罚决定").click()
    assert browser.find_element(By.TAG_NAME, "h1").text.startswith("行政处罚决定")
    with turning(browser):
        browser.find_element(By.LINK_TEXT, "severity_classes").click()
    assert browser.find_element(By.TAG_NAME, "h1").text == "severity_classes"
