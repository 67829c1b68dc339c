"""Two small datasets, released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.catalogue import load_catalogue
from publisher.contents import contents_of
from publisher.release import Release, build_release
from publisher.selection import Selection, condition

CATALOGUE = load_catalogue()
USCC = "91440902194921018Q"

ENTITIES: list[dict[str, Any]] = [
    {
        "record_id": "e1", "subject_name": "茂名市供销合作联社贸易公司", "uscc": USCC,
        "established_on": "1979-10-01", "reg_state": "存续",
    },
    {
        "record_id": "e2", "subject_name": "高州市鑫源食品有限公司", "uscc": "91440981MA00000A0G",
        "established_on": "2015-03-04", "former_names": ["高州鑫源商行"],
    },
]  # fmt: skip
PENALTIES: list[dict[str, Any]] = [
    {
        "record_id": "p1", "subject_name": "茂名市供销合作联社贸易公司", "uscc": USCC,
        "doc_no": "茂市监罚〔2023〕12号", "decided_on": "2023-05-06", "penalty_kinds": ["罚款", "警告"],
        "authority": "茂名市市场监督管理局", "division_code": "440902", "fine_wan": "2.5",
        "public_from": "2023-05-10",
    },
    {
        "record_id": "p2", "subject_name": "张某", "doc_no": "茂市监罚〔2024〕1号",
        "decided_on": "2024-05-06", "penalty_kinds": ["罚款"], "authority": "高州市市场监督管理局",
        "division_code": "440981", "fine_wan": "10", "public_from": "2024-05-10",
    },
]  # fmt: skip


def release(root: Path, dataset: str, rows: list[dict[str, Any]]) -> Release:
    standard = CATALOGUE.get(dataset)
    fields = {n: f.dtype for n, f in standard.fields_for("public").items()}
    view = pl.DataFrame(rows, schema={"record_id": pl.String, **fields, "published_on": pl.String})
    return build_release(root, standard, view)


def chosen_of(release: Release, selection: Selection) -> int:
    """How many records a scan of all columns chooses."""
    contents = contents_of(release.path)
    told = condition(CATALOGUE.get(release.dataset), selection, contents.columns)
    return int(pl.scan_parquet(contents.path).filter(told).select(pl.len()).collect().item())
