"""Every page that the console has, in a real browser: a new one is tried here without being named."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.console.authorisation import lets_in
from tests.console.console_site import PASSWORD, Browser, served
from tests.console.test_administration import HASH
from tests.console.town import Somebody, Town, build, everybody
from tests.filings.conftest import Office, office
from tests.services.axe import violations
from tests.services.browser import show_at

__all__ = ["office"]
#: What only one person has, and was begun before: tried beside what it belongs to.
PERSONAL = {
    "bulk.show", "bulk.drawn",  # test_record_pages
    "connect.choose", "connect.draft", "connect.preview", "held.held_run",  # test_feed_pages
    "entering.invited",  # test_newcomer_in_console
}  # fmt: skip
NO_PAGES = {
    "credit.listed", "credit.classes_picture", "credit.divisions_picture", "credit_versions.changes",
    "audit_log.exported", "consents.find", "filings.evidence", "oidc.enter", "oidc.returned", "standards.template",
    "complaints.on_time", "complaints.overdue", "complaint_findings.hot_spot_map",
    "prices.overview_file", "prices.points_file", "prices.item_picture", "prices.alert_picture",
    "associations.grades_picture", "associations.mechanisms_picture", "documents.states_picture",
    "finance.lines_picture", "risks.channels_picture",
    "plan.chart_picture", "plan.csv_file", "plan.xlsx_file",
    "computed_files.documents", "computed_files.associations", "computed_files.warnings",
    "computed_files.assessments", "computed_files.finance", "computed_files.hot_spots",
    "computed_files.groups", "computed_files.findings",
    "subjects.line", "subjects.kin", "trace.drawn", "trace.recall_list", "trace.rows",
}  # fmt: skip
#: A word that a page fetched from the catalogue and the catalogue hasn't: `kind:feed_run`.
UNTRANSLATED = re.compile(r"(?<![\w/:.])[a-z]+(?:-[a-z]+)?:[a-z_]{3,}\b(?!//)")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: pages are the same on PostgreSQL."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture
def town(office: Office, monkeypatch: pytest.MonkeyPatch) -> Town:
    return build(office, monkeypatch)


def test_every_page(town: Town, browser: Chrome, figures: dict[str, int | float]) -> None:
    show_at(browser, 1280, 900)
    agent = browser.execute_script("return navigator.userAgent")
    wrong, shown = {}, _pages(town)
    doors = town.staff.console.doors.items()
    assert shown.keys() | PERSONAL | NO_PAGES == {
        name for name, one in doors if one.method == "GET"
    }
    with served(town.staff) as address:
        for endpoint, who in shown.items():
            browser.get(f"{address}/sign-in")
            browser.delete_all_cookies()
            if token := _come(town, endpoint, who).token():
                town.staff.move(token, "127.0.0.1", agent)
                browser.add_cookie({"name": "console", "value": token, "path": "/console"})
            for language in ("zh", "en"):
                path = town.path(endpoint)
                browser.get(f"{address}{path}?lang={language}")
                there = urlsplit(browser.current_url).path
                elsewhere = [] if there == f"/console{path}" else [f"sent to {there}"]
                if found := elsewhere + _broken(browser):
                    wrong[f"{endpoint} {language}"] = found
    assert wrong == {}
    figures["pages of the console in the browser"] = 2 * len(shown)


def _pages(town: Town) -> dict[str, Somebody]:
    """Doors that open on a page, each with the first of everybody who is let in."""
    found: dict[str, Somebody] = {}
    for endpoint, door in town.staff.console.doors.items():
        if door.method != "GET":
            continue
        for who in everybody():
            if lets_in(endpoint, who.stage, who.office, who.roles, who.own):
                answer = _come(town, endpoint, who).get(town.path(endpoint))
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    found[endpoint] = who
                    break
    return found


def _come(town: Town, endpoint: str, who: Somebody) -> Browser:
    browser = town.browser(who)
    if endpoint == "own_account.codes":  # that page is shown to who gave the password only
        town.staff.set_password(who.name, HASH)
        browser.post("/me/codes", {"proof": PASSWORD})
    return browser


def _broken(browser: Chrome) -> list[str]:
    found = violations(browser)
    if browser.execute_script("return document.documentElement.scrollWidth") > 1280:
        found.append("wider than the window")
    if len(browser.find_elements(By.TAG_NAME, "h1")) != 1:
        found.append("not one heading")
    if browser.find_elements(By.CSS_SELECTOR, "script, [style]"):
        found.append("a script, or a style of its own")
    found += UNTRANSLATED.findall(browser.find_element(By.TAG_NAME, "body").text)
    return found
