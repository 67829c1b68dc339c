"""Every link leads somewhere, in both languages, and nothing that wasn't released is behind any."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import polars as pl
import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.release import build_release
from tests.publisher.portal.conftest import DATASETS

LINK = re.compile(r'<[^<>]*?(?:href|action|src|srcset)="([^"#]+)[^<>]*>')
SECRET = "canary-5f0c0d6e"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Releases whose makers were careless: they were given fields that aren't public."""
    root = tmp_path_factory.mktemp("crawled")
    for dataset, rows in DATASETS.items():
        standard = load_catalogue().get(dataset)
        public = standard.fields_for("public")
        names = {name: field.dtype for name, field in public.items()}
        hidden = [n for n, f in standard.fields.items() if n not in public and f.kind == "string"]
        view = pl.DataFrame(
            [{name: row.get(name) for name in ("record_id", *names)} for row in rows[:8]],
            schema={"record_id": pl.String, **names},
        )
        build_release(root, standard, view.with_columns(pl.lit(SECRET).alias(n) for n in hidden))
    return create_portal(root, load_catalogue()).test_client()


def crawl(client: FlaskClient, start: str) -> dict[str, bytes]:
    """address → content of all that can be reached from `start`.

    What a page asks not to be followed, as it is the same in another order or selection, is looked at
    and nothing behind it.
    """
    seen: dict[str, bytes] = {}
    last: set[str] = set()
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        response = client.get(address)
        assert response.status_code in (200, 302), address
        seen[address] = response.data
        links = [response.headers["Location"]] if response.status_code == 302 else []
        if response.mimetype == "text/html":
            assert len(response.data) < 60_000, address
            page = "" if address in last else response.get_data(as_text=True)
            found = {unescape(tag[1]): tag[0] for tag in LINK.finditer(page)}
            links += found
            last |= {link for link, tag in found.items() if "nofollow" in tag} - seen.keys()
        for link in links:
            place = urlsplit(urljoin(f"http://localhost{address}", link))
            assert place.netloc == "localhost", link
            if "lang=" not in place.query:
                waiting.append(f"{place.path}?{place.query}" if place.query else place.path)
    return seen


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_link_works_and_nothing_unreleased_is_behind_any(
    client: FlaskClient, lang: str
) -> None:
    client.get(f"/?lang={lang}")
    found = crawl(client, "/")
    records = [address for address in found if "/records/" in address]
    assert sum(not address.endswith(".json") for address in records) == 10
    assert sum(address.endswith("records.parquet") for address in found) == 3
    assert [address for address, content in found.items() if SECRET.encode() in content] == []
    for query in (SECRET, SECRET[-8:]):
        page = client.get(f"/search?q={query}").get_data(as_text=True)
        assert "/records/" not in page


def test_the_stylesheet_asks_nobody_else(client: FlaskClient) -> None:
    sheet = client.get("/static/portal.css").get_data(as_text=True)
    assert "url(" not in sheet
    assert "@import" not in sheet
