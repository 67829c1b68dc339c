"""What reaches the public of a trace code, from the ledger to the page: no trader, no quantity, no day of sale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from flask.testing import FlaskClient

from hub.trace.movements import keyed, movements
from hub.trace.public_rows import public_rows
from publisher.portal.allowance import limit
from publisher.portal.app import create_portal
from publisher.release import Release, build_release
from tests.publisher.shelf import CATALOGUE
from tests.trace.chickens import FARM, ONE, SHOP_A, TWO, chickens, full, papers

SECRETS = (
    ONE[0], TWO[0], SHOP_A[0], ONE[1], TWO[1], SHOP_A[1], "李某", "2026-01-02", "2026-01-03", "05:00",
    "TRACE-D1", "TRACE-C1", "PJ-77",
)  # fmt: skip


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: of the ledger's records, and of a recall of the batch."""
    root = tmp_path_factory.mktemp("releases")
    rows = [{**one, "quantity": "97.125"} for one in chickens()]
    told = movements(keyed(pl.DataFrame(rows).lazy())).collect()
    voucher = {
        **papers(full("F1"))[0],
        "kind": "进货票据",
        "certificate_no": "PJ-77",
        "issuer": ONE[0],
    }
    certificates = pl.DataFrame([*papers(full("F1"), full("F2")), voucher])
    shown = public_rows(
        told, certificates, pl.concat([told["operator_name"], told["counterparty_name"]])
    )
    _release(root, "food_trace_public", shown.with_columns(record_id=pl.col("trace_code")))
    recall = pl.DataFrame([{
        "record_id": "r1", "recall_no": "ZH202600001", "product_name": "怀乡鸡", "batch": "2026年1月1日/20260101A",
        "producer_name": FARM[0], "reason": "检出恩诺沙星超标", "started_on": "2026-02-01", "state": "实施中",
    }])  # fmt: skip
    _release(root, "product_recall", recall)
    return root


def _release(root: Path, dataset: str, rows: pl.DataFrame) -> Release:
    standard = CATALOGUE.get(dataset)
    fields = {name: field.dtype for name, field in standard.fields_for("public").items()}
    view = rows.select(
        "record_id",
        *(
            (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in fields.items()
        ),
    )
    return build_release(root, standard, view)


@pytest.fixture(scope="module")
def client(releases: Path) -> FlaskClient:
    return create_portal(releases, CATALOGUE).test_client()


def everything(root: Path) -> Iterator[bytes]:
    """Every file of the release of trace codes."""
    for path in (root / "food_trace_public").rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def interface(client: FlaskClient) -> list[str]:
    """Where programs read the dataset."""
    package = "/api/3/action/package_show?id=food_trace_public"
    told = client.get(package).get_json()["result"]["resources"]
    tables = [one["id"] for one in told if one.get("datastore_active")]
    assert tables
    return [package, *(f"/api/3/action/datastore_search?resource_id={one}" for one in tables)]


def test_the_standard_has_no_field_for_it() -> None:
    public = set(CATALOGUE.get("food_trace_public").fields_for("public"))
    assert public - {"source_unit", "source_unit_uscc"} == {
        "trace_code", "product_name", "product_category", "spec", "producer_name", "producer_uscc", "batch", "produced_on",
        "expires_on", "certificates",
    }  # fmt: skip
    assert set(CATALOGUE.get("trace_finding").fields_for("public")) <= {
        "source_unit",
        "source_unit_uscc",
    }
    assert not CATALOGUE.get("trace_finding").public


def test_nothing_of_the_trade_is_in_pages_files_or_the_interface(
    client: FlaskClient, releases: Path
) -> None:
    answers = [
        client.get(path)
        for path in (
            f"/trace/{full('F1')}", f"/trace/{full('F2')}", "/trace?q=20260101A", "/trace",
            "/datasets/food_trace_public", f"/datasets/food_trace_public/records/{full('F1')}",
            f"/datasets/food_trace_public/records/{full('F1')}.json", "/datasets/food_trace_public/table",
            "/search?q=20260101A", *interface(client),
        )
    ]  # fmt: skip
    assert all(one.status_code == 200 for one in answers), [one.status_code for one in answers]
    pages = [one.data for one in answers]
    files = list(everything(releases))
    assert len(files) > 5
    assert any("怀乡鸡".encode() in one for one in files)
    for content in (*pages, *files):
        for secret in (*SECRETS, "97.125"):
            assert secret.encode() not in content, secret


def test_a_code_shows_what_it_may(client: FlaskClient) -> None:
    page = client.get(f"/trace/{full('F1')}").get_data(as_text=True)
    for words in (
        "怀乡鸡（光鸡）",
        FARM[0],
        FARM[1],
        "20260101A",
        "检疫 440900000000 茂名市农业农村局",
    ):
        assert words in page
    assert "该批次正在召回或者已经召回" in page and "检出恩诺沙星超标" in page
    assert (
        client.get(f"/trace?q={full('F1')}").headers["Location"].endswith(f"/trace/{full('F1')}")
    )
    found = client.get("/trace?q=20260101A").get_data(as_text=True)
    assert f"/trace/{full('F1')}" in found and f"/trace/{full('F2')}" in found


@pytest.mark.parametrize("code", [full("D1"), "TRACE-F", "20260101A", "x" * 41, "<b>"])
def test_what_is_no_public_code_is_not_there(client: FlaskClient, code: str) -> None:
    assert client.get(f"/trace/{code}").status_code == 404


def test_where_nothing_is_released(tmp_path: Path) -> None:
    client = create_portal(tmp_path, CATALOGUE).test_client()
    assert "尚未公布追溯码" in client.get("/trace?q=20260101A").get_data(as_text=True)
    assert client.get(f"/trace/{full('F1')}").status_code == 404


def test_it_is_counted_as_a_costly_question(releases: Path) -> None:
    app = create_portal(releases, CATALOGUE)
    limit(app, 2)
    answers = [app.test_client().get(f"/trace/{full('F1')}").status_code for _ in range(4)]
    assert answers[:2] == [200, 200] and 429 in answers[2:]
