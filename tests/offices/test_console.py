"""The offices' pages in the console: what is on them, for whom, and acts from the form to the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from tests.console.console_site import Staff, make_staff, text_of
from tests.hub.ledger_data import put
from tests.offices.conftest import DAY
from tests.offices.finance_data import DATASET as FINANCE
from tests.offices.finance_data import months
from tests.offices.test_associations import OWN, a_record, an_association, an_entry
from tests.offices.test_documents import a_document
from tests.offices.test_risks import a_signal


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    """SQLite alone: pages are the same on PostgreSQL."""
    made = make_staff(tmp_path)
    put(made.engine, "normative_document", [
        a_document("2022-001", expires_on="2026-12-31"), a_document("2022-003", replaces=["《没有的办法》"]),
        a_document("2021-001", status="废止", repealed_on="2025-01-01", repealed_by="清理决定"),
    ])  # fmt: skip
    put(made.engine, FINANCE, [
        *months("2025-01", *(str(100 + n) for n in range(12))),
        *months("2025-01", "7", "8", org_type="小贷", confidential_level="敏感", indicator_code="XD001", indicator_name="小贷余额"),
    ])  # fmt: skip
    put(made.engine, FINANCE, months("2025-03", "120"))
    put(made.engine, "industry_association", [an_association(OWN)])
    put(made.engine, "member_credit_record", [a_record(OWN, 1, "失信")])
    put(made.engine, "industry_blacklist", [an_entry(OWN, 1, "严重")])
    put(made.engine, "quality_risk_signal", [a_signal(1), a_signal(2, product="电动车 充电器")])
    chosen = [ANALYSES[name] for name in ("documents", "finance", "risks", "associations")]
    computing.compute(made.site, made.engine, chosen, day=DAY)
    yield made
    made.engine.dispose()


def test_documents(staff: Staff) -> None:
    one = staff.person("wang", "submitter", department="justice")
    shown = text_of(one.get("/documents"))
    for words in ("MMGFX-2022-002", "《没有的办法》", "2026-12-31", "清理决定"):
        assert words in shown
    assert "第2021-001号办法" in text_of(one.get("/documents", status="废止"))
    drawn = one.get("/documents/states.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert "有效" in drawn.get_data(as_text=True)


def test_finance_shows_each_office_its_levels(staff: Staff) -> None:
    other, own = (
        staff.person("wang", "reviewer"),
        staff.person("fei", "reviewer", department="finance_work"),
    )
    shown, whole = text_of(other.get("/finance")), text_of(own.get("/finance"))
    assert "小贷余额" not in shown and "XD001" not in shown
    assert "小贷余额" in whole
    assert "102 120 " in whole  # the revision: before, after
    assert own.get("/finance/lines.svg", indicator="DK001").status_code == 200
    assert own.get("/finance/lines.svg", indicator="XD001").status_code == 200
    # what isn't theirs is as absent as what there is not: the first indicator that they see is drawn
    asked = other.get("/finance/lines.svg", indicator="XD001").get_data()
    assert asked == other.get("/finance/lines.svg", indicator="DK001").get_data()


def test_associations_show_numbers_and_no_member(staff: Staff) -> None:
    one = staff.person("wang", "reviewer", department="civil_affairs")
    page = one.get("/associations").get_data(as_text=True)
    assert "协会010D" in page and "6／6" in page
    assert "某某商行" not in page
    assert one.get("/associations/grades.svg").status_code == 200
    assert one.get("/associations/mechanisms.svg").status_code == 200


def test_a_signal_from_the_form_to_the_closing(staff: Staff) -> None:
    an, bo = staff.person("an", "reviewer", "handler"), staff.person("bo", "approver")
    told = {"channel": "媒体", "product": "水晶泥", "hazard": "硼超标", "severity": "高"}
    wrong = an.post("/risks/new", {**told, "producer_uscc": "91440902MA0000000X"})
    assert (wrong.status_code, "水晶泥" in wrong.get_data(as_text=True)) == (400, True)
    place = an.post("/risks/new", told).headers["Location"].removeprefix("/console")
    assert "FXLR" in text_of(an.get(place))
    weighed = {"severity": "严重", "likelihood": "高", "reason": "检测超标"}
    assert an.post(f"{place}/assess", weighed).status_code == 303
    assert bo.post(f"{place}/close", {"reason": "没有措施"}).status_code == 409
    assert an.post(f"{place}/record", {"reason": "下架"}).status_code == 303
    assert bo.post(f"{place}/close", {"reason": "复查合格"}).status_code == 303
    shown = text_of(an.get(place))
    for words in ("检测超标", "下架", "复查合格", "已办结", "严重风险"):
        assert words in shown
    assert "重新打开" in shown and "重新打开" not in text_of(bo.get(place))


def test_the_list_of_signals(staff: Staff) -> None:
    an = staff.person("an", "reviewer")
    shown = text_of(an.get("/risks"))
    assert "FX1" in shown and "同一产品的多条风险信息" in shown
    assert "FX1" not in text_of(an.get("/risks", state="closed")).partition("到期未评估")[0]
    assert an.get("/risks/FX9").status_code == 404
    farmer = staff.person("nong", "reviewer", department="agriculture_rural")
    for path in ("/risks", "/risks/FX1", "/risks/new"):
        assert farmer.get(path).status_code == 403
