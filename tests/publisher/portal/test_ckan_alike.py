"""The portal and a real CKAN are asked the same: what they answer has the same keys and types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.publisher.portal.ckan_asking import PENALTY
from tests.publisher.portal.test_ckan_clients import ckanapi
from tests.services.ckan_server import Ckan, ckan_server

pytestmark = pytest.mark.slow

ROWS = 20
# What a CKAN says of its own users, storage and ranking has no likeness here.
OWN = {
    "result.users", "result.extras", "result.records.rank record_id", "result.meta.db_size",
    "result.meta.idx_size", "result.fields.info", "result.fields.schema.index_name",
}  # fmt: skip


@pytest.fixture(scope="module")
def real(
    postgres_server_url: str, site: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ckan]:
    """A CKAN into which ckanapi loaded what it dumped from the portal, with the same table."""
    folder = tmp_path_factory.mktemp("dumped")
    with ckan_server(postgres_server_url) as ckan:
        for kind in ("organizations", "datasets"):
            ckanapi("dump", kind, "--all", "-r", site, "-O", f"{kind}.jsonl", folder=folder)
            told = ("-I", f"{kind}.jsonl", "-r", ckan.url, "-a", ckan.token)
            ckanapi("load", kind, *told, folder=folder)
        _fill(ckan, site)
        yield ckan


def ask(url: str, name: str, /, **told: Any) -> tuple[int, Any]:
    answer = requests.get(f"{url}/api/3/action/{name}", params=told, timeout=30)
    return answer.status_code, answer.json()


def table_at(url: str) -> str:
    package = ask(url, "package_show", id=PENALTY)[1]["result"]
    return str(next(one["id"] for one in package["resources"] if one["datastore_active"]))


def _fill(ckan: Ckan, site: str) -> None:
    """The records that the portal's datastore has, in the CKAN's under the same id."""
    told = ask(site, "datastore_search", resource_id=table_at(site), limit=ROWS)[1]["result"]
    fields = [one for one in told["fields"] if one["id"] != "_id"]
    records = [{n: v for n, v in one.items() if n != "_id"} for one in told["records"]]
    body = {"resource_id": table_at(site), "fields": fields, "records": records, "force": True}
    made = requests.post(
        f"{ckan.url}/api/3/action/datastore_create", json=body, timeout=60,
        headers={"Authorization": ckan.token},
    )  # fmt: skip
    assert made.ok, made.text


def test_every_dataset_went_over(real: Ckan, site: str) -> None:
    assert ask(real.url, "package_list")[1]["result"] == ask(site, "package_list")[1]["result"]
    for name in ask(site, "package_list")[1]["result"]:
        theirs, ours = (ask(url, "package_show", id=name)[1]["result"] for url in (real.url, site))
        same = (
            "id",
            "title",
            "notes",
            "owner_org",
            "license_id",
            "version",
            "url",
            "isopen",
        )
        assert {one: theirs[one] for one in same} == {one: ours[one] for one in same}
        for their, our in zip(theirs["resources"], ours["resources"], strict=True):
            facts = ("id", "name", "format", "size", "hash", "mimetype", "position")
            assert {one: their[one] for one in facts} == {one: our[one] for one in facts}


def shape(value: Any) -> Any:
    """Keys and types; of a list its first item; a null fits any type."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    if value is None:
        return None
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value)
    )


def unlike(theirs: Any, ours: Any, place: str = "") -> list[str]:
    """Places where our answer lacks what theirs has, or has another type there."""
    if place in OWN or None in (theirs, ours):
        return []
    if isinstance(theirs, dict) and isinstance(ours, dict):
        found = [f"{place}.{name} missing".lstrip(".") for name in theirs.keys() - ours.keys()
                 if f"{place}.{name}".lstrip(".") not in OWN]  # fmt: skip
        for name in theirs.keys() & ours.keys():
            found += unlike(theirs[name], ours[name], f"{place}.{name}".lstrip("."))
        return found
    if isinstance(theirs, list) and isinstance(ours, list):
        return [one for pair in zip(theirs, ours, strict=False) for one in unlike(*pair, place)]
    return [] if theirs == ours else [f"{place}: {theirs} and {ours}"]


