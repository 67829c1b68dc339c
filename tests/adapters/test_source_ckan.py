"""Another CKAN's files and datastore, asked of a real CKAN."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ckanapi
import pytest

from adapters import source_ckan
from adapters.limits import Limits
from adapters.source_ckan import CkanSource
from exchange_schemas.errors import HubError, SourceUnavailable, SourceUnreadable
from tests.adapters.fetching import fetch
from tests.services.ckan_server import Ckan, ckan_server

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
def stocked(postgres_server_url: str) -> Iterator[Stocked]:
    """A CKAN with one dataset: a CSV file, and a table in the datastore."""
    with ckan_server(postgres_server_url) as ckan:
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
        yield Stocked(ckan, file["id"], table["resource_id"])


def test_a_file_by_its_name_format_or_id(stocked: Stocked) -> None:
    for wanted in ("登记", "csv", stocked.file):
        ((part, body),) = stocked.fetch(resource=wanted)
        assert body.decode() == CSV
        assert part.name.endswith(".csv") and part.headers["name"] == "登记"


def test_the_datastore_page_by_page(stocked: Stocked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_ckan, "ROWS", 10)
    parts = stocked.fetch(resource="table", datastore=True)
    assert [part.name for part, _ in parts] == [f"page-{n:06d}.json" for n in (1, 2, 3)]
    rows = [row for _, body in parts for row in json.loads(body)["records"]]
    assert [{name: row[name] for name in ("名称", "代码")} for row in rows] == ROWS


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
