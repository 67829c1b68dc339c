"""The portal in a real Chromium, at a desk's and a telephone's width, without any script."""

from __future__ import annotations

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import (
    element_to_be_clickable,
)
from selenium.webdriver.support.ui import WebDriverWait

from tests.publisher.portal.conftest import CODE
from tests.services.browser import show_at, turning

PATHS = (
    "/",
    "/datasets/administrative_penalty",
    "/datasets/administrative_penalty/records/p1",
    "/datasets/administrative_penalty/releases/2/",
    "/search?q=高州",
    f"/subjects/{CODE}",
    "/about",
    "/retractions",
    "/today",
    "/verification",
    "/accessibility",
)


def follow(browser: Chrome, by: str, what: str) -> None:
    """Click a link as soon as the page that has it is there."""
    link = WebDriverWait(browser, 10).until(element_to_be_clickable((by, what)))
    with turning(browser):
        link.click()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_the_screen(
    browser: Chrome, site: str, path: str, width: int
) -> None:
    show_at(browser, width, 800)
    browser.get(site + path)
    found = browser.execute_script("return document.documentElement.scrollWidth")
    assert found <= width
    styled = browser.find_element(By.CSS_SELECTOR, ".top").value_of_css_property(
        "background-color"
    )
    assert styled == "rgba(11, 79, 138, 1)"  # the stylesheet is served and not refused


@pytest.mark.parametrize("width", [1280, 390])
def test_a_reader_finds_a_penalty_by_keyboard(browser: Chrome, site: str, width: int) -> None:
    show_at(browser, width, 800)
    browser.get(site + "/?lang=zh")
    with turning(browser):
        browser.find_element(By.ID, "q").send_keys("荔乡", Keys.ENTER)
    follow(browser, By.CSS_SELECTOR, "a[href$='/records/p1']")
    assert browser.find_element(By.TAG_NAME, "h1").text == "茂名荔乡食品有限公司"
    assert "茂市监处罚〔2025〕12号" in browser.find_element(By.CLASS_NAME, "record").text
    assert browser.title != "taken"
    follow(browser, By.PARTIAL_LINK_TEXT, "全部数据集")
    assert "/subjects/" in browser.current_url
    assert len(browser.find_elements(By.CSS_SELECTOR, ".timeline > li")) == 2


def test_the_english_switch(browser: Chrome, site: str) -> None:
    show_at(browser, 1280, 800)
    browser.get(site + "/datasets/market_entity?lang=zh")
    with turning(browser):
        browser.find_element(By.LINK_TEXT, "English").click()
    assert browser.current_url.split("?")[0] == site + "/datasets/market_entity"
    assert browser.find_element(By.TAG_NAME, "h1").text == "Registered market entities"
    with turning(browser):
        browser.find_element(By.LINK_TEXT, "中文").click()
    assert browser.find_element(By.TAG_NAME, "h1").text == "商事主体登记信息"