TABLE = "TABLE"  # the id of the table
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("status_show", {}),
    ("package_list", {}), ("package_list", {"limit": 1, "offset": 1}), ("package_list", {"limit": "x"}),
    ("package_show", {"id": PENALTY}), ("package_show", {"id": "nope"}), ("package_show", {}),
    ("package_search", {}), ("package_search", {"rows": 0}), ("package_search", {"rows": "x"}),
    ("package_search", {"start": -1}), ("package_search", {"junk": 1}), ("package_search", {"facet.field": "["}),
    ("current_package_list_with_resources", {}), ("current_package_list_with_resources", {"limit": "x"}),
    ("resource_show", {"id": TABLE}), ("resource_show", {"id": "nope"}), ("resource_show", {}),
    ("organization_list", {}), ("organization_list", {"all_fields": "true"}), ("organization_list", {"sort": "bad"}),
    ("organization_show", {"id": "market_regulation"}), ("organization_show", {"id": "nope"}),
    ("organization_show", {"id": "market_regulation", "include_datasets": "true"}),
    ("group_list", {}), ("group_show", {"id": "nope"}), ("tag_list", {}), ("tag_list", {"all_fields": "true"}),
    ("tag_show", {"id": "市市场监督管理局"}), ("tag_show", {"id": "nope"}), ("license_list", {}), ("vocabulary_list", {}),
    ("package_autocomplete", {"q": "处罚"}), ("package_autocomplete", {}),
    ("help_show", {"name": "package_show"}), ("help_show", {"name": "nope"}), ("help_show", {}),
    ("nope", {}), ("datastore_info", {"id": TABLE}), ("datastore_info", {"id": "nope"}), ("datastore_info", {}),
    *(("datastore_search", {"resource_id": TABLE, **more}) for more in (
        {}, {"limit": 2}, {"limit": 0}, {"limit": -1}, {"limit": "x"}, {"offset": 5, "limit": 2}, {"offset": "x"},
        {"filters": '{"subject_type": "natural"}'}, {"filters": '{"subject_type": ["natural", "individual_business"]}'},
        {"filters": '{"nope": 1}'}, {"filters": "[1"}, {"fields": "record_id,fine_wan"}, {"fields": "nope"},
        {"sort": "decided_on desc, record_id"}, {"sort": "nope"}, {"sort": "record_id sideways"}, {"distinct": "true", "fields": "authority"},
        {"records_format": "lists"}, {"records_format": "csv"}, {"records_format": "tsv"}, {"records_format": "zip"},
        {"include_total": "false"}, {"q": '{"record_id": "p1"}'}, {"q": '{"nope": "p1"}'}, {"junk": 1},
    )),
    ("datastore_search", {"resource_id": "nope"}), ("datastore_search", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "told"), QUESTIONS, ids=str)
def test_answers_are_alike(real: Ckan, site: str, name: str, told: dict[str, Any]) -> None:
    asked = {n: table_at(site) if value == TABLE else value for n, value in told.items()}
    theirs, ours = ask(real.url, name, **asked), ask(site, name, **asked)
    assert theirs[0] == ours[0], (theirs, ours)
    assert not unlike(shape(theirs[1]), shape(ours[1]))
    if theirs[0] != 200 and isinstance(theirs[1], dict):
        assert theirs[1]["error"]["__type"] == ours[1]["error"]["__type"]


def test_records_are_the_same(real: Ckan, site: str) -> None:
    told = {"resource_id": table_at(site), "sort": "decided_on desc, record_id", "limit": ROWS}
    theirs, ours = (ask(url, "datastore_search", **told)[1]["result"] for url in (real.url, site))
    assert [_plain(one) for one in ours["records"]] == [_plain(one) for one in theirs["records"]]
    own = [(one["id"], one["type"]) for one in ours["fields"]]
    assert own == [(one["id"], one["type"]) for one in theirs["fields"]]


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "_id"}


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml"])
def test_dumps_are_alike(real: Ckan, site: str, form: str) -> None:
    told = f"/datastore/dump/{table_at(site)}?format={form}&fields=record_id,penalty_kinds,fine_wan&limit={ROWS}"
    theirs, ours = (requests.get(url + told, timeout=30) for url in (real.url, site))
    assert theirs.headers["Content-Disposition"] == ours.headers["Content-Disposition"]
    if form in ("csv", "tsv"):
        assert theirs.text.replace("\r\n", "\n") == ours.text
    else:
        assert theirs.text.count("p1") == ours.text.count("p1") == 1
