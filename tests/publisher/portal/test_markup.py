"""Names, facts and codes that carry markup are shown as they are written, and do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium.webdriver import Chrome

from exchange_schemas.catalogue import load_catalogue
from tests.publisher.portal.conftest import release, served

ACT = "document.documentElement.className='taken'"
PAYLOADS = (
    f"<script>{ACT}</script>",
    f'"><script>{ACT}</script>',
    f"'><img src=x onerror={ACT}>",
    f"<img/src=x onerror={ACT}//",
    f"<svg onload={ACT}>",
    f"<svg><script>{ACT}</script></svg>",
    f"<body onload={ACT}>",
    f"</title><script>{ACT}</script>",
    f"</textarea><script>{ACT}</script>",
    f'" onmouseover="{ACT}" autofocus onfocus="{ACT}',
    f"javascript:{ACT}",
    f'<a href="javascript:{ACT}">x</a>',
    f'<iframe srcdoc="<script>{ACT}</script>">',
    "<style>*{background:url(//evil.example)}</style>",
    '<link rel=stylesheet href="//evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    '<base href="//evil.example/">',
    f"<details open ontoggle={ACT}>",
    f"<scr<script>ipt>{ACT}</scr</script>ipt>",
    f"<SCRIPT>{ACT}</SCRIPT>",
    f"\u003cscript>{ACT}\u003c/script>",
    f"＜script＞{ACT}＜/script＞",
    "{{ 7 * 191 }}{% for x in y %}",
    f"<!--><script>{ACT}</script>-->",
    f"<math><mtext></mtext><mglyph><style></math><img src onerror={ACT}>",
)
DATASET = "administrative_penalty"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One record for each payload, with the payload in every field of text."""
    root = tmp_path_factory.mktemp("markup")
    texts = {
        name: field.kind
        for name, field in load_catalogue().get(DATASET).fields_for("public").items()
        if field.kind in ("string", "list")
    }
    rows = [
        {"record_id": f"m{n}", "decided_on": "2025-01-01"}
        | {name: [words] if kind == "list" else words for name, kind in texts.items()}
        for n, words in enumerate(PAYLOADS)
    ]
    release(root, DATASET, rows)
    return root


@pytest.fixture(scope="module")
def site(releases: Path) -> Iterator[str]:
    with served(releases) as address:
        yield address


def calm(browser: Chrome, address: str) -> None:
    """Open a page and see that nothing ran, nothing was fetched elsewhere, nothing was refused."""
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # what came before
    browser.get(address)
    assert browser.current_url.startswith(address.split("?", maxsplit=1)[0])
    assert browser.find_element("tag name", "html").get_attribute("class") == ""
    made = browser.find_elements(
        "css selector",
        "script:not([type='application/ld+json']), img:not(.chart), style, iframe, base, svg:not([role=img])",
    )
    assert made == []
    told = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry["message"] for entry in told] == []


def test_no_record_page_runs_what_a_department_wrote(browser: Chrome, site: str) -> None:
    for number, words in enumerate(PAYLOADS):
        calm(browser, f"{site}/datasets/{DATASET}/records/m{number}")
        assert browser.find_element("tag name", "h1").get_attribute("textContent") == words


@pytest.mark.parametrize(
    "path",
    [
        f"/datasets/{DATASET}",
        f"/datasets/{DATASET}/table",
        f"/datasets/{DATASET}/charts",
        "/search?q=taken",
        "/search?q=script",
    ],
)
def test_no_list_runs_it_either(browser: Chrome, site: str, path: str) -> None:
    calm(browser, site + path)


def test_no_page_runs_what_a_reader_was_made_to_ask_for(browser: Chrome, site: str) -> None:
    for words in PAYLOADS:
        calm(browser, f"{site}/search?q={quote(words)}&dataset={quote(words)}&page={quote(words)}")
        asked = "&".join(f"{name}={quote(words)}" for name in ("q", "kind", "sort", "columns"))
        calm(browser, f"{site}/datasets/{DATASET}/table?{asked}")
