"""A portal whose releases are full of markup, and what a browser tells of anything that got through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import polars as pl
from flask.testing import FlaskClient
from lxml import html
from selenium.webdriver import Chrome

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import Field
from publisher.release import build_release
from tests.publisher.payloads import PAGES
from tests.publisher.portal.conftest import CODE

DATASET = "administrative_penalty"
DATASETS = (DATASET, "market_entity", "food_sampling_result")
PER_KIND = 3  # pages of one kind that are looked at

#: Runs before any script of a page and says afterwards what happened there.
HOOK = """
window.__ran = []; window.__refused = [];
for (const name of ["alert", "confirm", "prompt", "print", "fetch"]) {
  window[name] = () => { window.__ran.push(name); };
}
document.addEventListener("securitypolicyviolation",
  event => window.__refused.push(event.violatedDirective + " " + event.blockedURI), true);
"""
FOUND = """
const foreign = performance.getEntriesByType("resource").map(one => one.name)
  .filter(name => !name.startsWith(location.origin));
const inline = [...document.scripts].filter(
  one => !one.src && one.type !== "application/ld+json" && one.type !== "application/json");
return [...window.__ran, ...window.__refused, ...foreign,
  ...inline.map(one => "inline script " + one.text.slice(0, 40)),
  ...(window.taken || document.title === "taken" ? ["taken"] : [])];
"""


def hostile_releases(root: Path, payloads: tuple[str, ...] = PAGES) -> Path:
    """One record per payload in three datasets, with the payload in every field that is a text."""
    for dataset in DATASETS:
        standard = load_catalogue().get(dataset)
        public = standard.fields_for("public")
        rows = [
            {
                "record_id": f"p{n}",
                **{name: _value(field, text, n) for name, field in public.items()},
            }
            for n, text in enumerate(payloads)
        ]
        names = {name: field.dtype for name, field in public.items()}
        frame = pl.DataFrame(rows, schema={"record_id": pl.String, **names})
        build_release(root, standard, frame)
    return root


def _value(field: Field, text: str, number: int) -> Any:
    kinds: dict[str, Any] = {
        "list": [text, "罚款"],
        "date": (date(2026, 3, 4) - timedelta(days=number)).isoformat(),
        "integer": number,
        "boolean": True,
        "decimal": "1.5",
        "datetime": "2026-03-04T10:00:00+08:00",
    }
    return CODE if field.name == "uscc" else kinds.get(field.kind, text)


def kinds_of_pages(client: FlaskClient) -> list[str]:
    """Addresses of pages and pictures, some of every kind, found by following links from the home page."""
    adapter = client.application.url_map.bind("localhost")
    counts: Counter[str] = Counter()
    waiting, seen, pages = ["/", f"/subjects/{CODE}", "/search?q=script"], set(), []
    while waiting:
        address = waiting.pop(0)
        place = urlsplit(address)
        if address in seen or not adapter.test(place.path, "GET"):
            continue
        seen.add(address)
        kind = adapter.match(place.path, "GET")[0]
        if kind in ("static", "downloads.file", "downloads.latest") or counts[kind] == PER_KIND:
            continue
        counts[kind] += 1
        response = client.get(address)
        if response.mimetype in ("text/html", "image/svg+xml"):
            pages.append(address)
        if response.mimetype == "text/html":
            waiting += _links(address, response.get_data(as_text=True))
    return pages


def _links(address: str, page: str) -> Iterator[str]:
    for name in ("href", "src"):
        for link in html.fromstring(page).xpath(f"//@{name}"):
            place = urlsplit(urljoin(f"http://localhost{address}", unescape(link)))
            if place.netloc == "localhost" and "lang=" not in place.query:
                yield f"{place.path}?{place.query}" if place.query else place.path


def records_and_searches(payloads: tuple[str, ...]) -> list[str]:
    """The page of each payload's record, and the search for it."""
    records = [f"/datasets/{DATASET}/records/p{PAGES.index(text)}" for text in payloads]
    return records + [f"/search?q={quote(text)}" for text in payloads]


@contextmanager
def watched(browser: Chrome) -> Iterator[None]:
    """Every page that is opened is watched from its first moment."""
    told = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HOOK})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", told)


def what_happened(browser: Chrome, address: str) -> list[str]:
    """What ran, was refused or asked of others on the page: nothing is right."""
    browser.get(address)
    found: list[str] = browser.execute_script(FOUND)
    return [f"{address}: {one}" for one in found]
