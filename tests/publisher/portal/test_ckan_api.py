"""CKAN's Action API over releases: packages, resources, departments, and errors."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.ckan_api import ACTIONS
from publisher.portal.settings import Settings
from publisher.release import build_release
from tests.publisher.portal.ckan_asking import PENALTY, ask, refused, table_of
from tests.publisher.portal.conftest import DATASETS, release


def test_packages_by_name_and_by_id(client: FlaskClient) -> None:
    assert ask(client, "package_list") == sorted(DATASETS)
    assert ask(client, "package_list", limit=1, offset=1) == sorted(DATASETS)[1:2]
    package = ask(client, "package_show", id=PENALTY)
    assert ask(client, "package_show", id=package["id"]) == package
    assert package["num_resources"] == len(package["resources"])
    assert package["version"] == "2"


def test_a_resource_is_a_file_of_the_current_release(client: FlaskClient, releases: Path) -> None:
    manifest = json.loads((releases / PENALTY / "2" / "manifest.json").read_bytes())
    package = ask(client, "package_show", id=PENALTY)
    told = [
        (one["url"].rpartition("/")[2], one["size"], one["hash"]) for one in package["resources"]
    ]
    assert told == [(one["name"], one["bytes"], one["sha256"]) for one in manifest["files"]]
    first = package["resources"][0]
    assert ask(client, "resource_show", id=first["id"]) == first
    sent = client.get(first["url"].removeprefix("http://localhost"), follow_redirects=True)
    assert len(sent.data) == first["size"]


def test_ids_stay_and_are_the_sites_own(releases: Path, client: FlaskClient) -> None:
    def ids(address: str) -> list[str]:
        settings = Settings(base_url=address)
        other = create_portal(releases, load_catalogue(), settings=settings).test_client()
        package = ask(other, "package_show", id=PENALTY)
        return [package["id"], *(one["id"] for one in package["resources"])]

    assert ids("https://a.example") == ids("https://a.example")
    assert not set(ids("https://a.example")) & set(ids("https://b.example"))


@pytest.mark.parametrize("path", ["/api/3/action/", "/api/action/"])
def test_both_addresses_and_both_methods(client: FlaskClient, path: str) -> None:
    told = client.get(f"{path}package_show?id={PENALTY}").json
    assert client.post(f"{path}package_show", json={"id": PENALTY}).json == told
    assert client.post(f"{path}package_show", data={"id": PENALTY}).json == told
    whole = json.dumps({"id": PENALTY})  # as old clients send it
    form = "application/x-www-form-urlencoded"
    assert client.post(f"{path}package_show", data=whole, content_type=form).json == told
    assert told is not None
    assert told["help"].endswith("/api/3/action/help_show?name=package_show")


def found(client: FlaskClient, **told: Any) -> list[str]:
    return [one["name"] for one in ask(client, "package_search", **told)["results"]]


def test_search(client: FlaskClient) -> None:
    assert found(client, q="处罚")[0] == PENALTY
    assert found(client, fq="name:market_entity") == ["market_entity"]
    assert found(client, fq=["res_format:CSV", "-name:market_entity"], sort="name asc") == [
        PENALTY,
        "food_sampling_result",
    ]
    assert found(client, fq="organization:nobody") == []
    assert found(client, sort="name desc", rows=1, start=1) == ["food_sampling_result"]
    assert ask(client, "package_search", rows=0)["count"] == 3
    assert found(client, fl="name") == found(client)


def test_facets(client: FlaskClient) -> None:
    told = {"facet.field": '["organization", "res_format"]', "rows": 0}
    answer = ask(client, "package_search", **told)
    assert answer["facets"]["res_format"]["CSV"] == 3
    (item,) = answer["search_facets"]["organization"]["items"]
    assert item == {"name": "market_regulation", "display_name": "市市场监督管理局", "count": 3}
    assert ask(client, "package_search", **told, facet="false")["facets"] == {}
    assert (
        len(ask(client, "package_search", **told, **{"facet.limit": 1})["facets"]["res_format"])
        == 1
    )


def test_departments_tags_licences(client: FlaskClient) -> None:
    assert ask(client, "organization_list") == ["market_regulation"]
    (whole,) = ask(client, "organization_list", all_fields=True)
    assert whole["package_count"] == 3
    shown = ask(client, "organization_show", id=whole["id"], include_datasets=True)
    assert [one["name"] for one in shown["packages"]] == sorted(DATASETS)
    assert ask(client, "group_list") == []
    assert "市市场监督管理局" in ask(client, "tag_list")
    assert [one["name"] for one in ask(client, "tag_list", query="处罚", all_fields=True)]
    assert {one["id"] for one in ask(client, "license_list")} >= {"notspecified", "cc-by"}


def test_the_terms_of_use_are_the_sites(releases: Path) -> None:
    address = "https://data.example.cn/terms"
    settings = Settings(licence_zh="开放许可", licence_url=address)
    own = create_portal(releases, load_catalogue(), settings=settings).test_client()
    package = ask(own, "package_show", id=PENALTY)
    assert (package["license_title"], package["license_url"]) == ("开放许可", address)
    assert package["isopen"] is False  # nobody of the Open Definition has looked at it


def test_every_action_explains_itself(client: FlaskClient) -> None:
    for name in ACTIONS:
        assert ask(client, "help_show", name=name)
    assert refused(client, "help_show", 404, name="nope")["__type"] == "Not Found Error"


@pytest.mark.parametrize(
    ("name", "told", "status", "kind"),
    [
        ("package_show", {"id": "nope"}, 404, "Not Found Error"),
        ("package_show", {}, 409, "Validation Error"),
        ("package_search", {"rows": "x"}, 409, "Validation Error"),
        ("package_search", {"start": -1}, 409, "Validation Error"),
        ("package_search", {"q": "("}, 400, "Search Query Error"),
        ("package_search", {"junk": "1"}, 400, "Search Query Error"),
        ("package_search", {"sort": "facts"}, 400, "Search Query Error"),
        ("package_search", {"facet.field": "["}, 409, "Validation Error"),
        ("resource_show", {"id": "../manifest.json"}, 404, "Not Found Error"),
        ("organization_show", {"id": "nope"}, 404, "Not Found Error"),
        ("organization_list", {"sort": "bad"}, 409, "Validation Error"),
        ("group_show", {"id": "nope"}, 404, "Not Found Error"),
        ("datastore_search", {}, 409, "Validation Error"),
        ("datastore_search", {"resource_id": "nope"}, 404, "Not Found Error"),
        ("datastore_info", {"id": "nope"}, 404, "Not Found Error"),
    ],
)
def test_errors(
    client: FlaskClient, name: str, told: dict[str, Any], status: int, kind: str
) -> None:
    assert refused(client, name, status, **told)["__type"] == kind


def test_what_isnt_a_question(client: FlaskClient) -> None:
    unknown = client.get("/api/3/action/package_create")
    assert (unknown.status_code, unknown.json) == (
        400,
        "Bad request - Action name not known: package_create",
    )
    for body in ("{", "[1]", '"a"', b"\xff"):
        answer = client.post(
            "/api/3/action/package_list", data=body, content_type="application/json"
        )
        assert answer.status_code == 400
    huge = client.post("/api/3/action/package_list", data=b"x" * (1 << 21))
    assert huge.status_code == 413
    assert client.delete("/api/3/action/package_list").status_code == 405


def test_an_answer_is_asked_for_again_only_when_it_changed(tmp_path: Path) -> None:
    rows = DATASETS[PENALTY]
    release(tmp_path, PENALTY, rows[:1])
    client = create_portal(tmp_path, load_catalogue()).test_client()
    path = "/api/3/action/package_search?q=处罚"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    release(tmp_path, PENALTY, rows[:2])
    newer = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert newer.status_code == 200
    assert newer.json["result"]["results"][0]["version"] == "2"  # type: ignore[index]
    release(tmp_path, "market_entity", DATASETS["market_entity"])
    assert ask(client, "package_list") == [PENALTY, "market_entity"]


def _with_an_end(root: Path, day: str) -> None:
    """A release of two penalties that may be shown until `day`."""
    standard = load_catalogue().get(PENALTY)
    fields = {name: field.dtype for name, field in standard.fields_for("public").items()}
    schema = {"record_id": pl.String, **fields, "disclosed_until": pl.String}
    rows = [{n: row.get(n, day) for n in schema} for row in DATASETS[PENALTY][:2]]
    rows = [row | {n: None for n in fields if row[n] == day} for row in rows]
    build_release(root, standard, pl.DataFrame(rows, schema=schema))


def test_while_a_dataset_is_updated_none_of_its_records_is_told(tmp_path: Path) -> None:
    _with_an_end(tmp_path, "2026-02-28")
    days = [date(2026, 2, 28)]
    client = create_portal(tmp_path, load_catalogue(), today=lambda: days[-1]).test_client()
    table = table_of(client)
    assert ask(client, "datastore_search", resource_id=table)["total"] == 2
    days.append(date(2026, 3, 1))
    for name, told in (
        ("datastore_search", {"resource_id": table}),
        ("datastore_info", {"id": table}),
    ):
        answer = client.post(f"/api/3/action/{name}", json=told)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    assert client.get(f"/datastore/dump/{table}").status_code == 503
    extras = ask(client, "package_show", id=PENALTY)["extras"]
    assert {"key": "updating", "value": "true"} in extras
