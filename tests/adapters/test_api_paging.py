"""What real interfaces do with their pages, and how a pull could have ended early because of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.source_api import ApiSource
from exchange_schemas.days import today
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.fetching import fetch
from tests.services.http_server import Asked, Said, Web, http_server

BY_PAGE = {"kind": "page", "param": "page", "size_param": "size", "size": 100}


@pytest.fixture
def web() -> Iterator[Web]:
    with stamina.set_testing(True, attempts=2), http_server() as running:
        yield running


def said(rows: Any, **more: Any) -> Said:
    return Said(json.dumps({"rows": rows, **more}).encode())


def pulled(web: Web, **options: Any) -> list[Any]:
    parts = fetch(ApiSource(), url=web.url + "/api", **{"rows": "rows", **options})
    return [row for _, body in parts for row in json.loads(body)["rows"] or []]


def refusal(web: Web, **options: Any) -> str:
    with pytest.raises(SourceUnreadable) as caught:
        pulled(web, **options)
    return caught.value.issue.code


@given(sizes=st.lists(st.integers(1, 4), max_size=6))
@settings(max_examples=20, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@pytest.mark.parametrize("kind", ["page", "offset"])
def test_pages_of_any_length_are_all_taken(web: Web, kind: str, sizes: list[int]) -> None:
    """A source that gives fewer than it was asked for, because it has a limit or hides some."""
    rows = [{"id": n} for n in range(sum(sizes))]
    starts = [sum(sizes[:n]) for n in range(len(sizes) + 1)]

    def answer(asked: Asked) -> Said:
        if kind == "page":
            number = int(asked.params["page"]) - 1
        else:
            number = starts.index(int(asked.params["page"]))
        return said(rows[starts[number] :][: sizes[number]] if number < len(sizes) else [])

    web.answers["/api"] = answer
    assert pulled(web, paging={**BY_PAGE, "kind": kind}) == rows


@pytest.mark.parametrize("make", [lambda n: [n, "x"], lambda n: f"row {n}", lambda n: {"id": n}])
def test_records_of_any_form_count(web: Web, make: Callable[[int], Any]) -> None:
    rows = [make(n) for n in range(7)]
    web.answers["/api"] = lambda asked: said(rows[(int(asked.params["page"]) - 1) * 3 :][:3])
    assert pulled(web, paging=BY_PAGE) == rows


@pytest.mark.parametrize("end", [[], None])
def test_a_page_without_records_ends_it(web: Web, end: Any) -> None:
    web.answers["/api"] = lambda asked: said([{"id": 1}] if asked.params["page"] == "1" else end)
    assert pulled(web, paging=BY_PAGE) == [{"id": 1}]


def test_a_source_that_repeats_its_last_page(web: Web) -> None:
    """PageHelper does so ("reasonable"). Where it says its total, nothing is asked beyond it."""
    pages = [[{"id": 1}, {"id": 2}], [{"id": 3}]]
    web.answers["/api"] = lambda asked: said(pages[min(int(asked.params["page"]), 2) - 1], n=3)
    assert refusal(web, paging=BY_PAGE) == "page_repeated"
    asked = len(web.asked)
    assert [row["id"] for row in pulled(web, paging=BY_PAGE, total="n")] == [1, 2, 3]
    assert len(web.asked) == asked + 2


def test_a_total_on_the_first_page_alone(web: Web) -> None:
    first = {"n": 3}
    web.answers["/api"] = lambda asked: (
        said([{"id": 1}, {"id": 2}], **first) if asked.params["page"] == "1" else said([{"id": 3}])
    )
    assert len(pulled(web, paging=BY_PAGE, total="n")) == 3
    first.clear()
    assert refusal(web, paging=BY_PAGE, total="n") == "page_place_missing"


def test_a_cursor_that_stays_at_the_end(web: Web) -> None:
    pages = iter([said([{"id": 1}], c="a"), said([{"id": 2}], c="b"), said([], c="b")])
    web.answers["/api"] = lambda _asked: next(pages)
    paging = {"kind": "cursor", "param": "c", "cursor": "c"}
    assert [row["id"] for row in pulled(web, paging=paging)] == [1, 2]


def test_a_link_that_two_readers_read_differently(web: Web) -> None:
    """`http://a\\@b/` is a's for who connects; our key must not go there."""
    with http_server() as other:
        own = web.url.removeprefix("http://")
        web.say("/api", json.dumps({"rows": [{"id": 1}], "next": f"{other.url}\\@{own}/api"}))
        auth = {"kind": "header", "name": "X-Key", "value": "geheim"}
        paging = {"kind": "next_link", "next": "next"}
        assert refusal(web, paging=paging, auth=auth) == "link_foreign"
        assert other.asked == []


