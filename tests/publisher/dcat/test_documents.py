"""A release's own descriptions: whole, relative to themselves, and right by the shapes of DCAT-AP 3."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, Graph, URIRef

from publisher.dcat import dcat_document, schema_org_document
from publisher.dcat.catalogue import SIZE, Catalogue, catalogue
from publisher.dcat.site_words import Unsaid
from publisher.dcat.subject import Places, Subject
from publisher.manifest import Release
from tests.publisher.samples import PENALTIES, changed, released

PLACE = "https://data.example.cn/datasets/penalty_sample/releases/2/"
SITE = Unsaid(
    place_zh="某市", place_en="Some City", title_zh="开放", operator_zh="某局", contact="电话 0668，a@b.cn",
    licence_zh="开放许可", licence_url="https://data.example.cn/licence",
)  # fmt: skip
SHAPES = "data/dcat/ckanext-dcat/shacl/dcat-ap_3_shacl_shapes.ttl"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    root = tmp_path_factory.mktemp("releases")
    released(root)
    return released(root, changed(facts="更正"))


@pytest.fixture(scope="module")
def shapes(shared: Path) -> Graph:
    if not (shared / SHAPES).is_file():
        pytest.skip(f"the shapes of DCAT-AP aren't there (../shared/{SHAPES})")
    return Graph().parse(shared / SHAPES)


def read(document: bytes) -> Graph:
    return Graph().parse(data=document, format="json-ld", publicID=f"{PLACE}dcat.jsonld")


def violations(graph: Graph, shapes: Graph) -> str:
    right, _, report = validate(graph, shacl_graph=shapes)
    return "" if right else str(report)


def document(release: Release) -> bytes:
    fields = PENALTIES.fields_for("public")
    return dcat_document(
        PENALTIES, fields, release, release.files, SITE, ("2022-11-30", "2024-01-02")
    )


def test_no_shape_is_violated(release: Release, shapes: Graph) -> None:
    assert not violations(read(document(release)), shapes)


def test_nothing_known_of_the_site_is_no_violation(release: Release, shapes: Graph) -> None:
    told = dcat_document(PENALTIES, PENALTIES.fields_for("public"), release, release.files)
    assert not violations(read(told), shapes)


def test_the_shapes_do_find_what_is_missing(release: Release, shapes: Graph) -> None:
    told = json.loads(document(release))
    del told["dct:title"], told["dcat:distribution"][0]["dcat:accessURL"]
    assert violations(read(json.dumps(told).encode()), shapes).count("Constraint Violation") == 2


def test_addresses_follow_from_where_the_file_is(release: Release) -> None:
    graph = read(document(release))
    own = URIRef(f"{PLACE}#dataset")
    assert (own, DCAT.landingPage, URIRef(PLACE.partition("/releases")[0])) in graph
    downloads = {str(one) for one in graph.objects(None, DCAT.downloadURL)}
    assert f"{PLACE}records.csv" in downloads
    assert not [one for one in downloads if not one.startswith(PLACE)]
    assert not [one for one in downloads if one.endswith(("dcat.jsonld", "datapackage.json"))]
    assert (
        own,
        URIRef(f"{DCAT}previousVersion"),
        URIRef(PLACE.replace("/2/", "/1/") + "#dataset"),
    ) in graph


def test_each_file_has_its_digest_and_size(release: Release) -> None:
    told = json.loads(document(release))
    for one in told["dcat:distribution"]:
        file = release.file(one["dcat:downloadURL"]["@id"])
        assert file is not None
        assert one["spdx:checksum"]["spdx:checksumValue"]["@value"] == file.sha256
        assert one["dcat:byteSize"]["@value"] == str(file.bytes)


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (("2022-11-30", "2024-01-02T08:00:00+08:00"), ["2022-11-30", "2024-01-02"]),
        (("2022-11", "2024"), ["2022-11", "2024"]),
        (("0", "2024-01-02"), []),
        (None, []),
    ],
)
def test_period(release: Release, days: tuple[str, str] | None, shown: list[str]) -> None:
    told = json.loads(dcat_document(PENALTIES, {}, release, release.files, SITE, days))
    period = told.get("dct:temporal", {})
    ends = (period.get(f"dcat:{end}Date", {}).get("@value") for end in ("start", "end"))
    assert [one for one in ends if one] == shown


def test_both_languages(release: Release) -> None:
    titles = set(read(document(release)).objects(URIRef(f"{PLACE}#dataset"), DCTERMS.title))
    assert {str(one) for one in titles} == {PENALTIES.title, PENALTIES.title_en}


def test_search_engines_are_told_the_same(release: Release) -> None:
    fields = PENALTIES.fields_for("public")
    told = json.loads(schema_org_document(PENALTIES, fields, release, release.files, SITE))
    assert told["@type"] == "Dataset"
    assert told["name"] == PENALTIES.title
    assert told["license"] == SITE.licence_url
    assert {one["contentUrl"] for one in told["distribution"]} >= {"records.csv"}
    assert [one["name"] for one in told["variableMeasured"]] == list(fields)


def test_no_field_of_the_government_is_named(release: Release) -> None:
    fields = PENALTIES.fields_for("public")
    for make in (dcat_document, schema_org_document):
        text = make(PENALTIES, fields, release, release.files, SITE).decode()
        assert "cert_no" not in text
        assert "informer" not in text


def test_a_large_catalogue_has_pages(release: Release, shapes: Graph) -> None:
    root = "https://data.example.cn/"
    many = [replace(PENALTIES, dataset=f"sample_{n}") for n in range(SIZE * 2 + 1)]
    subjects = [
        Subject(one, {}, release, (), SITE, Places(root, one.dataset, 2, beside=False))
        for one in many
    ]
    whole = Catalogue(root, f"{root}catalog.jsonld", SITE, subjects)
    pages = [catalogue(whole, page + 1) for page in range(whole.pages)]
    assert [len(page["@graph"][0]["dcat:dataset"]) for page in pages] == [SIZE, SIZE, 1]
    follow = [page["@graph"][1].get("hydra:next", {}).get("@id") for page in pages]
    assert follow == [f"{root}catalog.jsonld?page=2", f"{root}catalog.jsonld?page=3", None]
    assert not violations(read(json.dumps(pages[2]).encode()), shapes)
