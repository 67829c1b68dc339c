"""Releases of three real standards, and the portal over them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.release import Release, build_release

CODE = "91440902MA0000015X"
PRODUCER = "91440900MA00F00D1X"
SCRIPT = "<script>document.title='taken'</script>"

PENALTIES: list[dict[str, Any]] = [
    {
        "record_id": "p1", "subject_name": "茂名荔乡食品有限公司", "uscc": CODE,
        "subject_type": "legal_or_unincorporated", "doc_no": "茂市监处罚〔2025〕12号",
        "penalty_kinds": ["罚款"], "fine_wan": "0.5", "decided_on": "2025-03-04",
        "facts": f"标签不符 {SCRIPT}", "violation_type": "标签", "authority": "茂名市市场监督管理局",
    },
    {
        "record_id": "p2", "subject_name": "李某某", "subject_type": "natural",
        "doc_no": "茂市监处罚〔2024〕3号", "penalty_kinds": ["警告"], "decided_on": "2024-02-01",
        "violation_type": "无照", "authority": "茂名市市场监督管理局",
    },
    *(
        {
            "record_id": f"n{n}", "subject_name": f"高州{n}号商店",
            "subject_type": "individual_business", "doc_no": f"高市监处罚〔2023〕{n}号",
            "penalty_kinds": ["罚款"], "decided_on": "2023-01-01", "violation_type": "计量",
            "authority": "高州市市场监督管理局",
        }
        for n in range(45)
    ),
]  # fmt: skip
ENTITIES = [{"record_id": "e1", "subject_name": "茂名荔乡食品有限公司", "uscc": CODE,
             "established_on": "2019-06-01", "domicile": "茂名市茂南区"}]  # fmt: skip
FOOD = [{"record_id": "f1", "product_name": "荔枝干", "sample_no": "S1", "verdict": "合格",
         "nominal_producer": "茂名荔乡食品有限公司", "nominal_producer_uscc": PRODUCER,
         "announced_on": "2025-01-01"}]  # fmt: skip
DATASETS = {
    "administrative_penalty": PENALTIES,
    "market_entity": ENTITIES,
    "food_sampling_result": FOOD,
}


def release(root: Path, dataset: str, rows: list[dict[str, Any]]) -> Release:
    """The next release of a dataset, of rows by the names of the standard's public fields."""
    standard = load_catalogue().get(dataset)
    fields = {name: field.dtype for name, field in standard.fields_for("public").items()}
    schema = {"record_id": pl.String, **fields}
    data = [{name: row.get(name) for name in schema} for row in rows]
    return build_release(root, standard, pl.DataFrame(data, schema=schema))


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("releases")
    for dataset, rows in DATASETS.items():
        for upto in (1, len(rows)):
            release(root, dataset, rows[:upto])
    return root


@pytest.fixture(scope="session")
def client(releases: Path) -> FlaskClient:
    return create_portal(releases, load_catalogue()).test_client()


@contextmanager
def served(releases: Path, **more: Any) -> Iterator[str]:
    """The address of a portal over `releases`, on a free loopback port, until the block ends.

    `more` is given to `create_portal`, such as folders of filings and answers.
    """
    portal = create_portal(releases, load_catalogue(), **more)
    server = make_server("127.0.0.1", 0, portal, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(10)


@pytest.fixture(scope="session")
def site(releases: Path) -> Iterator[str]:
    """The portal, served."""
    with served(releases) as address:
        yield address
