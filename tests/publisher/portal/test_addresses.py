"""Addresses and headers that a stranger writes; languages; caches."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal

OTHER_LANGUAGE = re.compile(r'<a class="twin" href="([^"]*)"')


@pytest.mark.parametrize(
    "words",
    ["_method=POST", "_scheme=javascript&_external=1", "_scheme=x", "_anchor=x", "endpoint=x",
     "self=1", "values=1", "filename=../x", "number=1", "lang=fr", "lang="],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/nothing", "/datasets/administrative_penalty"])
def test_words_of_the_builder_of_addresses_do_nothing(
    client: FlaskClient, path: str, words: str
) -> None:
    response = client.get(f"{path}?{words}")
    assert response.status_code == (404 if path == "/nothing" else 200)
    found = OTHER_LANGUAGE.search(response.get_data(as_text=True))
    assert found is not None
    assert found[1] == ("/" if path == "/nothing" else path) + "?lang=en"


def test_the_other_language_keeps_the_search(client: FlaskClient) -> None:
    page = client.get("/search?q=高州&dataset=administrative_penalty&since=2022-01-01&x=y")
    found = OTHER_LANGUAGE.search(page.get_data(as_text=True))
    assert found is not None
    twin = client.get(found[1].replace("&amp;", "&")).get_data(as_text=True)
    client.get("/?lang=zh")
    assert 'value="2022-01-01"' in twin
    assert "45 records found" in twin


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "//evil.example/datasets/x/releases/1", "/\\evil.example/",
     "/%5cevil.example/", "/%2f%2fevil.example/..", "///evil.example//",
     "/datasets/administrative_penalty//evil.example/releases/1",
     "/datasets/administrative_penalty/releases/1",
     "/datasets//evil.example/latest/records.csv",
     "/datasets/administrative_penalty/latest/%2f%2fevil.example"],
)  # fmt: skip
def test_no_redirect_leaves_the_site(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Host": "portal.example"})
    assert response.status_code in (200, 308, 404)
    place = urlsplit(response.headers.get("Location", ""))
    assert place.hostname in (None, "portal.example")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(client: FlaskClient, method: str) -> None:
    response = client.open("/", method=method)
    assert response.status_code == 405
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_page_that_sets_the_cookie_is_for_its_reader_only(client: FlaskClient) -> None:
    asked = client.get("/about?lang=en")
    assert "no-store" in asked.headers["Cache-Control"]
    assert asked.headers["Content-Language"] == "en"
    again = client.get("/about")
    client.get("/?lang=zh")
    assert "public" in again.headers["Cache-Control"]
    assert "Cookie" in again.headers["Vary"]
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize(("lang", "words"), [("zh", "这是我们的故障"), ("en", "fault is ours")])
def test_a_damaged_release_is_an_apology_without_the_inside(
    tmp_path: Path, lang: str, words: str
) -> None:
    folder = tmp_path / "market_entity"
    folder.mkdir()
    (folder / "current.json").write_text("nonsense", encoding="utf-8")
    client = create_portal(tmp_path, load_catalogue()).test_client()
    home = client.get(f"/?lang={lang}").get_data(as_text=True)  # doesn't fall with one dataset
    assert ("无法读取" if lang == "zh" else "be read at the moment") in home
    response = client.get(f"/datasets/market_entity?lang={lang}")
    page = response.get_data(as_text=True)
    assert response.status_code == 500
    assert words in page
    assert "current.json" not in page
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert client.get("/healthz").json == {"datasets": 0, "updating": ["market_entity"]}
