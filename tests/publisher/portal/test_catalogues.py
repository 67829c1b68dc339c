"""The catalogue for programs: right by the shapes of DCAT-AP 3, the same in every way of writing it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyshacl import validate
from rdflib import DCAT, RDF, Graph
from rdflib.compare import isomorphic
from selenium.webdriver import Chrome

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.settings import Settings
from tests.publisher.portal.conftest import DATASETS

HOST = "https://data.example.cn"
SHAPES = "data/dcat/ckanext-dcat/shacl/dcat-ap_3_shacl_shapes.ttl"
FORMATS = {"jsonld": "json-ld", "ttl": "turtle", "rdf": "xml"}


@pytest.fixture(scope="module")
def told(releases: Path) -> FlaskClient:
    """A portal that says all there is to say of itself."""
    settings = Settings(
        place_zh="某市", place_en="Some City", operator_zh="某局", operator_en="Office",
        contact="open@data.example.cn", licence_zh="开放许可", licence_url=f"{HOST}/terms", base_url=HOST,
    )  # fmt: skip
    return create_portal(releases, load_catalogue(), settings=settings).test_client()


def read(client: FlaskClient, ending: str) -> Graph:
    answer = client.get(f"/catalog.{ending}")
    assert answer.status_code == 200
    return Graph().parse(data=answer.data, format=FORMATS[ending], publicID=HOST)


@pytest.mark.parametrize("said", [True, False])
def test_no_shape_is_violated(
    told: FlaskClient, client: FlaskClient, shared: Path, said: bool
) -> None:
    if not (shared / SHAPES).is_file():
        pytest.skip(f"the shapes of DCAT-AP aren't there (../shared/{SHAPES})")
    graph = read(told if said else client, "jsonld")
    right, _, report = validate(graph, shacl_graph=Graph().parse(shared / SHAPES))
    assert right, report
    assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == len(DATASETS)


def test_each_way_of_writing_says_the_same(told: FlaskClient) -> None:
    first, second, third = (read(told, ending) for ending in FORMATS)
    assert isomorphic(first, second)
    assert isomorphic(first, third)


def test_every_file_named_is_there(told: FlaskClient) -> None:
    graph = read(told, "jsonld")
    named = {str(one) for one in graph.objects(None, DCAT.downloadURL)}
    assert len(named) > len(DATASETS)
    for one in named:
        assert told.head(one.removeprefix(HOST)).status_code == 200, one


def test_project_open_data(told: FlaskClient) -> None:
    answer = told.get("/data.json").json
    assert answer is not None
    assert answer["conformsTo"] == "https://project-open-data.cio.gov/v1.1/schema"
    needed = {
        "title", "description", "keyword", "modified", "publisher", "contactPoint", "identifier",
        "accessLevel",
    }  # fmt: skip
    for one in answer["dataset"]:
        assert needed <= one.keys()
        assert one["contactPoint"]["hasEmail"] == "mailto:open@data.example.cn"
    assert len({one["identifier"] for one in answer["dataset"]}) == len(DATASETS)


def test_caches_ask_again(told: FlaskClient) -> None:
    for path in ("/catalog.jsonld", "/catalog.ttl", "/catalog.rdf", "/data.json"):
        first = told.get(path)
        again = told.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert "max-age" in first.headers["Cache-Control"]


def test_pages_that_arent_there(told: FlaskClient) -> None:
    assert told.get("/catalog.jsonld?page=1").status_code == 200
    for page in ("0", "2", "-1"):
        assert told.get(f"/catalog.jsonld?page={page}").status_code == 404
    assert told.get("/catalog.exe").status_code == 404


def test_a_page_tells_search_engines_and_runs_nothing(site: str, browser: Chrome) -> None:
    browser.get(f"{site}/datasets/administrative_penalty")
    told = browser.execute_script(
        "return document.querySelector('script[type=\"application/ld+json\"]').textContent"
    )
    dataset = json.loads(told)
    assert dataset["@type"] == "Dataset"
    assert dataset["distribution"][0]["contentUrl"].startswith(site)
    assert not [one for one in browser.get_log("browser") if one["level"] == "SEVERE"]


def test_nothing_of_the_government_is_told(told: FlaskClient) -> None:
    text = json.dumps(told.get("/catalog.jsonld").json, ensure_ascii=False)
    assert "cert_no" not in text
