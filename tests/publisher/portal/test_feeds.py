"""Feeds as a reader that we didn't write sees them: what is new, corrected and withdrawn."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import polars as pl
import pytest
from flask.testing import FlaskClient
from lxml.etree import _Element, fromstring

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from publisher.portal.app import create_portal
from publisher.portal.settings import Settings
from publisher.release import build_release
from tests.publisher.portal.conftest import CODE, ENTITIES, PENALTIES, SCRIPT, release

BASE = "https://data.example.cn"
PENALTY = "administrative_penalty"
ATOM = "{http://www.w3.org/2005/Atom}"
GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
LI = f"茂名荔乡<b>食品</b>&amp;公司{chr(1)}"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    release(folder, "market_entity", ENTITIES)
    release(folder, PENALTY, PENALTIES[:12])
    standard = load_catalogue().get("abnormal_operation_list")
    schema = {name: field.dtype for name, field in standard.fields_for("public").items()}
    told = {"subject_name": "茂名某公司", "record_id": "b1", "published_on": today().isoformat()}
    row = {name: told.get(name) for name in ("record_id", "published_on", *schema)}
    schema |= {"record_id": pl.String(), "published_on": pl.String()}
    build_release(folder, standard, pl.DataFrame([row], schema_overrides=schema))
    first = {**PENALTIES[0], "subject_name": LI}
    release(folder, PENALTY, [first, *PENALTIES[2:15]])  # one corrected, one gone, three new
    return folder


@pytest.fixture(scope="module")
def client(root: Path) -> FlaskClient:
    settings = Settings(base_url=BASE, operator_zh="市场监管局", licence_zh="政务数据开放许可")
    return create_portal(root, load_catalogue(), settings=settings).test_client()


def read(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, address
    found = feedparser.parse(
        answer.data, response_headers={n.lower(): v for n, v in answer.headers}
    )
    assert not found.bozo, found.get("bozo_exception")
    return found


def root_of(client: FlaskClient, address: str) -> _Element:
    return fromstring(client.get(address).data)


@pytest.mark.parametrize(
    "place",
    [f"/datasets/{PENALTY}/feed", "/search/feed", f"/subjects/{CODE}/feed", "/today/feed"],
)
@pytest.mark.parametrize("syntax", ["atom", "rss"])
def test_a_reader_takes_every_feed(client: FlaskClient, place: str, syntax: str) -> None:
    query = "?q=荔乡" if "search" in place else ""
    found = read(client, f"{place}.{syntax}{query}")
    assert found.version == {"atom": "atom10", "rss": "rss20"}[syntax]
    assert found.feed.title and found.feed.link.startswith(BASE) and found.feed.updated_parsed
    assert found.feed.language == "zh-CN"
    assert found.entries
    for entry in found.entries:
        assert entry.id.startswith("tag:data.example.cn,2026:datasets/")
        assert re.match(rf"{BASE}/datasets/[a-z_]+/records/\w+$", entry.link)
        assert entry.title and entry.summary and entry.published_parsed


def test_atom_has_what_rfc_4287_asks_for(client: FlaskClient) -> None:
    feed = root_of(client, f"/datasets/{PENALTY}/feed.atom")
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "市场监管局"
    assert feed.findtext(f"{ATOM}rights") == "政务数据开放许可"
    links = {one.get("rel"): one.get("href") for one in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"{BASE}/datasets/{PENALTY}/feed.atom"
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    for name in ("updated", "published"):
        for one in feed.iter(ATOM + name):
            assert datetime.fromisoformat(one.text or "").tzinfo is not None


def test_corrected_comes_first_and_withdrawn_is_a_tombstone(client: FlaskClient) -> None:
    feed = root_of(client, f"/datasets/{PENALTY}/feed.atom")
    names = [str(one.text).rpartition("/")[2] for one in feed.findall(f"{ATOM}entry/{ATOM}id")]
    assert names[0] == "p1" and "p2" not in names
    (gone,) = feed.findall(GONE)
    assert gone.get("ref") == f"tag:data.example.cn,2026:datasets/{PENALTY}/records/p2"
    when = datetime.fromisoformat(gone.get("when") or "")
    assert when <= datetime.now(UTC)
    told = "".join(gone.itertext())
    assert "已不再公示" in told and "政府信息公开条例" in told
    assert "李某某" not in client.get(f"/datasets/{PENALTY}/feed.atom").text
    # who kept the record from a search or a company's feed is told as well
    for place in ("/search/feed.atom?q=李", f"/subjects/{CODE}/feed.atom"):
        assert len(root_of(client, place).findall(GONE)) == 1


@pytest.mark.parametrize("syntax", ["atom", "rss"])
def test_what_looks_like_markup_stays_a_text(client: FlaskClient, syntax: str) -> None:
    found = read(client, f"/datasets/{PENALTY}/feed.{syntax}")
    (entry,) = [one for one in found.entries if one.id.endswith("/p1")]
    summary = entry.summary.replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'")
    assert SCRIPT in summary.replace("&#39;", "'")  # shown, as these characters
    raw = client.get(f"/datasets/{PENALTY}/feed.{syntax}").text
    assert "<script" not in raw and "&lt;script" not in raw and "\x01" not in raw
    title = fromstring(raw.encode()).find(
        f"{ATOM}entry/{ATOM}title" if syntax == "atom" else "channel/item/title"
    )
    assert title is not None
    kept = "<b>食品</b>&amp;公司" if syntax == "atom" else "＜b＞食品＜/b＞＆amp;公司"
    assert kept in str(title.text)


def test_nothing_new_is_answered_without_a_body(client: FlaskClient) -> None:
    place = f"/datasets/{PENALTY}/feed.atom"
    first = client.get(place)
    assert first.data == client.get(place).data  # nothing in it is of the moment
    again = client.get(place, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(place, headers=since).status_code == 304
    assert first.headers["Cache-Control"] == "public, max-age=300"


def test_filters_are_those_of_the_search(client: FlaskClient) -> None:
    found = read(client, f"/search/feed.atom?dataset={PENALTY}&since=2024-01-01&kind=罚款")
    assert [one.id.rpartition("/")[2] for one in found.entries] == ["p1"]
    assert client.get("/search/feed.atom").status_code == 404
    assert client.get("/datasets/nothing/feed.atom").status_code == 404
    assert client.get(f"/datasets/{PENALTY}/feed.xml").status_code == 404
    assert read(client, "/subjects/91440900MA00000000/feed.atom").entries == []


@pytest.mark.parametrize(
    "page", [f"/datasets/{PENALTY}", "/search?q=荔乡&kind=罚款", f"/subjects/{CODE}", "/today"]
)
def test_pages_name_their_feed(client: FlaskClient, page: str) -> None:
    head = client.get(page).text.partition("</head>")[0]
    found = re.search(r'type="application/atom\+xml"[^>]*href="([^"]+)"', head)
    assert found is not None
    read(client, found[1].replace("&amp;", "&"))


def test_english_on_demand(client: FlaskClient) -> None:
    found = read(client, f"/datasets/{PENALTY}/feed.atom?lang=en")
    assert found.feed.language == "en" and "Administrative" in found.feed.title
