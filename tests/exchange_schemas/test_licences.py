"""The licence standard holds real lists of licensed firms, and says no to what identifies nobody."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.validate import check

CATALOGUE = load_catalogue()
FIRMS = "accounting_firm_licences_gb18030_REDACTED.csv"


def _check(version: str, records: list[dict[str, Any]]) -> tuple[list[int], list[Issue]]:
    """Lines accepted, and the issues."""
    standard = CATALOGUE.get("administrative_license", version)
    empty = dict.fromkeys(standard.dtypes)
    rows = [{**empty, **record, LINE: place} for place, record in enumerate(records, 1)]
    batch = Batch(pl.DataFrame(rows, schema={**standard.dtypes, LINE: pl.Int64}))
    checked = check(standard, batch, set().union(*records))
    return checked.rows[LINE].to_list(), issues_of(checked.issues)


def _firm(row: dict[str, str], version: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "subject_name": row["agency_name"],
        "uscc_absent": True,
        "legal_rep_name": row["agency_boss"] or None,
        "doc_no": re.sub(r"[\[［【(（]((?:19|20)\d\d)[\]］】)）]", r"〔\1〕", row["agency_doc"]),
        "license_no": row["agency_certify"],
        "decided_on": row["agency_starttime"],
        "authority": row["agency_gov"],
    }
    if version == "2":
        told |= {
            "subject_type": "legal_or_unincorporated",
            "authority_uscc_absent": True,
            "certificate_name": "会计师事务所执业证书",
        }
    return told


@pytest.mark.parametrize("version", ["1", "2"])
def test_licensed_firms_without_any_credit_code_are_accepted(shared: Path, version: str) -> None:
    text = (shared / "data" / "licences" / FIRMS).read_text(encoding="gb18030")
    rows = list(csv.DictReader(text.splitlines()))
    accepted, issues = _check(version, [_firm(row, version) for row in rows])
    errors = [(issue.code, issue.field) for issue in issues if issue.severity == "error"]
    assert errors == [("format", "decided_on")] * 16  # 42909-12-20, 0001-09-19
    assert len(accepted) == len(rows) - 16 == 3984


FIRM = {
    "subject_name": "茂名市云潭会计师事务所（普通合伙）",
    "doc_no": "粤财会协字〔1999〕87号",
    "decided_on": "1999-11-08",
    "authority": "广东省财政厅",
    "license_no": "44090002",
}


@pytest.mark.parametrize(
    ("version", "change", "missing"),
    [
        ("1", {"uscc_absent": True}, None),
        ("1", {}, "uscc"),  # the source must say that there is no code
        ("1", {"uscc_absent": True, "license_no": None}, "reg_no"),
        ("1", {"license_no": None, "cert_no": "440981199003074516"}, None),
        ("2", {"uscc_absent": True}, None),
        ("2", {}, "uscc"),
        ("2", {"uscc_absent": True, "license_no": None}, "reg_no"),
        ("2", {"subject_type": "natural"}, "cert_type"),
    ],
)
def test_a_party_is_identified(version: str, change: dict[str, Any], missing: str | None) -> None:
    more = {"subject_type": "legal_or_unincorporated", "authority_uscc_absent": True}
    _, issues = _check(version, [{**FIRM, **(more if version == "2" else {}), **change}])
    required = [issue.field for issue in issues if issue.code == "required"]
    assert required[:1] == ([missing] if missing else [])
