"""Lists and details from a real web server: all of them or an error, and politely."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.artefact import Store
from adapters.limits import Limits
from adapters.page_list import KNOWN, cursor_of, fresh
from adapters.pull import pull, read
from adapters.source import Ask, Part
from adapters.source_pages import PagesSource
from exchange_schemas.errors import HubError, Misdeclared
from tests.adapters.conftest import Desk

Answer = tuple[int, str]


@dataclass
class Site:
    """A web server that knows some pages and counts who asked for what, and when."""

    port: int = 0
    pages: dict[str, Answer | Callable[[], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, float]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def list_of(self, path: str, names: list[str], more: str = "") -> None:
        links = "".join(f'<li><a class="d" href="detail/{name}.html">{name}</a>' for name in names)
        self.pages[path] = (200, f"<meta charset=utf-8><ul>{links}</ul>{more}")

    def detail(self, name: str) -> None:
        self.pages[f"/detail/{name}.html"] = (
            200, f"<meta charset=utf-8><table><tr><th>名称<td>{name}<tr><th>文号<td>〔{name}〕号</table>")  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, time.monotonic()))
            found = site.pages.get(self.path, (404, "nothing"))
            status, text = found() if callable(found) else found
            body = text.encode()
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
        server.shutdown()


@pytest.fixture
def site(running: Site) -> Site:
    running.pages.clear()
    running.asked.clear()
    return running


def pulled(
    site: Site, told: dict[str, Any], cursor: str | None = None, **limits: Any
) -> list[Part]:
    options = {"pause": 0, **told}
    ask = Ask(options, Path(), internal=True, cursor=cursor, limits=Limits(**limits))
    return list(PagesSource().pull(ask))


def fault(site: Site, told: dict[str, Any], **limits: Any) -> str:
    with pytest.raises(HubError) as caught:
        pulled(site, told, **limits)
    assert "{" not in caught.value.issue.message("en").replace("{page}", "")
    return caught.value.issue.code


def names_of(parts: list[Part]) -> list[str]:
    return [part.origin.rpartition("/")[2].removesuffix(".html") for part in parts]


@pytest.fixture
def three(site: Site) -> Site:
    for page in (1, 2, 3):
        names = [f"{page}{letter}" for letter in "abc"]
        later = f'<a class=next href="/list?p={page + 1}">下一页</a>' if page < 3 else ""
        site.list_of(f"/list?p={page}", names, later + "<i>共 3 页 9 条</i>")
        for name in names:
            site.detail(name)
    return site


ALL = [f"{page}{letter}" for page in (1, 2, 3) for letter in "abc"]


def test_pages_by_number(three: Site) -> None:
    told = {"url": three.url("/list?p={page}"), "details": "a.d"}
    assert names_of(pulled(three, {**told, "pages": {"first": 1, "last": 3}})) == ALL
    assert names_of(pulled(three, {**told, "pages": {"last": "//i"}})) == ALL
    lists = pulled(three, {**told, "pages": {"last": 3}, "take": "list"})
    assert [part.name for part in lists] == ["000001.html", "000002.html", "000003.html"]


def test_pages_by_their_links(three: Site) -> None:
    told = {"url": three.url("/list?p=1"), "next": "a.next", "details": "//a[@class='d']/@href"}
    assert names_of(pulled(three, told)) == ALL


def test_a_first_page_of_its_own(three: Site) -> None:
    three.list_of("/index.html", ["1a", "1b"], "<i>3</i>")
    told = {
        "url": three.url("/list?p={page}"),
        "start": three.url("/index.html"),
        "details": "a.d",
    }
    parts = pulled(three, {**told, "pages": {"first": 2, "last": "//i"}})
    assert names_of(parts) == ["1a", "1b", *ALL[3:]]
    three.list_of("/index.html", ["1a", "1b"], "<i>1</i>")
    assert names_of(pulled(three, {**told, "pages": {"first": 2, "last": "//i"}})) == ["1a", "1b"]


def test_a_pull_stops_at_what_it_knows(three: Site) -> None:
    told = {"url": three.url("/list?p=1"), "next": "a.next", "details": "a.d", "until_known": True}
    parts = pulled(three, told)
    cursor = parts[-1].cursor
    assert names_of(parts) == ALL
    assert cursor is not None and cursor.split("\n")[0].endswith("/1a.html")
    assert pulled(three, told, cursor) == []
    three.list_of("/list?p=1", ["n1", "n2", "1b"], '<a class=next href="/list?p=2">')  # 1a is gone
    three.detail("n1"), three.detail("n2")
    three.asked.clear()
    assert names_of(pulled(three, told, cursor)) == ["n1", "n2"]
    assert "/list?p=2" not in three.paths


def test_what_is_pinned_on_top_is_not_where_to_stop(three: Site) -> None:
    told = {"url": three.url("/list?p=1"), "next": "a.next", "details": "a.d", "until_known": True}
    cursor = pulled(three, {**told, "pinned": 1})[-1].cursor
    three.list_of("/list?p=1", ["1a", "n1", "1b"], '<a class=next href="/list?p=2">')
    three.detail("n1")
    assert names_of(pulled(three, {**told, "pinned": 1}, cursor)) == ["1a", "n1"]


LINK = st.integers(0, 60).map(str)


@given(st.lists(LINK, unique=True), st.lists(LINK, unique=True, min_size=1), st.integers(0, 3))
def test_nothing_new_is_missed(new: list[str], old: list[str], gone: int) -> None:
    """Whatever was published before the old ones, and though some of the old ones are withdrawn."""
    new = [f"n{link}" for link in new]
    cursor = cursor_of(old, 0)
    left = old[gone:]
    taken, met = fresh([*new, *left], cursor, 0)
    assert taken[: len(new)] == new
    assert met == (any(link in old[:KNOWN] for link in left))
    assert not met or taken == new


def test_robots_are_heeded(three: Site) -> None:
    three.pages["/robots.txt"] = (200, "User-agent: *\nDisallow: /detail/\n")
    told = {"url": three.url("/list?p={page}"), "pages": {"last": 1}, "details": "a.d"}
    assert fault(three, told) == "robots_refused"
    assert not any(path.startswith("/detail") for path in three.paths)
    assert len(pulled(three, {**told, "take": "list"})) == 1
    assert len(pulled(three, {**told, "robots": False})) == 3
    three.pages["/robots.txt"] = (200, "User-agent: exchange-hub\nDisallow: /list\n")
    assert fault(three, told) == "robots_refused"


def test_pauses_are_made(three: Site) -> None:
    three.pages["/robots.txt"] = (200, "User-agent: *\nCrawl-delay: 1\n")
    told = {"url": three.url("/list?p={page}"), "pages": {"last": 2}, "take": "list"}
    pulled(three, {**told, "pause": 0.1})
    first, second = [moment for path, moment in three.asked if path != "/robots.txt"]
    assert second - first > 0.9
    assert fault(three, told, seconds=0) == "pages_too_slow"


def test_other_servers_are_not_asked(three: Site) -> None:
    three.pages["/a"] = (200, '<a class=d href="http://127.0.0.2:9/x">x</a>')
    assert fault(three, {"url": three.url("/a"), "details": "a.d"}) == "page_elsewhere"
    three.pages["/b"] = (200, '<a class=next href="//localhost/x">x</a>')
    assert fault(three, {"url": three.url("/b"), "next": "a.next"}) == "page_elsewhere"
    three.pages["/c"] = (302, three.url("/b").replace("127.0.0.1", "localhost"))
    assert fault(three, {"url": three.url("/c")}) == "page_elsewhere"


def test_a_list_without_links_is_no_empty_list(three: Site) -> None:
    three.pages["/a"] = (200, "<p>系统繁忙</p>")
    told = {"url": three.url("/a"), "details": "a.d", "empty": "p.none"}
    assert fault(three, told) == "pages_without_links"
    three.pages["/a"] = (200, "<p class=none>暂无数据</p>")
    assert pulled(three, told) == []


def test_circles_and_endless_lists(three: Site) -> None:
    three.pages["/a"] = (200, '<a class=next href="/b">下一页</a>')
    three.pages["/b"] = (200, '<a class=next href="/a">下一页</a>')
    told = {"url": three.url("/a"), "next": "a.next"}
    assert fault(three, told) == "pages_in_circles"
    three.pages["/b"] = (200, '<a class=next href="javascript:void(0)">下一页</a>')
    assert len(pulled(three, told)) == 2
    three.pages["/b"] = (200, '<a class=next href="/b">下一页</a>')  # the last one leads to itself
    assert len(pulled(three, told)) == 2
    assert fault(three, told, pages=1) == "pages_too_many"
    numbered = {"url": three.url("/list?p={page}"), "pages": {"last": "//b"}, "take": "list"}
    assert fault(three, numbered) == "pages_last_missing"


def test_faults_are_met_and_dead_links_are_told(
    three: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([(503, ""), (200, three.pages["/detail/1b.html"][1])])  # type: ignore[index]
    three.pages["/detail/1b.html"] = lambda: next(answers)
    told = {"url": three.url("/list?p=1"), "details": "a.d"}
    assert names_of(pulled(three, told)) == ["1a", "1b", "1c"]
    three.pages["/detail/1b.html"] = (404, "")
    assert fault(three, told) == "page_missing"
    assert names_of(pulled(three, {**told, "dead_links": "skip"})) == ["1a", "1c"]
    assert fault(three, {"url": three.url("/nowhere")}) == "http_missing"


def test_a_feed_of_details(three: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_INTERNAL_FEEDS", "test_feed")
    url = three.url("/list?p={page}")
    source = {"kind": "pages", "url": url, "pages": {"last": 3}, "details": "a.d", "pause": 0}
    feed = desk.declare(source=source, format={"kind": "html", "record": {"pairs": True}},
                        fields={"subject_name": "名称"}, ignore={"文号": "不用"})  # fmt: skip
    delivered = pull(feed, Store(desk.folder / "raw"))
    assert next(told.origin for told in delivered.parts) == three.url("/detail/1a.html")
    batches = list(read(feed, delivered.artefact))
    assert [name for batch in batches for name in batch.rows["名称"]] == ALL


@pytest.mark.parametrize(
    "told",
    [
        {"url": "http://a/{page}"},
        {"url": "http://a/", "pages": {"last": 2}},
        {"url": "http://a/{page}", "pages": {"last": 2}, "next": "a"},
        {"url": "http://a/", "take": "details"},
        {"url": "http://a/", "until_known": True},
        {"url": "ftp://a/"},
    ],
)
def test_wrong_declarations(desk: Desk, told: dict[str, Any]) -> None:
    with pytest.raises(Misdeclared) as caught:
        desk.declare(source={"kind": "pages", **told}, format={"kind": "html"})
    assert caught.value.issue.code == "feed_invalid"
