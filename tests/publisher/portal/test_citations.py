"""Citations, read back, and the terms of use in plain words."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.citation import Citation
from publisher.portal.app import create_portal
from publisher.portal.settings import Settings

PLACE = "/datasets/market_entity/releases/1/citation"


@pytest.fixture
def client(releases: Path) -> FlaskClient:
    settings = Settings(base_url="https://data.example.cn", place_zh="某市")
    return create_portal(releases, load_catalogue(), settings=settings).test_client()


def test_three_ways_to_cite_a_release(client: FlaskClient, releases: Path) -> None:
    address = "https://data.example.cn/datasets/market_entity/releases/1/"
    text = client.get(f"{PLACE}.txt").text
    assert text.startswith("某市市场监督管理局. 商事主体登记信息：第 1 版[DS/OL]. (2")
    assert text.rstrip().endswith(f"]. {address}.")
    digest = hashlib.sha256((releases / "market_entity/1/manifest.json").read_bytes()).hexdigest()
    (item,) = json.loads(client.get(f"{PLACE}.json").data)
    assert item["type"] == "dataset" and item["URL"] == address and digest in item["note"]
    assert item["author"] == [{"literal": "某市市场监督管理局"}] and item["version"] == "1"
    bibtex = client.get(f"{PLACE}.bib").text
    assert bibtex.startswith("@misc{market_entity-1,\n") and f"  url = {{{address}}},\n" in bibtex
    assert bibtex.count("{") == bibtex.count("}")
    assert client.get(f"{PLACE}.xml").status_code == 404
    assert client.get(PLACE.replace("/1/", "/99/") + ".txt").status_code == 404


def test_what_bibtex_takes_for_commands_stays_a_text() -> None:
    made = Citation("A & B_{x}", "100% \\input{~} #1 $^", "d", 1, "2026-01-31", "2026-02-01",
                    "https://example.cn/", "0" * 64, "r1")  # fmt: skip
    text = made.bibtex()
    assert r"author = {{A \& B\_\{x\}}}" in text
    assert r"100\% \textbackslash{}input\{\textasciitilde{}\} \#1 \$\textasciicircum{}" in text
    assert "记录 r1" in made.national() and made.name == "d-1-r1"


def test_pages_say_how_to_cite_and_under_which_terms(client: FlaskClient) -> None:
    record = client.get("/datasets/administrative_penalty/records/p1").text
    assert "记录 p1[DS/OL]" in record and 'href="/licence"' in record
    dataset = client.get("/datasets/market_entity").text
    assert "第 2 版[DS/OL]" in dataset or "第 1 版[DS/OL]" in dataset
    assert 'rel="license"' in dataset


@pytest.mark.parametrize(
    ("licence", "heading", "own"),
    [
        (Settings(), "政务数据开放许可", "应立即停止展示"),
        (Settings(licence_zh="CC BY 4.0", licence_url="https://creativecommons.org/licenses/by/4.0/"),
         "CC BY 4.0", "只授予许可人的权利"),
    ],
)  # fmt: skip
def test_the_terms_in_plain_words(
    releases: Path, licence: Settings, heading: str, own: str
) -> None:
    client = create_portal(releases, load_catalogue(), settings=licence).test_client()
    page = client.get("/licence").text
    assert f"<h1>{heading}</h1>" in page and own in page and "个人信息保护法" in page
