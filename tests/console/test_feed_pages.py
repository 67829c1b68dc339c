"""The pages of feeds in a real browser: for everyone, with the keyboard, and a newcomer's way to records."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from hub.accounts import sessions
from hub.database import write
from hub.work import work_now
from tests.console.console_site import Staff, served
from tests.console.feed_site import REGISTER, do_queued, hand_in, register
from tests.console.test_held import held_site
from tests.services.axe import violations
from tests.services.browser import show_at, turning

SHOTS = os.environ.get("HUB_TEST_SHOTS")  # a folder: pictures of every page are put there


@dataclass
class Room:
    """A served console, and wang, who hands records in, at the browser."""

    staff: Staff
    url: str
    driver: Chrome

    def show(self, path: str, name: str = "") -> None:
        self.driver.get(self.url + path)
        self.picture(name)

    def picture(self, name: str) -> None:
        if SHOTS and name:
            height = self.driver.execute_script("return document.documentElement.scrollHeight")
            show_at(self.driver, 1280, min(max(900, int(height)), 2600))
            self.driver.save_screenshot(str(Path(SHOTS) / f"{name}.png"))
            show_at(self.driver, 1280, 900)

    def sign_in(self, person: str, *roles: str) -> None:
        self.staff.person(person, *roles)
        agent = self.driver.execute_script("return navigator.userAgent")
        with write(self.staff.engine) as connection:
            place = sessions.Place.of("127.0.0.1", agent)
            token = sessions.begin(connection, person, sessions.OPEN, place, 12)
        self.driver.get(f"{self.url}/sign-in")
        self.driver.add_cookie({"name": "console", "value": token, "path": "/console"})

    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "main").text

    def press(self, css: str) -> None:
        with turning(self.driver):
            self.driver.find_element(By.CSS_SELECTOR, css).send_keys(Keys.ENTER)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, browser: Chrome) -> Iterator[Room]:
    from hub.feeds import copy_samples

    folder = tmp_path_factory.mktemp("feeds")
    staff = held_site(folder)
    copy_samples(staff.site.feeds)
    for _ in range(3):
        told = {"feed": REGISTER, "reread": True}
        work_now(staff.site, staff.engine, "feed_run", told)
    show_at(browser, 1280, 900)
    with served(staff) as url:
        made = Room(staff, url, browser)
        made.sign_in("wang", "submitter")
        yield made


def _draft(room: Room) -> str:
    wang = room.staff.person("wang", "submitter")
    content = (room.staff.site.feeds / "registration.csv").read_bytes()
    form = {"dataset": "market_regulation:market_entity"}
    answer = hand_in(wang, "/connect", content, "登记 2026.csv", **form)
    return answer.headers["Location"].removeprefix("/console")


def _check(room: Room, path: str) -> None:
    driver = room.driver
    assert violations(driver) == [], path
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 1280, path
    assert len(driver.find_elements(By.TAG_NAME, "h1")) == 1
    assert driver.find_elements(By.CSS_SELECTOR, "script, [style]") == []
    for table in driver.find_elements(By.TAG_NAME, "table"):
        assert table.find_element(By.TAG_NAME, "caption").get_attribute("textContent")


def test_pages_are_for_everyone(room: Room) -> None:
    draft = _draft(room)
    wang = room.staff.person("wang", "submitter")
    queued = wang.post(f"/feeds/{REGISTER}/run").headers["Location"].removeprefix("/console")
    pages = {
        "feeds": "/feeds", "feed": f"/feeds/{REGISTER}", "feed-upload": "/feeds/town_register",
        "feed-preview": f"/feeds/{REGISTER}/preview", "feed-job": queued, "run": "/runs/3",
        "held": "/held", "held-run": "/held/2", "quarantine": "/quarantine",
        "quarantine-rows": f"/quarantine/{REGISTER}", "connect": "/connect",
        "connect-dataset": f"{draft}/dataset", "connect-draft": draft,
        "connect-preview": f"{draft}/preview",
    }  # fmt: skip
    for name, path in pages.items():
        room.show(path, name)
        _check(room, path)
        if name in ("feed", "connect-draft", "quarantine-rows"):  # the words differ, not the marks
            room.driver.get(f"{room.url}{path}?lang=en")
            assert violations(room.driver) == [], f"{path} in English"
            room.driver.get(f"{room.url}{path}?lang=zh")
    do_queued(room.staff)
    room.show(queued, "feed-job-done")
    _check(room, queued)
    room.sign_in("li", "approver")
    room.show("/held/2", "held-run-approver")
    _check(room, "/held/2")
    room.sign_in("wang", "submitter")


def test_a_newcomer_connects_a_feed_with_the_keyboard(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "镇登记.csv"
    file.write_bytes(register(*range(20, 32), wrong=2))
    room.show("/connect")
    room.driver.find_element(By.ID, "file").send_keys(str(file))
    room.press("main form button")
    assert "商事主体登记信息" in room.text()
    room.press("main form button")  # the dataset that suits best is chosen already
    assert "声明没有问题" in room.text()
    name = room.driver.find_element(By.ID, "feed")
    name.clear()
    name.send_keys("zhen_dengji")
    Select(room.driver.find_element(By.NAME, "field-0")).select_by_value("subject_name")
    with turning(room.driver):
        name.send_keys(Keys.ENTER)
    assert "zhen_dengji" in room.driver.find_element(By.ID, "text").get_attribute("value")
    with turning(room.driver):
        room.driver.find_element(By.LINK_TEXT, "预览").send_keys(Keys.ENTER)
    assert "将被拒绝" in room.text() and "不是日期" in room.text()
    room.press("button[name=run]")
    assert "排队中" in room.text()
    do_queued(room.staff)
    with turning(room.driver):
        room.driver.find_element(By.LINK_TEXT, "刷新进展").send_keys(Keys.ENTER)
    assert "已完成" in room.text()
    with turning(room.driver):
        room.driver.find_element(By.LINK_TEXT, "更正被拒绝的行").send_keys(Keys.ENTER)
    for cell in room.driver.find_elements(By.CSS_SELECTOR, "input[aria-invalid]"):
        why = room.driver.find_element(By.ID, cell.get_attribute("aria-describedby"))
        assert "不是日期" in why.text
        cell.clear()
        cell.send_keys("2013-12-05")
    room.picture("quarantine-corrected")
    with turning(room.driver):
        cell.send_keys(Keys.ENTER)
    do_queued(room.staff)
    with turning(room.driver):
        room.driver.find_element(By.LINK_TEXT, "刷新进展").send_keys(Keys.ENTER)
    assert "已入账 2 行，仍有问题 0 行" in room.text()
    room.show("/quarantine/zhen_dengji")
    assert "没有等待更正的行" in room.text()
