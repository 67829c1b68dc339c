"""The table of a dataset: filters, order, columns, pages, and the selection as a file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.table import AT_ONCE, ROWS
from tests.publisher.portal.penalties_by_county import (
    DATASET,
    DEPARTMENTS,
    FORMULA,
    HOSTILE,
    released,
)
from tests.publisher.portal.penalties_by_county import ROWS as RECORDS

TABLE = f"/datasets/{DATASET}/table"
SELECTION = f"/datasets/{DATASET}/selection/"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("table")
    released(folder)
    return folder


@pytest.fixture(scope="module")
def client(root: Path) -> FlaskClient:
    return create_portal(root, load_catalogue()).test_client()


def shown(client: FlaskClient, address: str) -> tuple[list[str], str]:
    """The ids of the records on a page, and the page."""
    response = client.get(address)
    assert response.status_code == 200, response.headers.get("Location")
    page = response.get_data(as_text=True)
    return re.findall(rf'href="/datasets/{DATASET}/records/(r\d+)"', page), page


def everything(client: FlaskClient, address: str) -> list[str]:
    """The ids on all pages of a view, following "next"."""
    found: list[str] = []
    following: str | None = address
    while following:
        ids, page = shown(client, following)
        found += ids
        link = re.search(r'rel="next[^"]*" href="([^"]+)"', page)
        following = link[1].replace("&amp;", "&") if link else None
    return found


def wanted(**values: Any) -> set[str]:
    """The ids of the records with these values."""
    return {
        row["record_id"]
        for row in RECORDS
        if all(
            value in row[name] if isinstance(row[name], list) else row[name] == value
            for name, value in values.items()
        )
    }


def test_pages_have_every_record_once(client: FlaskClient) -> None:
    first, page = shown(client, TABLE)
    assert len(first) == ROWS
    assert "60 条" in page
    found = everything(client, TABLE)
    assert len(found) == 60
    assert set(found) == {row["record_id"] for row in RECORDS}


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ("county=440981", {"division_code": "440981"}),
        ("kind=警告", {"penalty_kinds": "警告"}),
        (f"department={DEPARTMENTS[1]}", {"authority": DEPARTMENTS[1]}),
        ("where.subject_type=natural", {"subject_type": "natural"}),
        ("county=440902&kind=警告", {"division_code": "440902", "penalty_kinds": "警告"}),
        ("since=2024-03-15&until=2024-03-15", {"decided_on": "2024-03-15"}),
        ("q=茂市监处罚(2025)41号", {"record_id": "r041"}),
        ("q=nothing-like-it", {"record_id": "none"}),
    ],
)
def test_a_filter_chooses_what_the_rows_say(
    client: FlaskClient, asked: str, values: dict[str, str]
) -> None:
    assert set(everything(client, f"{TABLE}?{asked}")) == wanted(**values)
    _, page = shown(client, f"{TABLE}?{asked}")
    assert f"{len(wanted(**values))} 条" in page


def test_sorted_both_ways_by_a_shown_column(client: FlaskClient) -> None:
    amounts = {row["record_id"]: float(row["fine_wan"]) for row in RECORDS}
    columns = "columns=subject_name,fine_wan"
    up = everything(client, f"{TABLE}?{columns}&sort=fine_wan")
    down = everything(client, f"{TABLE}?{columns}&sort=-fine_wan")
    assert [amounts[one] for one in up] == sorted(amounts.values())
    assert [amounts[one] for one in down] == sorted(amounts.values(), reverse=True)
    _, page = shown(client, f"{TABLE}?{columns}&sort=-fine_wan")
    assert 'aria-sort="descending"' in page
    assert re.search(r'href="[^"]*sort=fine_wan[^"]*">', page)


def test_columns_can_be_chosen(client: FlaskClient) -> None:
    _, page = shown(client, f"{TABLE}?columns=subject_name,violation_type,published_on")
    assert re.findall(r'<th scope="col"[^>]*><a[^>]*>([^<]+?) <', page) == ["行政相对人名称", "违法行为类型", "公示日期"]  # fmt: skip
    _, usual = shown(client, f"{TABLE}?columns=subject_name")
    assert "决定书文号 <" not in usual
    assert "salt" not in usual


@pytest.mark.parametrize(
    ("filled", "tidy"),
    [
        ("q=&county=440981&kind=&since=&until=", "?county=440981"),
        ("columns=doc_no&columns=subject_name", "?columns=subject_name,doc_no"),
        ("sort=nothing", ""),
        ("since=yesterday&county=440981", "?county=440981"),
        ("cert_no=1&where.cert_no=1", ""),
        ("_scheme=javascript&_anchor=x", ""),
    ],
)
def test_a_filled_form_leads_to_the_views_own_address(
    client: FlaskClient, filled: str, tidy: str
) -> None:
    response = client.get(f"{TABLE}?{filled}")
    assert response.status_code == 302
    assert response.headers["Location"].replace("%2C", ",") == TABLE + tidy
    assert client.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize("cursor", ["x", "%00", "a" * 2000, "-1", "99999999999999999999", "é"])
def test_odd_cursors_are_answered(client: FlaskClient, cursor: str) -> None:
    assert client.get(f"{TABLE}?after={cursor}").status_code == 200


def test_values_are_text(client: FlaskClient) -> None:
    page = client.get(TABLE, query_string={"department": HOSTILE}).get_data(as_text=True)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "1 条" in page


def test_a_view_can_be_followed_where_a_search_knows_its_conditions(client: FlaskClient) -> None:
    _, page = shown(client, f"{TABLE}?county=440981&sort=doc_no")
    assert f"/search/feed.atom?dataset={DATASET}&amp;county=440981" in page
    _, page = shown(client, f"{TABLE}?where.subject_type=natural")
    assert "feed.atom" not in page


def test_the_other_language_has_the_same_view(client: FlaskClient) -> None:
    _, page = shown(client, f"{TABLE}?county=440981&sort=-fine_wan&lang=en")
    assert "Gaozhou City" in page
    twin = re.search(r'class="twin" href="([^"]+)"', page)
    assert twin
    assert {"county=440981", "sort=-fine_wan", "lang=zh"} <= set(
        twin[1].split("?")[1].replace("&amp;", "&").split("&")
    )
    client.get("/?lang=zh")


def test_the_whole_dataset_as_a_selection_is_the_releases_file(
    client: FlaskClient, root: Path
) -> None:
    for name in ("records.csv", "records-excel.csv", "records.jsonl"):
        response = client.get(SELECTION + name)
        assert response.data == (root / DATASET / "1" / name).read_bytes()


def test_a_selection_has_all_its_records_as_they_were_released(
    client: FlaskClient, root: Path
) -> None:
    response = client.get(f"{SELECTION}records.jsonl?county=440981&sort=fine_wan&columns=doc_no")
    lines = response.data.splitlines()
    assert {json.loads(line)["record_id"] for line in lines} == wanted(division_code="440981")
    assert response.headers["X-Record-Count"] == str(len(lines))
    assert f"{DATASET}-1-selection-{len(lines)}.jsonl" in response.headers["Content-Disposition"]
    delta = (root / DATASET / "1" / "delta.csv").read_text("utf-8")
    assert all(hashlib.sha256(line).hexdigest() in delta for line in lines)
    table = client.get(f"{SELECTION}records.csv?county=440981").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {row["record_id"] for row in rows} == wanted(division_code="440981")


def test_a_formula_is_no_formula_in_the_copy_for_a_spreadsheet(client: FlaskClient) -> None:
    data = client.get(f"{SELECTION}records-excel.csv?q=HYPERLINK").data
    assert data.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert row["行政相对人名称"] == "'" + FORMULA


def test_an_empty_selection_has_the_header_alone(client: FlaskClient) -> None:
    data = client.get(f"{SELECTION}records.csv?q=没有这样的").get_data(as_text=True)
    assert data.startswith("record_id,")
    assert data.count("\r\n") == 1
    assert client.get(f"{SELECTION}records.jsonl?q=没有这样的").data == b""
    assert client.get(f"{SELECTION}other.csv").status_code == 404


@pytest.fixture
def held(client: FlaskClient) -> Iterator[None]:
    """As many unread downloads as are made at once."""
    with ExitStack() as open_ones:
        for _ in range(AT_ONCE):
            open_ones.callback(client.get(f"{SELECTION}records.csv", buffered=False).close)
        yield


def test_only_a_few_are_made_at_once(client: FlaskClient, held: None) -> None:
    refused = client.get(f"{SELECTION}records.csv")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Cache-Control"] == "no-store"


def test_a_download_that_was_left_lets_the_next_one_in(client: FlaskClient) -> None:
    for _ in range(AT_ONCE + 1):
        client.get(f"{SELECTION}records.csv", buffered=False).close()
        client.head(f"{SELECTION}records.csv").close()
    assert client.get(f"{SELECTION}records.csv").status_code == 200
