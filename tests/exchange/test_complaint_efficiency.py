"""The efficiency view: numbers as an oracle counts them, a file, and pages in a real Chromium."""

from __future__ import annotations

import csv
import json
import re
import statistics
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import time_machine
from click.testing import CliRunner
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from exchange_schemas.days import HERE
from exchange_schemas.errors import Misdeclared
from hub.cli.main import hub
from hub.complaints import showing
from hub.complaints.efficiency import COUNTS, efficiency, for_public, summed
from hub.web.efficiency_site import write_site
from tests.exchange.complaint_site import Hotline, a_ticket, hotline
from tests.exchange.efficiency_data import fill
from tests.services.axe import violations
from tests.services.browser import show_at

NOW = datetime.fromisoformat("2026-11-30T12:00:00+08:00")
MONTHS = ("2026-06", "2026-11")


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    return hotline(tmp_path, database_url, monkeypatch)


def rows_of(made: Hotline, first: str = MONTHS[0], last: str = MONTHS[1]) -> pl.DataFrame:
    with made.engine.connect() as connection:
        return efficiency(connection, first, last)


def oracle(tickets: list[dict[str, Any]], department: str, now: str) -> dict[str, Any]:
    mine = [one for one in tickets if one["department"] == department]
    ripe = [one for one in mine if one["met_at"] or one["due_at"] <= now]
    good = [one for one in ripe if one["met_at"] and one["met_at"] < one["due_at"]]
    took = sorted(
        (moment(one["closed_at"]) - moment(one["received_at"])).total_seconds() / 86_400
        for one in mine
        if one["closed_at"]
    )
    return {
        "tickets": len(mine),
        "open": sum(one["closed_at"] is None for one in mine),
        "terms": len(ripe),
        "on_time": len(good),
        "on_time_rate": len(good) / len(ripe),
        "middle": statistics.median_low(took),
        "handed_back": sum(one["hand_backs"] for one in mine),
    }


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_numbers_are_those_of_an_oracle(made: Hotline) -> None:
    tickets = fill(made.engine)
    with time_machine.travel(NOW, tick=False):
        found = summed(rows_of(made), ("department",))
    for row in found.rows(named=True):
        expected = oracle(tickets, row["department"], "2026-11-30T04:00:00.000Z")
        middle = expected.pop("middle")
        assert {name: row[name] for name in expected} == pytest.approx(expected)
        assert abs(row["close_median"] - middle) < 0.6  # nearest of an even number
        assert row["close_90"] >= row["close_median"]
    here = {moment(one["received_at"]).astimezone(HERE).strftime("%Y-%m") for one in tickets}
    by_month = summed(rows_of(made), ("month",))
    assert set(by_month["month"]) == here
    assert by_month["tickets"].sum() == len(tickets)
    one = rows_of(made, "2026-07", "2026-07")
    assert summed(one, ())["tickets"].item() == by_month.filter(month="2026-07")["tickets"].item()


def test_what_the_platform_took_back_is_nobodys_merit(made: Hotline) -> None:
    """Days of what it sent again are counted from then on."""
    moments = ("2026-11-23T10:00", "2026-11-24T10:00", "2027-01-10T10:00", "2027-01-11T10:00")
    begun, ended, again, accepted = (datetime.fromisoformat(f"{one}:00+08:00") for one in moments)
    with time_machine.travel(begun):
        made.put(a_ticket(1), a_ticket(2))
        made.route()
    with time_machine.travel(ended):
        made.put(gone=(a_ticket(1), a_ticket(2)))
        made.route()
    with time_machine.travel(again):
        made.put(a_ticket(2))
        made.route()
    with time_machine.travel(accepted):
        made.act(a_ticket(2)["ticket_no"], "zhao", "accept")
        (told,) = summed(rows_of(made, "2026-11", "2026-11"), []).rows(named=True)
    assert (told["tickets"], told["open"], told["close_median"]) == (2, 1, None)
    assert (told["terms"], told["on_time"], told["accept_median"]) == (1, 1, 1.0)


