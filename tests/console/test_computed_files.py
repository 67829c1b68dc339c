"""What analyses found as files: every field that staff may see, guarded for spreadsheets, for whom the page is."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import AUDIENCES
from tests.console.console_site import Browser, Staff, make_staff
from tests.hub.ledger_data import put

GOVERNMENT = AUDIENCES[2]
CATALOGUE = load_catalogue()
FILES = {
    "/documents.csv": "document_validity",
    "/associations.csv": "association_overview",
    "/credit/warnings.csv": "credit_warning",
    "/risks.csv": "risk_assessment",
    "/finance.csv": "finance_check",
    "/complaints/hot-spots.csv": "complaint_hot_spot",
    "/complaints/groups.csv": "complaint_group",
    "/trace/findings.csv": "trace_finding",
}


@pytest.fixture
def staff(tmp_path: Path) -> Staff:
    return make_staff(tmp_path)


def rows(browser: Browser, path: str) -> list[dict[str, str]]:
    answer = browser.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.parametrize("path", FILES)
def test_a_file_has_every_field_but_sealed_ones(staff: Staff, path: str) -> None:
    standard = CATALOGUE.get(FILES[path])
    titles = {one.title for one in standard.fields_for(GOVERNMENT).values()}
    mine = staff.person("wang", "handler", "approver", "reviewer")
    assert rows(mine, path) == []
    answer = mine.get(path).get_data().decode("utf-8-sig")
    assert set(next(csv.reader(io.StringIO(answer)))) == titles


def test_cells_are_guarded_and_internal_findings_stay_inside(staff: Staff) -> None:
    said = {
        "check": "缺报", "indicator_code": "CK001", "period": "2026-09", "period_to": "2026-09-30",
        "division_code": "440900", "org_type": "银行", "unit": "亿元", "due_on": "2026-10-15",
        "records": ["local_finance_monitor:x"],
    }  # fmt: skip
    put(staff.engine, "finance_check", [
        {**said, "check_id": "1", "indicator_name": "=1+1", "confidential_level": "公开"},
        {**said, "check_id": "2", "indicator_name": "内部", "confidential_level": "内部"},
    ])  # fmt: skip
    mine = staff.person("wang", "reviewer")
    assert [row["指标名称"] for row in rows(mine, "/finance.csv")] == ["'=1+1"]
    bank = staff.person("li", "reviewer", department="peoples_bank")
    assert len(rows(bank, "/finance.csv")) == 2


def test_a_file_is_for_whom_its_page_is(staff: Staff) -> None:
    other = staff.person("zhou", "handler", department="health")
    for path in ("/risks.csv", "/trace/findings.csv"):
        assert other.get(path).status_code == 403
    for path in ("/complaints/groups.csv", "/complaints/hot-spots.csv"):
        assert staff.person("he", "submitter").get(path).status_code == 403
    assert staff.nobody().get("/documents.csv").status_code in (302, 303)
