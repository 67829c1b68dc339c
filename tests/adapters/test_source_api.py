"""Interfaces that give their records page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.limits import Limits
from adapters.source_api import ApiSource
from exchange_schemas.days import today
from exchange_schemas.errors import SourceFaltering, SourceUnreadable
from tests.adapters.fetching import fetch
from tests.services.http_server import Asked, Said, Web, http_server


@pytest.fixture
def web() -> Iterator[Web]:
    with stamina.set_testing(True, attempts=3), http_server() as running:
        yield running


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": n, "at": f"2026-01-{n % 28 + 1:02}"} for n in range(count)]


def serve(web: Web, data: list[dict[str, Any]], size: int) -> None:
    """The interface of one source, in every way of paging."""

    def answer(asked: Asked) -> Said:
        told = asked.params
        if "page" in told:
            start = (int(told["page"]) - 1) * size
        else:
            start = int(told.get("offset") or told.get("cursor") or 0)
        page = data[start : start + size]
        more = start + size < len(data)
        document = {"data": {"list": page, "count": len(data),
                             "next": str(start + size) if more else ""}}  # fmt: skip
        link = f'<{web.url}/api?offset={start + size}>; rel="next"' if more else ""
        return Said(json.dumps(document).encode(), headers={"Link": link} if link else {})

    web.answers["/api"] = answer


def ids(web: Web, **options: Any) -> list[int]:
    parts = fetch(ApiSource(), url=web.url + "/api", rows="data.list", **options)
    names = [part.name for part, _ in parts]
    assert names == [f"page-{n:06d}.json" for n in range(1, len(names) + 1)]
    return [row["id"] for _, body in parts for row in json.loads(body)["data"]["list"]]


WAYS: list[dict[str, Any]] = [
    {"kind": "page", "param": "page", "size_param": "size", "size": 3},
    {"kind": "page", "param": "page"},
    {"kind": "offset", "param": "offset", "size": 3},
    {"kind": "cursor", "param": "cursor", "cursor": "data.next"},
    {"kind": "next_link"},
]


@pytest.mark.parametrize("paging", WAYS, ids=lambda way: str(way["kind"]))
@given(count=st.integers(0, 10))
@settings(max_examples=11, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_every_record_comes_once_whatever_the_paging(
    web: Web, paging: dict[str, Any], count: int
) -> None:
    serve(web, rows(count), 3)
    assert ids(web, paging=paging, total="data.count") == list(range(count))


def test_faults_in_the_middle_lose_and_double_nothing(web: Web) -> None:
    serve(web, rows(9), 3)
    good, times = web.answers["/api"], [0]

    def shaky(asked: Asked) -> Said:
        times[0] += 1
        said = good(asked)
        return [said, Said(b"", 500), Said(said.body, cut=5)][times[0] % 3]

    web.answers["/api"] = shaky
    assert ids(web, paging=WAYS[0]) == list(range(9))


def test_a_page_that_does_not_come_ends_the_pull(web: Web) -> None:
    serve(web, rows(9), 3)
    good = web.answers["/api"]
    web.answers["/api"] = lambda asked: (
        good(asked) if asked.params["page"] != "2" else Said(b"", 500)
    )
    with pytest.raises(SourceFaltering):
        ids(web, paging=WAYS[0])


def test_a_login_that_runs_out_on_a_page_repeats_that_page(web: Web) -> None:
    """As a provincial service of 2016 says it: with status 200 and a text."""
    serve(web, rows(9), 3)
    good, uses = web.answers["/api"], {"n": 0}

    def guarded(asked: Asked) -> Said:
        uses["n"] += 1
        return Said(b"403:login timeout") if uses["n"] % 3 == 0 else good(asked)

    web.answers["/api"] = guarded
    web.say("/auth", '{"token": "t"}')
    auth = {"kind": "login", "url": web.url + "/auth", "fields": {"u": "x"}, "token": "token",
            "expired": "403:login timeout"}  # fmt: skip
    assert ids(web, paging=WAYS[0], auth=auth) == list(range(9))
    assert [one.path for one in web.asked].count("/auth") == 2


def refusal(web: Web, limits: Limits | None = None, **options: Any) -> str:
    with pytest.raises(SourceUnreadable) as caught:
        fetch(ApiSource(), limits, url=web.url + "/api", rows="data.list", **options)
    assert caught.value.issue.message("en") != caught.value.issue.message("zh_CN")
    return caught.value.issue.code


def test_pages_that_never_end(web: Web) -> None:
    counter = iter(range(10**6))
    web.answers["/api"] = lambda _a: Said(
        json.dumps({"data": {"list": [next(counter)] * 3}}).encode()
    )
    web.answers["/api"] = lambda _a: Said(
        json.dumps({"data": {"list": [{"id": next(counter)}] * 3}}).encode()
    )
    assert refusal(web, Limits(pages=5), paging=WAYS[0]) == "pages_endless"
    web.say("/api", '{"data": {"list": [{"id": 1}]}}')
    assert refusal(web, paging=WAYS[1]) == "page_repeated"
    web.say("/api", '{"data": {"list": [{"id": 1}], "next": "7"}}')
    assert refusal(web, paging=WAYS[3]) == "page_repeated"


def test_a_source_that_gave_less_than_it_says(web: Web) -> None:
    web.say("/api", '{"data": {"list": [{"id": 1}], "count": "14"}}')
    assert refusal(web, total="data.count") == "pages_short"


def test_the_next_page_on_another_server(web: Web) -> None:
    web.say("/api", '{"data": {"list": [{"id": 1}]}}', Link='<http://other.example/>; rel="next"')
    assert refusal(web, paging=WAYS[4]) == "link_foreign"


@pytest.mark.parametrize("body", ["", "{", "[]", '{"data": {}}', '{"data": {"list": 3}}', "<a/>"])
def test_a_page_that_is_something_else(web: Web, body: str) -> None:
    web.say("/api", body)
    assert refusal(web) in ("page_unreadable", "page_place_missing")


def test_windows_of_days(web: Web) -> None:
    start = today() - timedelta(days=6)
    web.answers["/api"] = lambda asked: Said(
        json.dumps({"data": {"list": [{"id": asked.params["from"]}]}}).encode()
    )
    paging = {"kind": "date_window", "from": "from", "to": "to", "start": start.isoformat(),
              "days": 3, "format": "%Y%m%d"}  # fmt: skip
    fetch(ApiSource(), url=web.url + "/api", rows="data.list", paging=paging)
    spans = [(one.params["from"], one.params["to"]) for one in web.asked]
    days = [(start + timedelta(days=n)).strftime("%Y%m%d") for n in range(7)]
    assert spans == [(days[0], days[2]), (days[3], days[5]), (days[6], days[6])]


def test_only_what_is_new(web: Web) -> None:
    serve(web, rows(5), 9)
    since = {"param": "since", "from": "at", "start": "2026-01-01"}
    ((part, _),) = fetch(ApiSource(), url=web.url + "/api", rows="data.list", since=since)
    assert part.cursor == "2026-01-05"
    assert web.asked[0].params["since"] == "2026-01-01"
    fetch(ApiSource(), cursor=part.cursor, url=web.url + "/api", rows="data.list", since=since)
    assert web.asked[1].params["since"] == "2026-01-05"


def test_pages_in_xml(web: Web) -> None:
    def answer(asked: Asked) -> Said:
        page = int(asked.params["page"])
        inner = "".join(
            f"<row><id>{n}</id></row>" for n in range((page - 1) * 2, min(page * 2, 3))
        )
        return Said(f'<res xmlns="urn:x"><n>3</n><rows>{inner}</rows></res>'.encode())

    web.answers["/api"] = answer
    parts = fetch(ApiSource(), url=web.url + "/api", content="xml", rows="res.rows.row",
                  total="res.n", paging={"kind": "page", "param": "page"})  # fmt: skip
    assert [body.count(b"<id>") for _, body in parts] == [2, 1]
    assert parts[0][0].name == "page-000001.xml"


def test_xml_with_entities_is_refused(web: Web) -> None:
    web.say("/api", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    assert refusal(web, content="xml") == "page_unreadable"