@pytest.mark.parametrize(
    ("told", "bodies"),
    [
        ({"form": {"q": "a"}}, [b"q=a&page=1&size=100", b"q=a&page=2&size=100"]),
        (
            {"json": {"q": {"page": 0}}, "paging": {**BY_PAGE, "param": "q.page"}},
            [b'{"q": {"page": 1}, "size": 100}', b'{"q": {"page": 2}, "size": 100}'],
        ),
        (
            {"json": {"page": "0", "size": 0}},
            [b'{"page": "1", "size": 100}', b'{"page": "2", "size": 100}'],
        ),
    ],
    ids=["form", "json", "json of texts"],
)
def test_parameters_go_where_the_feed_has_its_own(
    web: Web, told: dict[str, Any], bodies: list[bytes]
) -> None:
    pages = iter([said([{"id": 1}]), said([])])
    web.answers["/api"] = lambda _asked: next(pages)
    pulled(web, method="POST", **{"paging": BY_PAGE, **told})
    assert [one.body for one in web.asked] == bodies
    assert [one.params for one in web.asked] == [{}, {}]


def test_a_cursor_in_json(web: Web) -> None:
    web.say("/api", '{"rows": []}')
    since = {"param": "filter.since", "from": "at", "start": "0042"}
    pulled(web, method="POST", json={"filter": {}}, since=since)
    assert json.loads(web.asked[0].body) == {"filter": {"since": "0042"}}


START = today() - timedelta(days=3)


def windows(web: Web, **more: Any) -> list[tuple[str, str]]:
    paging = {"kind": "date_window", "from": "from", "to": "to", "start": START.isoformat(),
              "days": 2, **more}  # fmt: skip
    pulled(web, paging=paging)
    return [(one.params["from"], one.params["to"]) for one in web.asked]


def test_windows_leave_no_hour_out(web: Web) -> None:
    days = [(START + timedelta(days=n)).isoformat() for n in range(5)]
    web.answers["/api"] = lambda asked: said([asked.params])
    seconds = windows(web, format="%Y-%m-%d %H:%M:%S")
    assert seconds[0] == (f"{days[0]} 00:00:00", f"{days[1]} 23:59:59")
    assert seconds[1] == (f"{days[2]} 00:00:00", f"{days[3]} 23:59:59")
    web.asked.clear()
    assert windows(web, end="exclusive") == [(days[0], days[2]), (days[2], days[4])]


def test_windows_of_several_pages_each(web: Web) -> None:
    def answer(asked: Asked) -> Said:
        rows = [{"id": f"{asked.params['from']} {n}"} for n in range(5)]
        return said(rows[(int(asked.params["page"]) - 1) * 2 :][:2], n=5)

    web.answers["/api"] = answer
    paging = {"kind": "date_window", "from": "from", "to": "to", "start": START.isoformat(),
              "days": 2, "within": BY_PAGE}  # fmt: skip
    rows = pulled(web, paging=paging, total="n")
    assert len(rows) == len({row["id"] for row in rows}) == 10
    assert [one.params["page"] for one in web.asked] == ["1", "2", "3"] * 2


def test_every_window_has_to_be_whole(web: Web) -> None:
    """The second one has enough for both; the first is short all the same."""
    counts = iter([1, 9])
    web.answers["/api"] = lambda asked: said(
        [{**asked.params, "n": n} for n in range(next(counts))], n=3
    )
    paging = {
        "kind": "date_window",
        "from": "from",
        "to": "to",
        "start": START.isoformat(),
        "days": 2,
    }
    assert refusal(web, paging=paging, total="n") == "pages_short"


@pytest.mark.parametrize(
    ("values", "known", "newest"),
    [
        ([99, 100], None, "100"),
        (["99", "100"], "101", "101"),
        ([99, 100], "99", "100"),
        ([1.5, 10], None, "10"),
        (["2026-01-02", "2026-01-10"], "2026-01-09", "2026-01-10"),
        ([None, "", "2026-01-02"], None, "2026-01-02"),
        ([], "7", "7"),
        ([], None, None),
        (["b", "a"], None, "b"),
    ],
)
def test_the_greatest_value(
    web: Web, values: list[Any], known: str | None, newest: str | None
) -> None:
    web.say("/api", json.dumps({"rows": [{"meta": {"at": value}} for value in values]}))
    since = {"param": "since", "from": "meta.at"}
    ((part, _),) = fetch(ApiSource(), cursor=known, url=web.url + "/api", rows="rows", since=since)
    assert part.cursor == newest


@given(
    values=st.lists(st.integers(0, 10**9) | st.dates().map(str)), known=st.none() | st.integers()
)
@settings(max_examples=30, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_the_cursor_is_never_beyond_what_was_seen(web: Web, values: list[Any], known: Any) -> None:
    web.say("/api", json.dumps({"rows": [{"at": value} for value in values]}))
    cursor = None if known is None else str(known)
    since = {"param": "since", "from": "at"}
    ((part, _),) = fetch(
        ApiSource(), cursor=cursor, url=web.url + "/api", rows="rows", since=since
    )
    seen = [*map(str, values), *([] if cursor is None else [cursor])]
    assert part.cursor in seen if seen else part.cursor is None


def test_a_pause_between_pages(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("adapters.politely.time.sleep", slept.append)
    pages = iter([said([{"id": 1}]), said([{"id": 2}]), said([])])
    web.answers["/api"] = lambda _asked: next(pages)
    pulled(web, paging=BY_PAGE, pause=2)
    pauses = [seconds for seconds in slept if seconds > 0]
    assert len(pauses) == 2 and max(pauses) <= 2 < min(pauses) + 1
