"""Kept answers are what the application would say, and are gone with the release they are of."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from publisher.portal.kept_answers import LARGEST, KeptAnswers

PAGE = "页" * 1000


class Counting:
    """An application that counts how often it is asked, and answers as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.caching = "public, max-age=60"
        self.body: bytes | Iterable[bytes] = PAGE.encode()
        self.more: dict[str, str] = {}

    def __call__(self, environ: Any, start: Any) -> Any:
        self.asked += 1
        request = Request(environ)
        body = self.body
        if isinstance(body, bytes):
            body = body + request.query_string + request.cookies.get("lang", "").encode()
        response = Response(body, mimetype="text/html")
        response.headers["Cache-Control"] = self.caching
        response.headers.update(self.more)
        response.add_etag()
        return response.make_conditional(request)(environ, start)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def stamp() -> list[int]:
    return [1]


@pytest.fixture
def client(counting: Counting, stamp: list[int]) -> Client:
    return Client(KeptAnswers(counting, lambda: stamp[0]))


def test_the_same_question_is_asked_once(client: Client, counting: Counting) -> None:
    answers = [client.get("/a?q=1") for _ in range(3)]
    assert {answer.text for answer in answers} == {PAGE + "q=1"}
    assert counting.asked == 1
    assert client.get("/a?q=2").text == PAGE + "q=2"
    client.set_cookie("lang", "en")
    assert client.get("/a?q=1").text == PAGE + "q=1en"
    assert client.get("/a?q=1", headers={"Accept": "application/json"}).status_code == 200
    assert client.get("/a?q=1", base_url="http://other.example").status_code == 200
    assert counting.asked == 5


def test_another_release_drops_all(client: Client, counting: Counting, stamp: list[int]) -> None:
    client.get("/a")
    counting.body = b"the next release"
    stamp[0] = 2
    assert client.get("/a").text == "the next release"


def test_what_is_asked_while_a_release_comes_is_not_kept(
    counting: Counting, stamp: list[int]
) -> None:
    def moving(environ: Any, start: Any) -> Any:
        answer = counting(environ, start)
        stamp[0] += 1  # while the application answers from the release before
        return answer

    client = Client(KeptAnswers(moving, lambda: stamp[0]))
    client.get("/a")
    client.get("/a")
    assert counting.asked == 2


@pytest.mark.parametrize(
    "caching", ["no-store", "private, max-age=60", "public, no-cache", "public", "max-age=60"]
)
def test_only_what_is_public_and_fresh_is_kept(
    client: Client, counting: Counting, caching: str
) -> None:
    counting.caching = caching
    for _ in range(2):
        assert client.get("/a").text == PAGE
    assert counting.asked == 2


@pytest.mark.parametrize("more", [{"Set-Cookie": "lang=en"}])
def test_what_is_one_readers_own_is_not_kept(
    client: Client, counting: Counting, more: dict[str, str]
) -> None:
    counting.more = more
    assert [client.get("/a").status_code for _ in range(2)] == [200, 200]
    assert counting.asked == 2


def test_large_answers_and_other_methods_go_through(client: Client, counting: Counting) -> None:
    counting.body = b"x" * (LARGEST + 1)
    for _ in range(2):
        assert len(client.get("/a").data) == LARGEST + 1
    client.post("/a")
    client.head("/a")
    client.get("/a", headers={"Range": "bytes=0-1"})
    assert counting.asked == 5


def test_it_is_packed_for_who_takes_it_under_a_tag_of_its_own(
    client: Client, counting: Counting
) -> None:
    plain = client.get("/a", headers={"Accept-Encoding": "identity"})
    packed = client.get("/a", headers={"Accept-Encoding": "br, gzip"})
    refused = client.get("/a", headers={"Accept-Encoding": "gzip;q=0"})
    assert gzip.decompress(packed.data) == plain.data == refused.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert not packed.headers["ETag"].startswith("W/")
    again = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"}
    unchanged = client.get("/a", headers=again)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "Content-Encoding" not in unchanged.headers
    other = client.get("/a", headers={"If-None-Match": plain.headers["ETag"]})
    assert other.status_code == 304
    assert counting.asked == 1


def test_a_condition_that_nothing_is_kept_for_is_the_applications(
    client: Client, counting: Counting
) -> None:
    tag = Client(counting).get("/a").headers["ETag"]
    assert client.get("/a", headers={"If-None-Match": tag}).status_code == 304
    assert counting.asked == 2
