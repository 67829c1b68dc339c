"""Queues, records and bulk acts in a real browser: for everyone, without a mouse, and without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from hub.accounts import sessions
from hub.database import write
from tests.console.console_site import Staff, served
from tests.console.records_site import PENALTY, Desks, make_delivered, penalty
from tests.services.axe import violations
from tests.services.browser import show_at, turning


@dataclass
class Room:
    """A served console with penalties that wait, and its address."""

    desks: Desks
    address: str

    def enter(self, driver: Chrome, person: str) -> None:
        """Let the browser be signed in as somebody."""
        driver.get(f"{self.address}/sign-in")
        agent = driver.execute_script("return navigator.userAgent")
        with write(self.desks.staff.engine) as connection:
            place = sessions.Place.of("127.0.0.1", agent)
            token = sessions.begin(connection, person, sessions.OPEN, place, 12)
        driver.add_cookie({"name": "console", "value": token, "path": "/console"})


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder: Path = tmp_path_factory.mktemp("pages")
    desks = make_delivered(folder, f"sqlite:///{folder / 'hub.sqlite'}")
    staff: Staff = desks.staff
    staff.person("wang", "reviewer", "handler")
    staff.person("li", "approver", "reviewer")
    staff.person("gao", office="audit")
    person = {"subject_name": "欧阳小明", "subject_type": "natural", "uscc": None,
              "cert_no": "440981199001010011"}  # fmt: skip
    desks.deliver(
        penalty(900, **person, content="罚款，由其亲属代缴"),
        penalty(901, **person, license_revoked="许可证，电话 13812345678"),
    )
    with served(staff) as address:
        yield Room(desks, address)


def _record(room: Room, state: str, number: str) -> str:
    return next(str(r["record_id"]) for r in room.desks.rows(state) if number in r["key"])


def _pages(room: Room) -> dict[str, str]:
    masked = f"/records/{PENALTY}/{_record(room, 'pending', '900号')}"
    blocked = f"/records/{PENALTY}/{_record(room, 'blocked', '901号')}"
    return {
        "workbench": "/", "queue": "/queues/review", "overdue": "/queues/overdue",
        "approve": "/queues/approve", "record": f"{masked}?queue=review",
        "source": f"{masked}?ledger=1", "blocked": blocked, "bulk": f"/bulk?of={PENALTY}&act=review",
        "policies": "/policies", "policy": f"/policies/new?of={PENALTY}",
        "refused": "/queues/nothing",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_for_everyone(room: Room, browser: Chrome, language: str) -> None:
    show_at(browser, 1280, 900)
    room.enter(browser, "wang")
    for name, path in _pages(room).items():
        browser.get(f"{room.address}{path}{'&' if '?' in path else '?'}lang={language}")
        assert violations(browser) == [], name
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 1280, name
        if language == "en":
            text = browser.find_element(By.TAG_NAME, "main").text
            assert not re.search(r"\b(due|state|why):", text), name
    browser.get(f"{room.address}/?lang=zh")


def test_offices_have_their_own_entrances(room: Room, browser: Chrome) -> None:
    room.enter(browser, "gao")
    browser.get(f"{room.address}/?lang=zh")
    assert violations(browser) == []
    assert "待审核" not in browser.find_element(By.TAG_NAME, "body").text


def test_a_penalty_is_decided_on_without_a_mouse(room: Room, browser: Chrome) -> None:
    """From the workbench to the queue, the record, and on to the next, with keys alone."""
    show_at(browser, 1280, 900)
    room.enter(browser, "wang")
    browser.get(f"{room.address}/?lang=zh")
    _press(browser, "a[href$='/queues/review']", Keys.ENTER)
    first = browser.find_element(By.CSS_SELECTOR, "tbody th a").get_attribute("href")
    _press(browser, "tbody th a", Keys.ENTER)
    assert browser.current_url == first
    for box in ("one-secrecy", "one-privacy"):
        browser.find_element(By.ID, box).send_keys(Keys.SPACE)
    _press(browser, ".act button", Keys.ENTER)
    assert browser.current_url != first and "queue=review" in browser.current_url
    assert "已审核通过" in browser.find_element(By.CLASS_NAME, "said").text
    [reviewed] = room.desks.rows("reviewed")
    room.enter(browser, "li")
    browser.get(f"{room.address}/records/{PENALTY}/{reviewed['record_id']}?queue=approve")
    _press(browser, ".act button", Keys.ENTER)
    assert "您可处理的记录已处理完" in browser.find_element(By.TAG_NAME, "main").text
    assert room.desks.row(reviewed["record_id"])["state"] == "approved"


def test_a_sample_is_looked_at_in_the_browser(room: Room, browser: Chrome) -> None:
    room.enter(browser, "wang")
    browser.get(f"{room.address}/bulk?of={PENALTY}&act=review&lang=zh")
    _press(browser, "main form[method=post] button", Keys.ENTER)
    assert violations(browser) == []
    assert "已查看 0 / 20 条" in browser.find_element(By.TAG_NAME, "main").text
    _press(browser, "main .button", Keys.ENTER)
    assert violations(browser) == []
    _press(browser, ".aside button", Keys.ENTER)
    with turning(browser):
        browser.find_element(By.CSS_SELECTOR, ".crumbs a").send_keys(Keys.ENTER)
    assert "已查看 1 / 20 条" in browser.find_element(By.TAG_NAME, "main").text


def _press(browser: Chrome, selector: str, key: str) -> None:
    """Press a key on what is found; it must be reachable with Tab."""
    one = browser.find_element(By.CSS_SELECTOR, selector)
    assert one.get_attribute("tabindex") in (None, "", "0")
    with turning(browser):
        one.send_keys(key)
