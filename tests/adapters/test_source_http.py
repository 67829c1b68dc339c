"""One file over HTTP: whole or not at all."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from adapters.limits import Limits
from adapters.source_http import HttpSource, name_of
from exchange_schemas.errors import (
    HubError,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.adapters.fetching import fetch
from tests.services.http_server import Said, Web, http_server


@pytest.fixture
def web() -> Iterator[Web]:
    with stamina.set_testing(True, attempts=3), http_server() as running:
        yield running


def get(web: Web, path: str = "/登记.csv", **options: Any) -> list[tuple[str, bytes]]:
    found = fetch(HttpSource(), url=web.url + path, **options)
    return [(part.name, body) for part, body in found]


def test_a_file_with_its_name_and_where_it_came_from(web: Web) -> None:
    web.say(
        "/export", "a,b\n1,2\n", Content_Disposition='attachment; filename="reg.csv"', ETag='"1"'
    )
    ((part, body),) = fetch(HttpSource(), url=f"{web.url}/export?day=1", params={"day": 2})
    assert (part.name, body) == ("reg.csv", b"a,b\n1,2\n")
    assert part.headers["ETag"] == '"1"' and part.origin.startswith(web.url)
    assert web.asked[0].params == {"day": "2"}


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({}, "登记.csv"),
        ({"Content-Disposition": "attachment; filename=a.xlsx"}, "a.xlsx"),
        (
            {"Content-Disposition": "attachment; filename*=UTF-8''%E5%A4%84%E7%BD%9A.xls"},
            "处罚.xls",
        ),
        ({"Content-Disposition": 'attachment; filename="../../etc/passwd"'}, "passwd"),
    ],
)
def test_names(told: dict[str, str], name: str) -> None:
    assert name_of(told, "http://x/%E7%99%BB%E8%AE%B0.csv?a=b") == name


def test_raw_bytes_in_a_header_are_utf8_or_gbk() -> None:
    for encoding in ("utf-8", "gb18030"):
        raw = "处罚.xls".encode(encoding).decode("latin-1")
        told = {"Content-Disposition": f'attachment; filename="{raw}"'}
        assert name_of(told, "http://x/") == "处罚.xls"


def test_what_passes_is_tried_again(web: Web) -> None:
    web.in_turn("/a", Said(b"", 500), Said(b"", 503, {"Retry-After": "0"}), Said(b"x"))
    assert get(web, "/a") == [("a", b"x")]
    web.in_turn("/b", Said(b"0123456789", cut=4), Said(b"0123456789"))
    assert get(web, "/b") == [("b", b"0123456789")]
    assert len(web.asked) == 5


def test_a_file_that_never_comes_whole_is_no_file(web: Web) -> None:
    web.in_turn("/a", Said(b"0123456789", cut=4))
    with pytest.raises(SourceFaltering) as caught:
        get(web, "/a")
    assert len(web.asked) == 3
    issue = caught.value.issue
    assert (issue.code, issue.params) == ("http_cut", {"found": "4", "expected": "10"})


def test_one_in_chunks_that_breaks_off(web: Web) -> None:
    chunked = {"Content-Length": "", "Transfer-Encoding": "chunked"}
    web.in_turn("/a", Said(b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", headers=chunked))
    assert get(web, "/a") == [("a", b"abcdef")]
    web.answers["/a"] = lambda _a: Said(b"3\r\nabc\r\n3\r\n", headers=chunked, cut=99)
    with pytest.raises(SourceFaltering) as caught:
        get(web, "/a")
    assert caught.value.issue.code == "http_cut"


@pytest.mark.parametrize(
    ("status", "error", "code", "times"),
    [
        (404, SourceUnavailable, "http_missing", 1),
        (401, SourceUnreadable, "http_refused", 1),
        (403, SourceUnreadable, "http_refused", 1),
        (400, SourceUnreadable, "http_status", 1),
        (429, SourceFaltering, "http_busy", 3),
        (502, SourceFaltering, "http_busy", 3),
    ],
)
def test_other_answers(
    web: Web, status: int, error: type[HubError], code: str, times: int
) -> None:
    web.say("/a", status=status)
    with pytest.raises(error) as caught:
        get(web, "/a?key=1")
    issue = caught.value.issue
    assert (issue.code, issue.params["status"]) == (code, str(status))
    assert "key" not in issue.message() and web.url in issue.message("en")
    assert len(web.asked) == times


def test_a_file_larger_than_the_limit(web: Web) -> None:
    web.say("/a", b"x" * 5000)
    with pytest.raises(SourceUnreadable) as caught:
        fetch(HttpSource(), Limits(bytes=4000), url=web.url + "/a")
    assert caught.value.issue.code == "delivery_too_large"


def test_what_the_transport_packed_is_bounded_too(web: Web) -> None:
    web.say("/a", gzip.compress(b"0" * (20 << 20)), Content_Encoding="gzip")
    with pytest.raises(SourceUnreadable) as caught:
        fetch(HttpSource(), Limits(bytes=1 << 20), url=web.url + "/a")
    assert caught.value.issue.code == "delivery_too_large"
    web.say("/b", gzip.compress(b"plain"), Content_Encoding="gzip")
    assert get(web, "/b") == [("b", b"plain")]


def test_a_post_with_a_form(web: Web) -> None:
    web.say("/a", "x")
    get(web, "/a", method="POST", form={"q": "茂名"})
    assert web.asked[0].method == "POST" and web.asked[0].form == {"q": "茂名"}


@pytest.mark.parametrize("later", ["3600", "Wed, 01 Jan 2098 00:00:00 GMT"])
def test_a_server_that_asks_for_a_long_wait_is_left_alone(web: Web, later: str) -> None:
    web.say("/a", status=503, Retry_After=later)
    with pytest.raises(SourceUnavailable) as caught:
        get(web, "/a")
    assert not isinstance(caught.value, SourceFaltering)
    assert caught.value.issue.code == "http_busy" and len(web.asked) == 1


@pytest.mark.parametrize(("told", "seconds"), [("1", 1.0), ("soon", 0.0), ("", 0.0)])
def test_a_short_wait_is_waited(web: Web, told: str, seconds: float) -> None:
    web.in_turn("/a", Said(b"", 429, {"Retry-After": told}), Said(b"x"))
    start = time.monotonic()
    assert get(web, "/a") == [("a", b"x")]
    assert seconds <= time.monotonic() - start < seconds + 0.9


def test_a_packed_file_that_is_cut(web: Web) -> None:
    web.in_turn(
        "/a", Said(gzip.compress(b"0" * 9000), headers={"Content-Encoding": "gzip"}, cut=20)
    )
    with pytest.raises(SourceFaltering) as caught:
        get(web, "/a")
    assert caught.value.issue.code == "http_cut" and caught.value.issue.params["found"] == "20"


def test_circles(web: Web) -> None:
    web.say("/a", status=302, Location="/b")
    web.say("/b", status=302, Location="/a")
    with pytest.raises(SourceUnreadable) as caught:
        get(web, "/a")
    assert caught.value.issue.code == "http_redirects"
