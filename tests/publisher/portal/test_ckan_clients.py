"""Programs that others wrote for CKAN read the portal: ckanapi, as library and as command, and
frictionless."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from ckanapi import NotFound, RemoteCKAN, ValidationError
from frictionless import Catalog, Package, portals

from tests.publisher.portal.ckan_asking import PENALTY
from tests.publisher.portal.conftest import CODE, DATASETS

ROWS = len(DATASETS[PENALTY])
PROGRAMS = Path(sys.executable).parent


def ckanapi(*words: str, folder: Path) -> str:
    """What the command says; it starts itself again for its workers, so it must be on the path."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["ckanapi", *words], cwd=folder, env={**os.environ, "PATH": path},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("get_only", [False, True])
def test_ckanapi_as_library(site: str, get_only: bool) -> None:
    with RemoteCKAN(site, get_only=get_only) as remote:
        action = remote.action
        assert action.package_list() == sorted(DATASETS)
        package = action.package_show(id=PENALTY)
        (table,) = (one["id"] for one in package["resources"] if one["datastore_active"])
        told = action.datastore_search(resource_id=table, limit=ROWS)
        assert told["total"] == len(told["records"]) == ROWS
        found = action.datastore_search(resource_id=table, filters=json.dumps({"uscc": CODE}))
        assert [one["record_id"] for one in found["records"]] == ["p1"]
        with pytest.raises(NotFound):
            action.package_show(id="nope")
        with pytest.raises(ValidationError):
            action.datastore_search(resource_id=table, fields="nope")


def test_ckanapi_dumps_and_searches(site: str, tmp_path: Path) -> None:
    ckanapi("dump", "datasets", "--all", "-r", site, "-O", "all.jsonl", folder=tmp_path)
    lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["name"] for line in lines] == sorted(DATASETS)
    found = ckanapi("search", "datasets", "fq=name:market_entity", "-r", site, folder=tmp_path)
    assert [json.loads(line)["name"] for line in found.splitlines()] == ["market_entity"]
    organisations = ckanapi("dump", "organizations", "--all", "-r", site, folder=tmp_path)
    assert json.loads(organisations)["name"] == "market_regulation"


def test_ckanapi_dumps_datapackages(site: str, tmp_path: Path) -> None:
    ckanapi("dump", "datasets", PENALTY, "-r", site, "-D", "packages", folder=tmp_path)
    folder = tmp_path / "packages" / PENALTY
    told = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    with RemoteCKAN(site) as remote:
        resources = remote.action.package_show(id=PENALTY)["resources"]
    # ckanapi 4.11 downloads a package's last resource in the place of each: contents say nothing.
    assert all((folder / one["path"]).stat().st_size for one in told["resources"])
    facts = [(one["title"], one["format"], one["hash"]) for one in told["resources"]]
    assert facts == [(one["name"], one["format"], one["hash"]) for one in resources]


def test_frictionless_reads_a_package_and_its_records(site: str) -> None:
    package = Package(control=portals.CkanControl(baseurl=site, dataset=PENALTY))
    rows = next(one for one in package.resources if one.path == "records.csv").read_rows()
    assert len(rows) == ROWS
    assert rows[0]["fine_wan"] == Decimal("0.5")
    assert rows[0]["penalty_kinds"] == ["罚款"]
    assert package.resources[0].schema.field_names[:2] == ["record_id", "subject_name"]


def test_frictionless_reads_the_catalogue(site: str) -> None:
    def names(**more: object) -> list[str]:
        control = portals.CkanControl(baseurl=site, **more)  # type: ignore[arg-type]
        return sorted(one.name for one in Catalog(control=control).datasets)

    assert names() == sorted(DATASETS)
    assert names(organization_name="market_regulation") == sorted(DATASETS)
    assert names(search={"q": "title:行政处罚*"}) == [PENALTY]
    assert len(names(num_packages=2)) == 2
