"""The pages on complaints: who sees which departments, the charts, and deciding on a suggestion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from exchange_schemas.catalogue import load_catalogue
from hub.analysis import computing
from hub.analysis.analyses import find
from hub.audit.tables import audit_entry
from hub.complaints import routing
from hub.complaints.tables import complaint_decision
from hub.database import connect, create_tables, write
from hub.site import create_site
from hub.terms import load_terms
from hub.web.console.application import create_console
from tests.complaints.test_analysis import tickets
from tests.complaints.ticket_data import DAY, a_ticket
from tests.console.console_site import Staff
from tests.hub.ledger_data import put

MIXED = "MM00099999"
PLATFORM = "government_services_data"
SECRETS = ("薛小楼", "13906680111", "要求退款并赔偿")


@pytest.fixture
def staff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staff]:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    monkeypatch.setenv("HUB_DATABASE_URL", url)
    site, engine = create_site(tmp_path / "site"), connect(url)
    create_tables(engine)
    mixed = a_ticket(99_999, DAY, facts="本人薛小楼买到过期食品，要求退款并赔偿，请依法查处。")
    put(
        engine,
        "complaint_report",
        [*tickets(), {**mixed, "category_code": None, "category_path": None}],
    )
    with time_machine.travel("2026-11-30T12:00:00+08:00", tick=False):
        with write(engine) as connection:
            routing.route(connection, site, load_terms(site, load_catalogue()))
        computing.compute(site, engine, [find("complaints")], day=DAY)
        yield Staff(create_console(site, engine))
    engine.dispose()


def test_the_pages(staff: Staff) -> None:
    boss = staff.person("liu", "approver", department=PLATFORM)
    page = boss.get("/complaints").get_data(as_text=True)
    assert "各部门工单办理情况" in page
    assert MIXED in page
    assert "要求退款、要求赔偿、要求查处、涉嫌食品、产品不合格" in page
    spots = boss.get("/complaints/hot-spots").get_data(as_text=True)
    assert "91440904MA00001K79" in spots
    assert "MM00091005" in spots
    groups = boss.get("/complaints/groups").get_data(as_text=True)
    assert "MM00080002" in groups
    for path in ("on-time", "overdue", "hot-spots"):
        answer = boss.get(f"/complaints/{path}.svg")
        assert answer.mimetype == "image/svg+xml"
        assert "<svg" in answer.get_data(as_text=True)
    for text in (
        page,
        spots,
        groups,
        boss.get(f"/complaints/tickets/{MIXED}").get_data(as_text=True),
    ):
        for secret in SECRETS:
            assert secret not in text


def test_somebody_of_a_department_sees_its_figures_only(staff: Staff) -> None:
    mine = staff.person("zhao", "handler").get("/complaints").get_data(as_text=True)
    assert "本人所在部门" in mine
    assert "市场监督管理" in mine
    other = staff.person("tian", "handler", department="agriculture_rural")
    theirs = other.get("/complaints").get_data(as_text=True)
    assert "这些月份没有工单" in theirs
    assert MIXED not in theirs
    assert other.get(f"/complaints/tickets/{MIXED}").status_code == 403


def test_splitting_it_makes_a_second_ticket_and_is_noted(staff: Staff) -> None:
    zhao = staff.person("zhao", "handler")
    path = f"/complaints/tickets/{MIXED}"
    answer = zhao.post(f"{path}/split", {"choice": "split", "reason": "既要求退款又要求查处"})
    assert answer.status_code == 303
    assert f"{MIXED}-1" in zhao.get(path).get_data(as_text=True)
    part = zhao.get(f"{path}-1").get_data(as_text=True)
    assert f'/tickets/{MIXED}"' in part
    assert "举报" in part
    assert zhao.post(f"{path}/split", {"choice": "split", "reason": "再拆"}).status_code == 409
    with staff.engine.connect() as connection:
        acts = list(connection.scalars(select(audit_entry.c.act)))
    assert "complaint.split" in acts
    assert MIXED not in zhao.get("/complaints").get_data(as_text=True)


def test_choosing_a_category(staff: Staff) -> None:
    zhao = staff.person("zhao", "handler")
    path = f"/complaints/tickets/{MIXED}"
    assert (
        zhao.post(f"{path}/category", {"category": "01 01", "reason": "食品"}).status_code == 400
    )
    assert zhao.post(f"{path}/category", {"category": "0101", "reason": ""}).status_code == 400
    assert zhao.post(f"{path}/category", {"category": "0101", "reason": "食品"}).status_code == 303
    assert "由 person:zhao 选定" in zhao.get(path).get_data(as_text=True)
    with staff.engine.connect() as connection:
        (row,) = connection.execute(select(complaint_decision)).mappings()
    assert (row["matter"], row["choice"], row["ticket_no"]) == ("category", "0101", MIXED)
