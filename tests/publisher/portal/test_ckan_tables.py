"""CKAN's datastore over releases: the records that are public, in every way they can be asked for."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from tests.publisher.portal.ckan_asking import PENALTY, ask, refused, table_of
from tests.publisher.portal.conftest import CODE, DATASETS, release

ROWS = len(DATASETS[PENALTY])


@pytest.fixture(scope="module")
def table(client: FlaskClient) -> str:
    return table_of(client)


def test_records_are_those_of_the_release(client: FlaskClient, table: str, releases: Path) -> None:
    answer = ask(client, "datastore_search", resource_id=table, limit=ROWS)
    lines = (releases / PENALTY / "2" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    told = [
        {n: v for n, v in one.items() if v is not None and n != "_id"} for one in answer["records"]
    ]
    fine = [record.pop("fine_wan", None) for record in told]
    released = [json.loads(line) for line in lines]
    assert [str(one) if one is not None else None for one in fine] == [
        record.pop("fine_wan", None) for record in released
    ]
    assert told == released
    assert answer["total"] == ROWS
    assert [one["id"] for one in answer["fields"]] == list(answer["records"][0])


def test_numbers_keep_their_digits(client: FlaskClient, table: str) -> None:
    body = client.get(f"/api/3/action/datastore_search?resource_id={table}&limit=1").data
    told = json.loads(body, parse_float=Decimal)
    assert told["result"]["records"][0]["fine_wan"] == Decimal("0.5")
    types = {one["id"]: one["type"] for one in told["result"]["fields"]}
    assert (types["_id"], types["fine_wan"], types["decided_on"], types["penalty_kinds"]) == (
        "int", "numeric", "date", "_text",
    )  # fmt: skip


def names(client: FlaskClient, **told: Any) -> list[str]:
    records = ask(client, "datastore_search", **told)["records"]
    return [one["record_id"] for one in records]


def test_filters(client: FlaskClient, table: str) -> None:
    def found(**filters: Any) -> list[str]:
        return names(client, resource_id=table, filters=filters, limit=5)

    assert found(uscc=CODE) == ["p1"]
    assert found(subject_type=["natural", "legal_or_unincorporated"]) == ["p1", "p2"]
    assert found(uscc=CODE, subject_type="natural") == []
    assert found(record_id=["p2", "none", "p1"]) == ["p2", "p1"]
    assert found(record_id="p1", subject_type="natural") == []
    assert found(penalty_kinds="警告") == ["p2"]
    assert found(fine_wan=0.50) == found(fine_wan="0.5") == ["p1"]
    number = ask(client, "datastore_search", resource_id=table, limit=1)["records"][0]["_id"]
    assert found(_id=number) == ["p1"]


def test_words(client: FlaskClient, table: str) -> None:
    assert names(client, resource_id=table, q="茂名荔乡") == ["p1"]
    assert (
        ask(client, "datastore_search", resource_id=table, q="高州", limit=1)["total"] == ROWS - 2
    )
    assert names(client, resource_id=table, q={"facts": "标签"}) == ["p1"]
    assert names(client, resource_id=table, q='{"facts": "标签"}') == ["p1"]
    assert names(client, resource_id=table, q="高州 12号", fields="record_id", limit=3) == ["n12"]


def test_order(client: FlaskClient, table: str) -> None:
    assert names(client, resource_id=table, limit=2) == ["p1", "p2"]
    assert names(client, resource_id=table, sort="decided_on desc", limit=1) == ["p1"]
    assert names(client, resource_id=table, sort="_id desc", limit=ROWS)[-1] == "p1"
    both = names(client, resource_id=table, sort='authority desc, "doc_no" asc', limit=2)
    assert both == ["n0", "n10"]


def test_distinct_and_columns(client: FlaskClient, table: str) -> None:
    told = ask(client, "datastore_search", resource_id=table, distinct=True, fields=["authority"])
    assert told["records"] == [
        {"authority": "茂名市市场监督管理局"},
        {"authority": "高州市市场监督管理局"},
    ]
    assert told["total"] == 2
    assert [one["id"] for one in told["fields"]] == ["authority"]


def test_the_cursor_meets_every_record_once(client: FlaskClient, table: str) -> None:
    address = f"/api/3/action/datastore_search?resource_id={table}&limit=7&fields=record_id"
    seen: list[str] = []
    for _ in range(ROWS):  # far more than there are pages
        told = client.get(address).json["result"]  # type: ignore[index]
        seen += [one["record_id"] for one in told["records"]]
        address = told["_links"]["next"]
    assert len(seen) == len(set(seen)) == ROWS


def test_offsets_meet_every_record_once(client: FlaskClient, table: str) -> None:
    told = {"resource_id": table, "limit": 10, "fields": "record_id"}
    pages = [names(client, **told, offset=offset) for offset in range(0, ROWS + 10, 10)]
    assert sorted(one for page in pages for one in page) == sorted(
        row["record_id"] for row in DATASETS[PENALTY]
    )


def test_formats_of_records(client: FlaskClient, table: str) -> None:
    told = {"resource_id": table, "limit": 2, "fields": "record_id,penalty_kinds,fine_wan"}
    lists = ask(client, "datastore_search", **told, records_format="lists")["records"]
    assert lists == [["p1", ["罚款"], 0.5], ["p2", ["警告"], None]]
    text = ask(client, "datastore_search", **told, records_format="csv")["records"]
    assert list(csv.reader(io.StringIO(text))) == [
        ["p1", '["罚款"]', "0.5"],
        ["p2", '["警告"]', ""],
    ]
    assert "\t" in ask(client, "datastore_search", **told, records_format="tsv")["records"]


def test_limits(client: FlaskClient, table: str) -> None:
    assert ask(client, "datastore_search", resource_id=table, limit=10**6)["limit"] == 32_000
    nothing = ask(client, "datastore_search", resource_id=table, limit=0)
    assert (nothing["records"], nothing["total"]) == ([], ROWS)
    assert "total" not in ask(client, "datastore_search", resource_id=table, include_total=False)


@pytest.mark.parametrize(
    "told",
    [
        {"filters": {"nope": "1"}}, {"filters": "[1"}, {"filters": {"cert_no": "1"}}, {"filters": {"uscc": None}},
        {"fields": "nope"}, {"fields": "cert_no"}, {"sort": "nope"}, {"sort": "uscc; drop table"},
        {"limit": -1}, {"limit": "x"}, {"offset": -1}, {"records_format": "zip"}, {"q": {"nope": "a"}},
        {"junk": "1"}, {"distinct": "perhaps"}, {"after": "x"}, {"after": "WzEsInAxIl0", "offset": 5},
        {"after": "WzEsInAxIl0", "distinct": True},
    ],
)  # fmt: skip
def test_what_cant_be_meant(client: FlaskClient, table: str, told: dict[str, Any]) -> None:
    error = refused(client, "datastore_search", 409, resource_id=table, **told)
    assert error["__type"] == "Validation Error"


def test_info(client: FlaskClient, table: str) -> None:
    told = ask(client, "datastore_info", id=table)
    assert told["meta"]["count"] == ROWS
    assert told["fields"][0]["id"] == "record_id"
    assert told["fields"][1]["info"]["label"] == "行政相对人名称"


def test_no_column_of_the_government(client: FlaskClient, table: str) -> None:
    told = {one["id"] for one in ask(client, "datastore_info", id=table)["fields"]}
    assert not told & {"cert_no", "cert_type", "legal_rep_cert_no"}


def test_dump(client: FlaskClient, table: str) -> None:
    whole = client.get(f"/datastore/dump/{table}?bom=true").data
    assert whole.startswith(b"\xef\xbb\xbf_id,record_id,")
    rows = list(csv.DictReader(io.StringIO(whole.decode("utf-8-sig"))))
    assert [row["record_id"] for row in rows][:2] == ["p1", "p2"]
    assert len(rows) == ROWS
    some = f"/datastore/dump/{table}?limit=2&offset=1&fields=_id,record_id,penalty_kinds"
    told = json.loads(client.get(some + "&format=json").data)
    assert [one[1:] for one in told["records"]] == [["p2", ["警告"]], ["n0", ["罚款"]]]
    root = ET.fromstring(client.get(some + "&format=xml").data)  # noqa: S314 - our own
    assert [row.findtext("record_id") for row in root] == ["p2", "n0"]
    assert client.get(some + "&format=tsv").data.count(b"\t") == 6
    found = client.get(f'/datastore/dump/{table}?filters={{"uscc":"{CODE}"}}').data
    assert found.count(b"\n") == 2
    ordered = client.get(f"/datastore/dump/{table}?sort=record_id&limit=1&fields=record_id").data
    assert ordered == b"record_id\nn0\n"


def test_a_dump_has_all_records(tmp_path: Path) -> None:
    row = DATASETS[PENALTY][0]
    rows = [row | {"record_id": f"r{n}", "doc_no": f"文〔2025〕{n}号"} for n in range(250)]
    release(tmp_path, PENALTY, rows)
    client = create_portal(tmp_path, load_catalogue()).test_client()
    for form in ("csv", "json", "xml"):
        whole = client.get(f"/datastore/dump/{table_of(client)}?format={form}&fields=record_id")
        assert all(one["record_id"] in whole.text for one in rows)


def test_dumps_that_are_refused(client: FlaskClient, table: str) -> None:
    assert client.get("/datastore/dump/nope").status_code == 404
    assert client.get(f"/datastore/dump/{table}?format=zip").status_code == 400
    assert (
        client.get(f"/datastore/dump/{table}?sort=record_id").status_code == 400
    )  # without a limit
    assert client.get(f"/datastore/dump/{table}?fields=cert_no").status_code == 400
