"""A real CKAN harvests the portal, with the harvesters of ckanext-harvest and ckanext-dcat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.publisher.portal.conftest import DATASETS
from tests.services.ckan_server import Ckan, ckan_server

pytestmark = pytest.mark.slow

# What `harvester run-test` of ckanext-harvest asks for beside itself is what its own tests use.
PACKAGES = ("ckanext-harvest==1.6.3", "ckanext-dcat==2.4.4", "factory-boy", "faker", "pytest")
PLUGINS = ("datastore", "harvest", "ckan_harvester", "dcat", "dcat_rdf_harvester", "dcat_json_harvester")  # fmt: skip


@pytest.fixture(scope="module")
def ckan(postgres_server_url: str) -> Iterator[Ckan]:
    with ckan_server(postgres_server_url, plugins=PLUGINS, packages=PACKAGES) as running:
        post(running, "organization_create", name="province", title="省")
        yield running


def post(ckan: Ckan, action: str, **told: Any) -> Any:
    answer = requests.post(
        f"{ckan.url}/api/3/action/{action}", json=told, timeout=60,
        headers={"Authorization": ckan.token},
    )  # fmt: skip
    assert answer.ok, answer.text
    return answer.json()["result"]


def harvest(ckan: Ckan, name: str, address: str, kind: str, **config: str) -> dict[str, int]:
    """Gather, fetch and import; returns what the job counted."""
    told = (name, address, kind, name, "true", "province", "MANUAL", json.dumps(config))
    ckan.run("harvester", "source", "create", *told)
    return again(ckan, name)


def again(ckan: Ckan, name: str) -> dict[str, int]:
    ckan.run("harvester", "run-test", name)
    job = post(ckan, "harvest_source_show", id=name)["status"]["last_job"]
    assert not job["object_error_summary"] + job["gather_error_summary"]
    counted: dict[str, int] = job["stats"]
    return counted


def test_by_ckan_api(ckan: Ckan, site: str) -> None:
    counted = harvest(ckan, "by-ckan", site, "ckan", remote_orgs="create")
    assert (counted["added"], counted["errored"]) == (len(DATASETS), 0)
    for name in DATASETS:
        ours = requests.get(f"{site}/api/3/action/package_show?id={name}", timeout=30).json()[
            "result"
        ]
        theirs = post(ckan, "package_show", id=name)
        for fact in ("id", "title", "notes", "version"):
            assert theirs[fact] == ours[fact]
        assert theirs["organization"]["title"] == ours["organization"]["title"]
        urls = [[one["url"] for one in package["resources"]] for package in (theirs, ours)]
        assert urls[0] == urls[1]
    assert again(ckan, "by-ckan")["errored"] == 0  # what changed since the last hour, by date


@pytest.mark.parametrize(
    ("kind", "place"),
    [("dcat_rdf", "catalog.jsonld"), ("dcat_rdf", "catalog.ttl"), ("dcat_json", "data.json")],
)
def test_by_catalogue(ckan: Ckan, site: str, kind: str, place: str) -> None:
    name = f"by-{place.replace('.', '-')}"
    counted = harvest(ckan, name, f"{site}/{place}", kind)
    # A dataset has the same name in each: the second catalogue updates what the first one added.
    assert counted["added"] + counted["updated"] == len(DATASETS)
    assert not counted["errored"]
    whole = post(ckan, "harvest_source_show", id=name)
    objects = post(ckan, "harvest_object_list", source_id=whole["id"])
    found = [post(ckan, "harvest_object_show", id=one)["package_id"] for one in objects]
    packages = [post(ckan, "package_show", id=one) for one in found]
    assert {one["url"].rpartition("/")[2] for one in packages} == set(DATASETS)
    assert all(len(one["resources"]) > 5 for one in packages)
