"""A small portal with something of everything that pages can show, and the addresses of all kinds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.check import VALID
from exchange_schemas.days import today
from exchange_schemas.sample_check import read_samples
from publisher.deltas import REMOVALS
from publisher.release import Terms, build_release
from tests.publisher.portal.conftest import CODE, DATASETS, PRODUCER

TODAY = today()  # releases are of the day on which they are made
YESTERDAY = TODAY - timedelta(days=1)
REMOVED = "p2"
SHOP = "92440902MA0000202U"

_FOOD: list[dict[str, Any]] = [
    {
        "record_id": f"s{n}", "product_name": "荔枝干", "sample_no": f"XBJ264409000{n:05}",
        "production_date_or_batch": "20260101/A1", "product_category": "水果制品-->水果干制品",
        "verdict": "不合格" if n % 3 == 0 else "合格", "item_name": "菌落总数", "authority": "茂名市市场监督管理局",
        "nominal_producer": "茂名荔乡食品有限公司", "nominal_producer_uscc": PRODUCER,
        "sampled_unit": "茂名市茂南区河西百货商店" if n else "茂名荔乡食品有限公司",
        "sampled_unit_uscc": SHOP if n else PRODUCER,
        "division_code": "440902", "announced_on": f"2026-02-{n + 1:02}", "published_on": TODAY.isoformat(),
    }
    for n in range(9)
]  # fmt: skip
_LISTED: list[dict[str, Any]] = [
    {
        "record_id": "l1", "subject_name": "茂名荔乡食品有限公司", "uscc": CODE, "entry_id": "YC1",
        "subject_type": "legal_or_unincorporated", "reason_code": "1", "listed_on": "2026-02-25",
        "reason_text": "未按期公示年度报告", "list_authority": "茂名市市场监督管理局",
        "division_code": "440902", "published_on": YESTERDAY.isoformat(),
    }
]  # fmt: skip


def build(root: Path) -> None:
    """The releases: a record was taken back, another one is objected to."""
    penalties = [
        {"published_on": YESTERDAY.isoformat(), **row}
        for row in DATASETS["administrative_penalty"]
    ]
    _release(root, "administrative_penalty", penalties)
    kept = [row for row in penalties if row["record_id"] != REMOVED]
    kept[0] = {**kept[0], "objection": "异议处理中", "division_code": "440902"}
    gone = pl.DataFrame([(REMOVED, "expired", None)], schema=REMOVALS, orient="row")
    _release(root, "administrative_penalty", kept, gone)
    _release(root, "market_entity", DATASETS["market_entity"])
    _release(root, "food_sampling_result", _FOOD)
    _release(root, "abnormal_operation_list", _LISTED)
    _release(root, "target_progress", _progress())


def _progress() -> list[dict[str, Any]]:
    """What the samples of the standard say of the plan's targets."""
    folder = load_catalogue().folder("target_progress")
    samples = [record for record, _ in read_samples(folder / VALID)]
    return [{"record_id": f"t{n}", **one} for n, one in enumerate(samples)]


def _release(
    root: Path, dataset: str, rows: list[dict[str, Any]], removals: pl.DataFrame | None = None
) -> None:
    standard = load_catalogue().get(dataset)
    fields = {name: field.dtype for name, field in standard.fields_for("public").items()}
    hub = dict.fromkeys(("published_on", "disclosed_until", "objection"), pl.String)
    schema = {"record_id": pl.String, **fields, **hub}
    view = pl.DataFrame([{n: row.get(n) for n in schema} for row in rows], schema=schema)
    build_release(root, standard, view, Terms(removals=removals))


DATASET = "/datasets/administrative_penalty"

#: A page of each kind, by the name of its picture.
PAGES = {
    "home": "/",
    "search": "/search?q=荔乡",
    "search-empty": "/search?q=没有这家&since=2026-01-01",
    "search-start": "/search",
    "search-code": f"/search?q={CODE.lower()}",
    "search-narrowed": "/search?q=高州&dataset=administrative_penalty&kind=罚款",
    "today": "/today",
    "today-nothing": "/today?day=2020-01-01",
    "plan": "/plan",
    "plan-target": "/plan/e-trace",
    "subject": f"/subjects/{PRODUCER}",
    "dataset": DATASET,
    "table": f"{DATASET}/table",
    "charts": f"{DATASET}/charts",
    "record": f"{DATASET}/records/p1",
    "record-removed": f"{DATASET}/records/{REMOVED}",
    "releases": f"{DATASET}/releases/",
    "release": f"{DATASET}/releases/2/",
    "release-erased": f"{DATASET}/releases/1/",
    "changes": f"{DATASET}/changes/2",
    "changes-all": f"{DATASET}/changes",
    "as-of": f"{DATASET}/as-of/",
    "as-of-day": f"{DATASET}/as-of/{TODAY}",
    "as-of-difference": f"{DATASET}/as-of/2020-01-01/{TODAY}",
    "retractions": "/retractions",
    "programs": "/programs",
    "keys": "/keys",
    "licence": "/licence",
    "subscribe": "/subscriptions/new?dataset=administrative_penalty",
    "subscriptions": "/subscriptions/",
    "about": "/about",
    "verification": "/verification",
    "accessibility": "/accessibility",
    "not-found": "/nothing",
    "filing": f"{DATASET}/records/p1/file?kind=objection",
    "filings": "/filings/",
}
