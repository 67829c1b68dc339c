"""What was public on a day, what differs between two, and what each release changed."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import time_machine
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.as_of import COLUMNS, DIFFERENCES
from publisher.disk import sha256
from publisher.known_keys import put_in_use
from publisher.portal.app import create_portal
from publisher.release import Terms, build_release
from publisher.signers import key_id
from tests.publisher.chains import SIGNER, removals
from tests.publisher.portal.conftest import PENALTIES

DATASET = "administrative_penalty"
PARTY = "茂名荔乡食品有限公司"
P1, P2, N = PENALTIES[0], PENALTIES[1], PENALTIES[2:]
# day → the records that were public at its end
DAYS = {
    "2026-03-02": [P1, P2],
    "2026-03-05": [P1, P2, *N[:3]],
    "2026-03-09": [{**P2, "violation_type": "计量"}, *N[:3]],
    "2026-04-01": [P1, *N[:2]],
}
WHY = {
    "2026-03-09": {"p1": "inaccurate"},
    "2026-04-01": {"p2": "term_over", "n2": "repair_granted"},
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root = tmp_path_factory.mktemp("releases")
    standard = load_catalogue().get(DATASET)
    fields = {name: field.dtype for name, field in standard.fields_for("public").items()}
    schema = {"record_id": pl.String, **fields}
    for day, rows in DAYS.items():
        data = [{name: row.get(name) for name in schema} for row in rows]
        terms = Terms(removals=removals(WHY.get(day, {})), signer=SIGNER)
        with time_machine.travel(f"{day}T15:59:00Z", tick=False):  # 23:59 in Shanghai
            build_release(root, standard, pl.DataFrame(data, schema=schema), terms)
    return create_portal(root, load_catalogue(), today=lambda: date(2026, 5, 1)).test_client()


def get(portal: FlaskClient, path: str, status: int = 200) -> str:
    response = portal.get(f"/datasets/{DATASET}/{path}")
    assert response.status_code == status, path
    return response.get_data(as_text=True)


def table(portal: FlaskClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(portal, path))))


@pytest.mark.parametrize(
    ("day", "known"),
    [("2026-03-01", None), ("2026-03-02", "2026-03-02"), ("2026-03-04", "2026-03-02"),
     ("2026-03-08", "2026-03-05"), ("2026-03-31", "2026-03-09"), ("2026-05-01", "2026-04-01")],
)  # fmt: skip
def test_what_was_public_on_a_day(portal: FlaskClient, day: str, known: str | None) -> None:
    rows = table(portal, f"as-of/{day}/records.csv")
    found = {row["record_id"] for row in rows if row["state"] == "public"}
    assert found == {str(row["record_id"]) for row in DAYS.get(known or "", [])}
    told = portal.get(f"/datasets/{DATASET}/as-of/{day}/records.json").get_json()
    assert (told["public"], told["removed"]) == (len(found), len(rows) - len(found))
    assert {row["record_id"] for row in told["records"]} == found
    page = get(portal, f"as-of/{day}")
    assert all(f">{record}<" in page for record in found)
    assert PARTY not in page


def test_how_records_stood_and_what_became_of_them(portal: FlaskClient) -> None:
    rows = {row["record_id"]: row for row in table(portal, "as-of/2026-03-08/records.csv")}
    assert list(rows["p1"]) == list(COLUMNS)
    assert rows["p1"] == {
        "record_id": "p1", "state": "public", "since": "2026-03-02", "release": "1",
        "now": "changed", "removed_on": "", "removed_in": "", "reason": "", "reason_title": "",
        "legal_basis": "",
    }  # fmt: skip
    assert (rows["n0"]["since"], rows["n0"]["now"]) == ("2026-03-05", "public")
    left = rows["p2"]
    assert (left["state"], left["now"], left["removed_on"], left["reason"]) == (
        "public", "removed", "2026-04-01", "term_over",
    )  # fmt: skip
    assert left["reason_title"] == "公示期满"
    assert left["legal_basis"]
    then = {row["record_id"]: row for row in table(portal, "as-of/2026-03-09/records.csv")}
    assert (then["p1"]["state"], then["p1"]["now"]) == ("removed", "public")
    assert (then["p1"]["removed_in"], then["p1"]["reason"]) == ("3", "inaccurate")


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("2026-03-01", "2026-03-02", {"p1": "added", "p2": "added"}),
        ("2026-03-02", "2026-03-09", {"p1": "removed", "p2": "changed", "n0": "added", "n1": "added", "n2": "added"}),
        ("2026-03-05", "2026-04-01", {"p1": "changed", "p2": "removed", "n2": "removed"}),
        ("2026-03-01", "2026-04-02", {"p1": "added", "n0": "added", "n1": "added"}),
        ("2026-03-02", "2026-03-04", {}),
        ("2026-03-05", "2026-03-05", {}),
    ],
)  # fmt: skip
def test_what_differs_between_two_days(
    portal: FlaskClient, first: str, second: str, told: dict[str, str]
) -> None:
    rows = table(portal, f"as-of/{first}/{second}/differences.csv")
    assert {row["record_id"]: row["change"] for row in rows} == told
    assert all(list(row) == list(DIFFERENCES) for row in rows)
    assert all(bool(row["reason_title"]) == (row["change"] == "removed") for row in rows)
    data = portal.get(f"/datasets/{DATASET}/as-of/{first}/{second}/differences.json").get_json()
    assert {row["record_id"]: row["change"] for row in data["records"]} == told
    page = get(portal, f"as-of/{first}/{second}")
    assert all(f">{record}<" in page for record in told)
    assert PARTY not in page
    for kind in set(told.values()):
        page = get(portal, f"as-of/{first}/{second}?kind={kind}")
        shown = {record for record in told if f">{record}<" in page}
        assert shown == {record for record, one in told.items() if one == kind}


@pytest.mark.parametrize(
    "day", ["2026-05-02", "2026-02-30", "2026-3-1", "yesterday", "20260301", "２０２６-03-01"]
)
def test_no_such_day(portal: FlaskClient, day: str) -> None:
    for path in (
        f"as-of/{day}",
        f"as-of/{day}/records.csv",
        f"as-of/2026-03-01/{day}",
        f"as-of/?day={day}",
    ):
        get(portal, path, 404)
    get(portal, "as-of/2026-03-05/2026-03-02", 404)


def test_the_form_leads_to_the_pages(portal: FlaskClient) -> None:
    for query, place in {
        "": "as-of/2026-05-01", "day=2026-03-04": "as-of/2026-03-04",
        "day=2026-03-04&other=": "as-of/2026-03-04",
        "day=2026-03-04&other=2026-03-01": "as-of/2026-03-01/2026-03-04",
    }.items():  # fmt: skip
        response = portal.get(f"/datasets/{DATASET}/as-of/?{query}")
        assert response.headers["Location"] == f"/datasets/{DATASET}/{place}"


def test_what_each_release_changed(portal: FlaskClient) -> None:
    page = get(portal, "changes")
    assert page.index("第 4 版") < page.index("第 1 版")
    assert "公示期满" in page
    assert "内容有误，须更正" in page
    removed = get(portal, "changes/4")
    assert ">p2<" in removed
    assert ">n0<" not in removed
    assert ">p1<" in get(portal, "changes/4?kind=added")
    assert ">n2<" in get(portal, "changes/2")
    get(portal, "changes/5", 404)
    for path in ("changes", "changes/4", "as-of/2026-03-09", "as-of/2026-03-02/2026-04-01"):
        assert "What changed" in get(portal, f"{path}?lang=en")
    portal.get("/?lang=zh")


def test_lists_go_on(portal: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.portal.as_of.ROWS", 2)
    monkeypatch.setattr("publisher.portal.as_of.JSON_ROWS", 2)
    first = get(portal, "as-of/2026-03-08")
    assert "after=n1" in first
    second = get(portal, "as-of/2026-03-08?kind=public&after=n1")
    assert ">n2<" in second
    assert ">p1<" in second
    assert ">n1<" not in second
    seen, place = [], f"/datasets/{DATASET}/as-of/2026-03-08/records.json"
    while place:
        told = portal.get(place).get_json()
        seen += [row["record_id"] for row in told["records"]]
        place = told["next"]
    assert seen == ["n0", "n1", "n2", "p1", "p2"]
    page = get(portal, "as-of/2026-03-02/2026-03-09?page=3")
    assert page.count('data-label="记录"') == 1


def test_the_keys_and_the_newest_manifests(portal: FlaskClient) -> None:
    root: Path = portal.application.config["LIBRARY"].releases
    assert portal.get("/keys.json").status_code == 404
    assert "尚无已签名的发布版" in portal.get("/keys").get_data(as_text=True)
    put_in_use(root, SIGNER)
    response = portal.get("/keys.json")
    assert response.get_data() == (root / "keys.json").read_bytes()
    assert response.mimetype == "application/json"
    page = portal.get("/keys").get_data(as_text=True)
    assert key_id(SIGNER.public_key) in page
    assert sha256(root / DATASET / "4" / "manifest.json") in page
