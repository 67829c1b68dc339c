"""Filings, standards and administration in a real browser: for everyone, in both languages, without a mouse."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from sqlalchemy import insert

from exchange_schemas.catalogue import load_catalogue
from hub import people
from hub.accounts import sessions
from hub.audit.log import Entry, append
from hub.database import connect, create_tables, write
from hub.impact_job import KIND, as_data, topic
from hub.progress import Silent
from hub.proposal import impact, propose
from hub.site import create_site
from hub.tables import job
from hub.web.console.application import create_console
from tests.console.console_site import Staff, served
from tests.filings.conftest import STAFF, Office, a_penalty, days_ago
from tests.hub.ledger_data import PENALTY
from tests.services.axe import violations
from tests.services.browser import show_at, turning

SHOTS = os.environ.get("HUB_SHOTS")  # a folder for pictures, for whoever wants to look at them


@dataclass
class Room:
    """A served console with filings, third parties, failed jobs and entries."""

    staff: Staff
    address: str
    paths: dict[str, tuple[str, str]]

    def enter(self, driver: Chrome, person: str) -> None:
        """Let the browser be signed in as somebody."""
        driver.delete_all_cookies()
        driver.get(f"{self.address}/sign-in")
        agent = driver.execute_script("return navigator.userAgent")
        with write(self.staff.engine) as connection:
            place = sessions.Place.of("127.0.0.1", agent)
            token = sessions.begin(connection, person, sessions.OPEN, place, 12)
        driver.add_cookie({"name": "console", "value": token, "path": "/console"})


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    site = create_site(tmp_path_factory.mktemp("rooms") / "site")
    engine = connect(site.database_url)
    create_tables(engine)
    with write(engine) as connection:
        for person, (department, role) in STAFF.items():
            people.grant(connection, person, department, role, "lin")
    office = Office(site, engine, load_catalogue())
    first, second, third = office.publish(a_penalty(1), a_penalty(2), a_penalty(3))
    for record, kind in ((first, "objection"), (second, "repair"), (third, "correction")):
        office.filed(record, kind)
    office.filed(third, "correction", statement="处罚文号有误。\n应为 13 号。", field="doc_no")
    office.deliver(*(a_penalty(n) for n in range(1, 5)))
    staff = Staff(create_console(site, engine))
    paths = _paths(staff, office)
    with served(staff) as address:
        yield Room(staff, address, paths)
    engine.dispose()


def _paths(staff: Staff, office: Office) -> dict[str, tuple[str, str]]:
    """Name → who opens which page."""
    zhao, wang = staff.person("zhao", "approver"), staff.person("wang")
    staff.person("li")
    for name in ("system", "security", "audit"):
        staff.person({"system": "zhang", "security": "lin", "audit": "he"}[name], office=name)
    zhao.post("/filings/2/accept")
    zhao.post("/filings/2/confirm", {"condition": "performed", "met": "yes", "note": "缴款凭证"})
    pending = (
        wang.get("/queues/review").get_data(as_text=True).partition(f"/records/{PENALTY}/")[2][:16]
    )
    wang.post(f"/consents/ask/{PENALTY}/{pending}", {"party": "茂名市某某食品有限公司"})
    _more(staff, office)
    ask, impacted = f"/consents/ask/{PENALTY}/{pending}", f"/standards/{PENALTY}/impact"
    found = {
        "zhao": ("/filings/queue/objection", "/filings/queue/correction", "/filings/1", "/filings/2", "/me"),
        "li": ("/filings/2", "/filings/queue/repair?all=1"),
        "wang": ("/consents", f"/consents/{PENALTY}/1", ask, "/standards", f"/standards/{PENALTY}",
                 f"/standards/{PENALTY}/changes", impacted, "/accounts"),
        "zhang": ("/accounts", "/accounts/wang", "/status", "/accounts/zhang"),
        "lin": ("/people", "/people/wang", "/people/he", "/sessions", "/attempts"),
        "he": ("/audit", "/audit/2", "/audit/verify"),
    }  # fmt: skip
    return {
        f"{who}{path.replace('/', '-').partition('?')[0]}": (who, path)
        for who, them in found.items()
        for path in them
    }


def _more(staff: Staff, office: Office) -> None:
    """A failed job, an impact that was found, a term that is over, and what was noted."""
    proposal = propose(office.catalogue, PENALTY, "1")
    result = as_data(proposal, impact(office.engine, proposal, [], Silent()))
    row = {
        "arguments": "{}",
        "created_at": "2026-11-29T01:00:00.000Z",
        "ended_at": "2026-11-29T01:02:00.000Z",
    }
    with write(office.engine) as connection:
        done = {
            **row,
            "kind": KIND,
            "topic": topic(PENALTY),
            "state": "done",
            "result": json.dumps(result),
        }
        connection.execute(insert(job).values(done))
        failed = {**row, "kind": "feed_run", "topic": "feed:town_register", "state": "failed"}
        connection.execute(
            insert(job).values(**failed, error="no file at town.csv; deliver the file")
        )
        append(
            connection,
            Entry("lin", "role.grant", "/people/wang/grant", details={"roles": ["reviewer"]}),
        )
        append(connection, Entry(None, "session.enter", None, "refused", address="203.0.113.9"))
        connection.exec_driver_sql(f"UPDATE filing SET due = '{days_ago(2)}' WHERE id = 1")
    staff.nobody().post("/sign-in", {"person": "wang", "password": "not this one 12"})


def test_pages_are_for_everyone(room: Room, browser: Chrome) -> None:
    show_at(browser, 1280, 900)
    wrong, who = {}, ""
    for name, (person, path) in room.paths.items():
        if person != who:
            room.enter(browser, person)
            who = person
        browser.get(f"{room.address}{path}{'&' if '?' in path else '?'}lang=zh")
        if SHOTS:
            browser.save_screenshot(f"{SHOTS}/{name}.png")
        found = violations(browser)
        if browser.execute_script("return document.documentElement.scrollWidth") > 1280:
            found.append("wider than the window")
        if len(browser.find_elements(By.TAG_NAME, "h1")) != 1:
            found.append("not one heading")
        found += [
            f"untranslated: {word}"
            for word in browser.find_element(By.TAG_NAME, "body").text.split()
            if ":" in word and word.partition(":")[0] in PREFIXES
        ]
        if found:
            wrong[name] = found
    assert wrong == {}


PREFIXES = ("queue", "kind", "filing", "outcome", "end", "contact", "stated", "said", "consent", "verdict", "unit",
            "part", "job", "office", "account", "does", "stage", "attempt", "noted", "way", "version", "act",
            "menu", "consent-end")  # fmt: skip


def test_an_objection_is_answered_by_the_keyboard_alone(room: Room, browser: Chrome) -> None:
    room.enter(browser, "zhao")
    browser.get(f"{room.address}/filings/queue/objection?lang=zh")
    link = browser.find_element(By.CSS_SELECTOR, "tbody a")
    with turning(browser):
        link.send_keys(Keys.ENTER)
    with turning(browser):
        _button(browser, "受理").send_keys(Keys.ENTER)
    browser.find_element(By.ID, "outcome-refused").send_keys(Keys.SPACE)
    browser.find_element(By.ID, "text").send_keys("经核实，记录无误。")
    with turning(browser):
        _button(browser, "预览申请人看到的内容").send_keys(Keys.ENTER)
    assert "经核实，记录无误。" in browser.find_element(By.TAG_NAME, "main").text
    if SHOTS:
        browser.save_screenshot(f"{SHOTS}/preview.png")
    with turning(browser):
        _button(browser, "照此决定并答复").send_keys(Keys.ENTER)
    text = browser.find_element(By.TAG_NAME, "main").text
    assert "已决定并答复" in text and "不予支持" in text


def test_a_newcomer_is_invited_and_gets_a_role(room: Room, browser: Chrome) -> None:
    room.enter(browser, "zhang")
    browser.get(f"{room.address}/accounts?lang=zh")
    browser.find_element(By.ID, "person").send_keys("chen.mei")
    browser.find_element(By.ID, "name").send_keys("陈梅")
    with turning(browser):
        _button(browser, "开通并邀请").click()
    invitation = browser.find_element(By.CLASS_NAME, "invitation").text
    if SHOTS:
        browser.save_screenshot(f"{SHOTS}/invited.png")
    room.enter(browser, "lin")
    browser.get(f"{room.address}/people/chen.mei")
    browser.find_element(By.ID, "role-reviewer").send_keys(Keys.SPACE)
    with turning(browser):
        _button(browser, "授予").click()
    assert "审核" in browser.find_element(By.TAG_NAME, "table").text
    browser.delete_all_cookies()
    browser.get(invitation)
    assert "chen.mei" in browser.find_element(By.TAG_NAME, "main").text


def _button(driver: Chrome, words: str) -> WebElement:
    return next(one for one in driver.find_elements(By.TAG_NAME, "button") if one.text == words)
