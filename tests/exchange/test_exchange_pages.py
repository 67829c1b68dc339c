"""The pages of the exchange: complete, without scripts, for everyone, and each department its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from sqlalchemy import Connection, Engine

from exchange_schemas.errors import Misdeclared
from hub.exchange.overview import Standing, overview
from hub.web.exchange_pages import create_pages
from hub.web.exchange_site import pages
from hub.web.exchange_site.pages import Board, places
from hub.web.exchange_site.rendering import write_report
from tests.exchange.exchange_board import OWNER, filled
from tests.exchange.receipt_hub import CATALOGUE, Puller
from tests.hub.exchange_hub import listening, site_of
from tests.hub.ledger_data import MARKET, PENALTY, a_company, made
from tests.services.axe import violations
from tests.services.browser import show_at, turning


@dataclass
class Office:
    """The served pages, and what they are about."""

    engine: Engine
    board: Board
    url: str
    pullers: dict[str, Puller]

    def places(self) -> list[str]:
        with self.engine.connect() as connection:
            return [*places(connection, self.board), "records.html"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    engine = made(f"sqlite:///{tmp_path_factory.mktemp('pages') / 'hub.sqlite'}")
    pullers = filled(engine)
    board = Board(site_of(engine), CATALOGUE)
    with listening(create_pages(board, engine).wsgi_app) as url:
        yield Office(engine, board, url, pullers)
    engine.dispose()


def test_every_page_in_both_languages_links_only_to_pages_and_has_no_script(
    office: Office,
) -> None:
    seen: set[str] = set()
    waiting = ["/", "/en/"]
    while waiting:
        address = waiting.pop()
        answer = httpx.get(office.url + address)
        assert answer.status_code == 200, address
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        if "text/html" not in answer.headers["content-type"]:
            continue
        assert "<script" not in answer.text and " style=" not in answer.text
        assert "<b>超长" not in answer.text
        assert f'lang="{"en" if address.startswith("/en") else "zh-CN"}"' in answer.text[:60]
        for link in re.findall(r'(?:href|action)="([^"#][^"]*)"', answer.text):
            if link.startswith("data:"):
                continue
            assert not re.match(r"(?:https?:)?//|/", link)
            full = str(httpx.URL(office.url + address).join(link.replace("&amp;", "&")))
            path = full.removeprefix(office.url)
            if path not in seen:
                seen.add(path)
                waiting.append(path)
    for place in office.places():
        assert {f"/{place}", f"/en/{place}"} <= seen


def test_the_overview_counts_what_the_tables_say(office: Office) -> None:
    with office.engine.connect() as connection:
        rows = {(one.consumer, one.dataset): one for one in overview(connection)}
    one = rows["省市场监管数据平台", MARKET]
    assert (one.size, one.given, one.taken, one.refused, one.erased) == (901, 901, 796, 3, 1)
    assert (one.taken_up_to, one.silent, one.late, one.granted) == (300, 101, 0, True)
    late = rows["市民政局", MARKET]
    assert (late.given, late.taken, late.late, late.silent) == (500, 200, 300, 300)
    tax = rows["市税务局", MARKET]
    assert (tax.size, tax.given, tax.granted, tax.last_at) == (901, 0, True, None)
    text = httpx.get(office.url).text
    assert all(name in text for name, _ in rows)


def test_who_has_a_record_is_found_by_key_and_by_entry(office: Office, browser: Chrome) -> None:
    show_at(browser, 1280, 900)
    browser.get(f"{office.url}/records.html")
    Select(browser.find_element(By.ID, "dataset")).select_by_value(MARKET)
    browser.find_element(By.ID, "key").send_keys(a_company(301)["uscc"])
    with turning(browser):
        browser.find_element(By.CSS_SELECTOR, ".search button").click()
    assert "?" not in browser.current_url  # a key isn't for addresses
    text = browser.find_element(By.TAG_NAME, "main").text
    assert "省市场监管数据平台" in text and "uscc.unknown" in text and "拒收" in text
    assert "市民政局" in text and "市税务局" not in text
    browser.get(f"{office.url}/en/records.html?dataset={MARKET}&seq=5")
    assert "taken" in browser.find_element(By.TAG_NAME, "main").text
    browser.get(f"{office.url}/records.html?dataset={MARKET}&seq=99999")
    assert "没有这条记录" in browser.page_source


@pytest.mark.parametrize(("width", "language"), [(1280, ""), (390, "en/")])
def test_pages_are_for_everyone(
    office: Office, browser: Chrome, width: int, language: str
) -> None:
    show_at(browser, width, 900)
    for place in [*office.places(), f"records.html?dataset={MARKET}&seq=301", "nothing.html"]:
        browser.get(f"{office.url}/{language}{place}")
        assert violations(browser) == [], place
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, (
            place
        )
        assert len(browser.find_elements(By.TAG_NAME, "h1")) == 1
        for table in browser.find_elements(By.TAG_NAME, "table"):
            assert table.find_element(By.TAG_NAME, "caption").get_attribute("textContent")


def test_a_department_sees_its_own_and_nothing_of_others(office: Office) -> None:
    board = Board(office.board.site, CATALOGUE, "health")
    client = create_pages(board, office.engine).test_client()
    text = client.get("/", headers={"Host": "localhost"}).text
    assert "省市场监管数据平台" not in text and "卫生" in text
    for place in (f"datasets/{MARKET}.html", "consumers/1.html"):
        assert client.get(f"/{place}", headers={"Host": "localhost"}).status_code == 404
    asked = {"dataset": MARKET, "key": a_company(1)["uscc"]}
    found = client.post("/records.html", data=asked, headers={"Host": "localhost"}).text
    assert "省市场监管数据平台" not in found
    mine = create_pages(Board(office.board.site, CATALOGUE, OWNER), office.engine).test_client()
    own = mine.get("/consumers/1.html", headers={"Host": "localhost"}).text
    assert "省市场监管数据平台" in own and '<h2 id="keys">' not in own


def test_only_loopback_is_answered(office: Office) -> None:
    for host in ("hub.example.cn", "127.0.0.1.example.cn", "localhost.evil:80", "[::1].x"):
        assert httpx.get(office.url, headers={"Host": host}).status_code == 421
    for host in ("localhost", "127.0.0.1:8010", "[::1]:80"):
        assert httpx.get(office.url, headers={"Host": host}).status_code == 200
    assert httpx.post(f"{office.url}/index.html").status_code == 405
    for place in (
        "assets/../pages.py",
        "assets/..%2fpages.py",
        "consumers/999.html",
        "datasets/x.html",
    ):
        assert httpx.get(f"{office.url}/{place}").status_code in (404, 405)


def test_the_report_is_the_same_pages_in_a_folder(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read = tmp_path / "report", list[Connection]()

    def counted(connection: Connection) -> list[Standing]:
        read.append(connection)
        return overview(connection)

    monkeypatch.setattr(pages, "overview", counted)
    count = write_report(office.board, office.engine, folder)
    assert len(read) <= 2 < count  # it reads the whole log, which not every page has to
    files = list(folder.rglob("*.html"))
    assert count == len(files) == 2 * (len(office.places()) - 1)
    for page in files:
        text = page.read_text(encoding="utf-8")
        assert "records.html" not in text
        for link in re.findall(r'href="([^"#][^"]*)"', text):
            if not link.startswith("data:"):
                assert (page.parent / unquote(link)).is_file(), (page, link)
    assert write_report(office.board, office.engine, folder) == count
    with pytest.raises(Misdeclared, match="report of exchanges"):
        write_report(office.board, office.engine, tmp_path)
    assert PENALTY in {place.stem for place in files}
