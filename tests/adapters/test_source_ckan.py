"""Another CKAN's files and datastore, asked of a real CKAN."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckanapi
import pytest
import stamina

from adapters import source_ckan
from adapters.limits import Limits
from adapters.source import Ask
from adapters.source_ckan import CkanSource
from exchange_schemas.errors import HubError, SourceUnavailable, SourceUnreadable
from tests.adapters.fetching import fetch
from tests.services.ckan_server import Ckan
from tests.services.http_server import Asked, Said, Web, http_server

ROWS = [{"名称": f"茂名测试{n}有限公司", "代码": f"{n:018}"} for n in range(25)]
# left to itself, CKAN takes 000000000000000001 for a number and drops the zeros
FIELDS = [{"id": name, "type": "text"} for name in ("名称", "代码")]
CSV = "名称,代码\n" + "".join(f"{row['名称']},{row['代码']}\n" for row in ROWS)


@dataclass(frozen=True)
class Stocked:
    ckan: Ckan
    file: str  # ids of resources
    table: str

    def fetch(self, **told: Any) -> list[tuple[Any, bytes]]:
        plain = {"url": self.ckan.url, "dataset": "register", "api_key": self.ckan.token}
        return fetch(CkanSource(), **{**plain, **told})


@pytest.fixture(scope="module")
def stocked(ckan: Ckan) -> Stocked:
    """A CKAN with one dataset: a CSV file, and a table in the datastore."""
    site = ckanapi.RemoteCKAN(ckan.url, apikey=ckan.token)
    site.action.organization_create(name="bureau")
    site.action.package_create(name="register", owner_org="bureau", private=False)
    file = site.action.resource_create(
        package_id="register",
        name="登记",
        format="CSV",
        upload=("登记.csv", io.BytesIO(CSV.encode())),
    )
    table = site.action.datastore_create(
        resource={"package_id": "register", "name": "table"},
        fields=FIELDS,
        records=ROWS,
        force=True,
    )
    return Stocked(ckan, file["id"], table["resource_id"])


def test_a_file_by_its_name_format_or_id(stocked: Stocked) -> None:
    for wanted in ("登记", "csv", stocked.file):
        ((part, body),) = stocked.fetch(resource=wanted)
        assert body.decode() == CSV
        assert part.name.endswith(".csv") and part.headers["name"] == "登记"


def test_the_datastore_page_by_page(stocked: Stocked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_ckan, "ROWS", 10)
    parts = stocked.fetch(resource="table", datastore=True)
    assert [part.name for part, _ in parts] == [f"page-{n:06d}.json" for n in (1, 2, 3)]
    assert taken([body for _, body in parts]) == ROWS


def taken(bodies: list[bytes]) -> list[dict[str, str]]:
    rows = [row for body in bodies for row in json.loads(body)["records"]]
    return [{name: row[name] for name in ("名称", "代码")} for row in rows]


@pytest.mark.parametrize("gone", [[1], [1, 2, 3, 10], [*range(1, 11)], [*range(1, 25)], [25]])
def test_rows_that_go_while_pages_are_read_hide_no_others(
    stocked: Stocked, monkeypatch: pytest.MonkeyPatch, gone: list[int]
) -> None:
    """Offsets shift then, and the rows that move over the end of a page are asked for again."""
    monkeypatch.setattr(source_ckan, "ROWS", 10)
    site = ckanapi.RemoteCKAN(stocked.ckan.url, apikey=stocked.ckan.token)
    table = site.action.datastore_create(
        resource={"package_id": "register", "name": f"shifting {gone}"},
        fields=FIELDS, records=ROWS, force=True,
    )  # fmt: skip
    told = {"url": stocked.ckan.url, "dataset": "register", "resource": table["resource_id"]}
    pull = CkanSource().pull(Ask({**told, "datastore": True}, Path(), internal=True))
    first = b"".join(next(pull).blocks)
    for number in gone:
        site.action.datastore_delete(
            resource_id=table["resource_id"], filters={"_id": number}, force=True
        )
    rest = [b"".join(part.blocks) for part in pull]
    after = [row for number, row in enumerate(ROWS, 1) if number > 10 and number not in gone]
    assert taken([first]) == ROWS[:10] and taken(rest) == after


def test_a_table_without_rows(stocked: Stocked) -> None:
    site = ckanapi.RemoteCKAN(stocked.ckan.url, apikey=stocked.ckan.token)
    table = site.action.datastore_create(
        resource={"package_id": "register", "name": "nothing"}, fields=FIELDS, force=True
    )
    ((_, body),) = stocked.fetch(resource=table["resource_id"], datastore=True)
    assert taken([body]) == []


def test_what_is_not_there(stocked: Stocked) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        stocked.fetch(dataset="none")
    assert caught.value.issue.code == "ckan_missing"
    with pytest.raises(SourceUnreadable) as several:
        stocked.fetch()
    assert "登记" in several.value.issue.message() and "table" in several.value.issue.message()


def test_a_wrong_key_and_a_private_dataset(stocked: Stocked) -> None:
    site = ckanapi.RemoteCKAN(stocked.ckan.url, apikey=stocked.ckan.token)
    site.action.package_create(name="secret", owner_org="bureau", private=True)
    with pytest.raises(HubError) as caught:
        stocked.fetch(dataset="secret", api_key="geheim-und-falsch")
    assert caught.value.issue.code in ("ckan_refused", "ckan_missing")
    assert "geheim" not in caught.value.issue.message("en")


def test_a_file_on_another_server(stocked: Stocked) -> None:
    site = ckanapi.RemoteCKAN(stocked.ckan.url, apikey=stocked.ckan.token)
    site.action.package_create(name="linked", owner_org="bureau")
    site.action.resource_create(package_id="linked", url="http://192.0.2.1/a.csv", format="CSV")
    with pytest.raises(SourceUnreadable) as caught:
        stocked.fetch(dataset="linked")
    assert caught.value.issue.code == "link_foreign"


def test_a_file_that_is_too_large(stocked: Stocked) -> None:
    told = {"url": stocked.ckan.url, "dataset": "register", "resource": "csv"}
    with pytest.raises(SourceUnreadable) as caught:
        fetch(CkanSource(), Limits(bytes=100), **told)
    assert caught.value.issue.code == "delivery_too_large"


@dataclass(frozen=True)
class Sham:
    """A web server that says what a CKAN in trouble would."""

    web: Web

    def fetch(self, **told: Any) -> list[tuple[Any, bytes]]:
        return fetch(CkanSource(), **{"url": self.web.url, "dataset": "register", **told})

    def shows(self, *resources: dict[str, str]) -> bytes:
        return json.dumps({"success": True, "result": {"resources": resources}}).encode()


SHOW, SEARCH = "/api/action/package_show", "/api/action/datastore_search"
TABLE = {"id": "500", "name": "table", "format": ""}


@pytest.fixture
def sham() -> Iterator[Sham]:
    with stamina.set_testing(True, attempts=3), http_server() as web:
        yield Sham(web)


def test_only_what_may_pass_is_tried_again(sham: Sham) -> None:
    sham.web.in_turn(SHOW, Said(b"busy", 503), Said(b"", 502), Said(sham.shows(TABLE)))
    sham.web.say(SEARCH, '{"success": true, "result": {"records": [], "total": 0}}')
    assert len(sham.fetch(datastore=True)) == 1
    assert [one.path for one in sham.web.asked] == [SHOW] * 3 + [SEARCH]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Said(b"<html>500</html>"), "200 CKANAPIError"),
        (Said(b"500", 400), "400 CKANAPIError"),
        (Said(b"", 301, {"Location": "/500"}), "301 CKANAPIError"),
        (Said(b'{"success": true, "result": 500}'), "200 TypeError"),
        (Said(b'{"success": false, "error": "500"}'), "200 ServerIncompatibleError"),
    ],
)
def test_what_no_ckan_says(sham: Sham, answer: Said, reason: str) -> None:
    sham.web.in_turn(SHOW, answer)
    with pytest.raises(SourceUnreadable) as caught:
        sham.fetch()
    issue = caught.value.issue
    assert (issue.code, issue.params["reason"]) == ("ckan_refused", reason)
    assert len(sham.web.asked) == 1


def test_an_answer_without_end(sham: Sham) -> None:
    sham.web.say(SHOW, gzip.compress(b" " * (8 << 20)), Content_Encoding="gzip")
    with pytest.raises(SourceUnreadable) as caught:
        fetch(CkanSource(), Limits(bytes=1 << 20), url=sham.web.url, dataset="register")
    assert caught.value.issue.code == "delivery_too_large"


def test_a_ckan_that_gives_fewer_rows_at_once_than_asked(sham: Sham) -> None:
    """`ckan.datastore.search.rows_max` is the operator's; and a table that ends short is told."""
    rows = [{"_id": n * 3} for n in range(1, 8)]
    total = {"n": 7}

    def search(asked: Asked) -> Said:
        start = json.loads(asked.body)["offset"]
        result = {"records": rows[start : start + 2], "total": total["n"]}
        return Said(json.dumps({"success": True, "result": result}).encode())

    sham.web.say(SHOW, sham.shows(TABLE))
    sham.web.answers[SEARCH] = search
    found = sham.fetch(datastore=True)
    assert [row for _, body in found for row in json.loads(body)["records"]] == rows
    total["n"] = 8
    with pytest.raises(SourceUnreadable) as caught:
        sham.fetch(datastore=True)
    assert caught.value.issue.code == "pages_short"
