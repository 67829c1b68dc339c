"""Markup in every text of a whole release stays a text: on every kind of page, and in every header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from lxml import etree, html
from selenium.webdriver import Chrome

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from tests.publisher.payloads import HEADERS, PAGES
from tests.publisher.portal.conftest import CODE, served
from tests.publisher.portal.hostile_site import (
    DATASETS,
    hostile_releases,
    kinds_of_pages,
    records_and_searches,
    watched,
    what_happened,
)  # fmt: skip

_RUNS = (
    "//@*[starts-with(name(), 'on')]"
    "|//@*[contains('href src action formaction data', name())]"
    "[starts-with(translate(normalize-space(.), ' ', ''), 'javascript:')]"
)
_STRANGE = (
    "//iframe|//object|//embed|//base|//svg//script|//style|//*[@srcdoc]|//meta[@http-equiv]"
)
FEEDS = ("atom", "rss")
FEW = PAGES[len(HEADERS) :: 25]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_releases(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def client(hostile: Path) -> FlaskClient:
    return create_portal(hostile, load_catalogue()).test_client()


@pytest.fixture(scope="module")
def site(hostile: Path) -> Iterator[str]:
    with served(hostile) as address:
        yield address


def run_by(page: bytes) -> list[str]:
    """Whatever a browser would run or load that the portal's own templates don't have."""
    document = html.fromstring(page)
    scripts = [one for one in document.iter("script") if one.get("src") is None]
    data = ("application/ld+json", "application/json")
    found = [html.tostring(one) for one in document.xpath(_STRANGE)]
    found += [html.tostring(one) for one in scripts if one.get("type") not in data]
    return [*map(str, found), *map(str, document.xpath(_RUNS)), *_foreign(document)]


def _foreign(document: html.HtmlElement) -> list[str]:
    loaded = document.xpath("//img/@src|//link[@rel='stylesheet']/@href|//script/@src")
    return [address for address in loaded if not re.match("/(?!/)|data:image/", address)]


def test_enough_is_tried() -> None:
    assert len(PAGES) >= 200


def test_all_payloads_stay_texts_on_their_pages(
    client: FlaskClient, figures: dict[str, int]
) -> None:
    pages = kinds_of_pages(client) + records_and_searches(PAGES)
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        if response.mimetype == "text/html":
            assert run_by(response.data) == [], address
    figures["markup payloads on pages"] = len(PAGES)


def test_chromium_runs_nothing_on_any_kind_of_page(
    browser: Chrome, client: FlaskClient, site: str
) -> None:
    pages = kinds_of_pages(client) + records_and_searches(FEW)
    with watched(browser):
        assert [one for page in pages for one in what_happened(browser, site + page)] == []


@pytest.mark.slow
def test_chromium_runs_nothing_of_any_payload(
    browser: Chrome, site: str, figures: dict[str, int]
) -> None:
    pages = records_and_searches(PAGES)
    with watched(browser):
        assert [one for page in pages for one in what_happened(browser, site + page)] == []
    figures["pages with markup payloads in Chromium"] = len(pages)


def test_the_watch_sees_what_runs(browser: Chrome, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<title>x</title><script>alert(1)</script><img src=x onerror='taken=1'>")
    with watched(browser):
        found = what_happened(browser, page.as_uri())
    assert any("alert" in one for one in found) and any("inline" in one for one in found)


def test_no_address_or_question_becomes_a_header(client: FlaskClient) -> None:
    rules = [rule for rule in client.application.url_map.iter_rules() if "GET" in rule.methods]
    for payload in HEADERS:
        for rule in rules:
            path = re.sub("<int:[^>]+>", "1", rule.rule)
            path = re.sub("<any[(](\\w+)[^>]+>", "\\1", path)
            path = re.sub("<[^>]+>", quote(payload, safe=""), path)
            asked = "&".join(
                f"{n}={quote(payload)}" for n in ("q", "after", "sort", "lang", "dataset")
            )
            response = client.get(f"{path}?{asked}")
            assert response.status_code < 500, path
            assert_own_headers(response.headers.items(), path)


def assert_own_headers(headers: list[tuple[str, str]], address: str) -> None:
    for name, value in headers:
        assert not set("\r\n\0") & set(name + value), address
        assert name != "X-Injected" and "taken" not in value, address
        if name == "Location":
            assert re.match("/(?!/)|http://localhost/", value), address
        if name == "Content-Disposition":
            assert re.fullmatch(r'attachment; filename="?[\w.-]+"?', value), value


@pytest.mark.parametrize(
    "address",
    ["/catalog.rdf", "/today/feed.atom", "/today/feed.rss", f"/subjects/{CODE}/feed.atom",
     "/search/feed.rss?q=script", *(f"/datasets/{n}/feed.{f}" for n in DATASETS for f in FEEDS)],
)  # fmt: skip
def test_feeds_and_catalogues_are_well_formed(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    document = etree.fromstring(response.data)
    assert not document.xpath("//*[local-name() = 'script']")


def test_a_release_has_no_file_but_its_own(client: FlaskClient) -> None:
    for payload in HEADERS:
        path = f"/datasets/administrative_penalty/releases/1/{quote(payload, safe='')}"
        assert client.get(path).status_code in (404, 405, 400), payload