def test_nothing_and_wrong_months(made: Hotline) -> None:
    empty = summed(rows_of(made), ())
    assert empty["tickets"].item() == 0
    assert empty["on_time_rate"].item() is None
    assert summed(rows_of(made, "2026-11", "2026-06"), ("month",)).is_empty()
    with pytest.raises(Misdeclared):
        rows_of(made, "2026-13")


def test_what_could_be_public_has_no_small_cells(made: Hotline) -> None:
    fill(made.engine)
    by = ("department", "division")
    frame = summed(rows_of(made), by)
    shown = for_public(frame, by)
    for name in COUNTS:
        told = shown[name].drop_nulls()
        assert told.is_empty() or told.min() >= 5  # type: ignore[operator]
    hidden = shown.filter(pl.col("tickets").is_null())
    assert hidden.height
    assert hidden["close_90"].null_count() == hidden.height


def test_supervisors_only_by_table_json_and_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hotline(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}", monkeypatch)
    fill(made.engine)
    run = CliRunner()
    base = ["--site", str(made.site.path), "complaint", "efficiency", "--from", "2026-06"]

    def call(*more: str) -> Any:
        return run.invoke(hub, [*base, *more])

    for person in ("zhao", "qian", "huang", "wu"):
        refused = call("--as", person, "--json")
        assert refused.exit_code == 1
        assert json.loads(refused.stdout)["error"]["code"] == "supervisor_only"
    told = json.loads(call("--as", "jin", "--to", "2026-11", "--json").stdout)
    assert sum(row["tickets"] for row in told["rows"]) == 400
    assert "市商务局" in call("--as", "jin", "--to", "2026-11").stdout
    path = tmp_path / "out.csv"
    call("--as", "liu", "--to", "2026-11", "--by", "division", "--csv", str(path))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        (first, *_) = csv.DictReader(file)
    assert first["行政区划"] == "茂南区"
    assert "按时率" in first
    assert call("--as", "liu", "--public", "--site", str(tmp_path / "x")).exit_code == 2


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("efficiency")
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(NOW, tick=False):
        made = hotline(folder, f"sqlite:///{folder / 'hub.sqlite'}", patch)
        fill(made.engine)
        with made.engine.connect() as connection:
            rows = efficiency(connection, *MONTHS)
            listed = showing.supervised(connection, made.who("liu"))
        assert write_site(rows, listed, MONTHS, folder / "pages", "茂名市") == 6
        assert write_site(rows, listed, MONTHS, folder / "pages", "茂名市") == 6
        with pytest.raises(Misdeclared) as caught:
            write_site(rows, listed, MONTHS, folder, "茂名市")
        assert caught.value.issue.code == "efficiency_folder_taken"
        made.engine.dispose()
    return folder / "pages"


NAMES = ("index", "department", "division", "category", "month", "supervision")


def test_the_pages_load_nothing_and_their_links_lead_somewhere(pages: Path) -> None:
    for page in pages.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r'(?:href|src)="(?:https?:)?//', text)
        for link in re.findall(r'href="([^"#][^"]*)"', text):
            if not link.startswith("data:"):
                assert (page.parent / link).is_file(), link


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_fit_and_can_be_read_without_eyes(
    pages: Path, browser: Chrome, width: int
) -> None:
    show_at(browser, width, 900)
    for name in NAMES:
        browser.get((pages / f"{name}.html").as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert len(browser.find_elements(By.TAG_NAME, "h1")) == 1
        for table in browser.find_elements(By.TAG_NAME, "table"):
            assert table.find_element(By.TAG_NAME, "caption").text
        for chart in browser.find_elements(By.CSS_SELECTOR, "svg[role=img]"):
            assert re.search(r"\d", str(chart.get_attribute("aria-label")))
        assert violations(browser) == []


def test_the_page_says_what_the_table_says(pages: Path, browser: Chrome) -> None:
    browser.get((pages / "index.html").as_uri())
    text = browser.find_element(By.TAG_NAME, "main").text
    assert "共 400 件" in text
    assert len(browser.find_elements(By.CSS_SELECTOR, "svg[role=img]")) == 4
    browser.get((pages / "supervision.html").as_uri())
    listed = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    assert listed
    assert "薛小楼" not in browser.page_source
