"""Held runs in the console: what they would change, who decides, and only once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from exchange_schemas.sealed import HIDDEN
from hub.audit.log import Wanted, entries
from hub.tables_of_runs import held
from hub.work import work_now
from tests.console.console_site import Staff, make_staff, text_of
from tests.console.feed_site import HEALTH, TOWN, declare, do_queued, register


def held_site(folder: Path, url: str | None = None) -> Staff:
    """A site where wang handed in six companies, and then a file that has one of them: run 2 is held."""
    staff = make_staff(folder, url)
    declare(staff, TOWN)
    file = staff.site.path / "登记.csv"
    for content in (register(*range(1, 7)), register(1)):
        file.write_bytes(content)
        told = {"feed": "town_register", "file": str(file), "actor": "wang"}
        work_now(staff.site, staff.engine, "feed_run", told)
    return staff


def held_path(staff: Staff) -> str:
    """The page of the run that is held."""
    with staff.engine.connect() as connection:
        return f"/held/{connection.scalar(select(held.c.run_id))}"


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return held_site(tmp_path, database_url)


def test_held_run_shows_why_and_what(staff: Staff) -> None:
    page = held_path(staff)
    number = f"#{page.rpartition('/')[2]}"
    person = staff.person("wang", "submitter")
    assert number in text_of(person.get("/held")) and "town_register" in text_of(
        person.get("/held")
    )
    told = text_of(person.get(page))
    assert "消失 5" in told and "某镇2号商行" in told and "提交人 wang" in told
    assert 'name="reason"' not in person.get(page).get_data(
        as_text=True
    )  # a submitter decides nothing
    other = staff.person("xu", "approver", department=HEALTH)
    assert (
        "town_register" not in text_of(other.get("/held")) and other.get(page).status_code == 403
    )
    assert other.post(f"{page}/discard", {"reason": "x"}).status_code == 403


def test_released_by_another_person_with_a_reason_and_once(staff: Staff) -> None:
    held_page = held_path(staff)
    number = f"#{held_page.rpartition('/')[2]}"
    wang = staff.person("wang", "submitter", "approver")
    li = staff.person("li", "approver")
    own = wang.post(f"{held_page}/release", {"reason": "已核实"})
    assert (own.status_code, "应由另一人决定" in text_of(own)) == (409, True)
    assert wang.post(f"{held_page}/discard", {"reason": "已核实"}).status_code == 409
    assert li.post(f"{held_page}/release", {"reason": "  "}).status_code == 400
    released = li.post(f"{held_page}/release", {"reason": "系统迁移，已核实"})
    assert released.status_code == 303
    assert do_queued(staff) >= 1
    page = text_of(li.get(released.headers["Location"].removeprefix("/console")))
    assert "1 1 0 0 0 1 5" in page
    assert number not in text_of(li.get("/held"))
    assert "taken in" not in text_of(li.get(held_page)) and "系统迁移" in text_of(
        li.get(held_page)
    )
    again = li.post(f"{held_page}/discard", {"reason": "x"})
    assert (again.status_code, "li" in text_of(again)) == (409, True)
    with staff.engine.connect() as connection:
        verdict = connection.execute(select(held)).mappings().one()
        assert (verdict["verdict"], verdict["actor"]) == ("released", "li")
        [noted] = entries(connection, Wanted(act="run.release", outcome="done"))
        assert noted["details"]["reason"] == "系统迁移，已核实"


def test_discarded_while_somebody_else_released_it(staff: Staff) -> None:
    """A page that was opened twice: the second decision is told who was first, by the worker, too."""
    held_page = held_path(staff)
    li, zhao = staff.person("li", "approver"), staff.person("zhao", "approver")
    released = li.post(f"{held_page}/release", {"reason": "放行"})
    assert zhao.post(f"{held_page}/discard", {"reason": "导出不完整"}).status_code == 303
    assert zhao.post(f"{held_page}/discard", {"reason": "再次"}).status_code == 409
    do_queued(staff)
    page = text_of(li.get(released.headers["Location"].removeprefix("/console")))
    assert "失败" in page and "zhao" in page
    with staff.engine.connect() as connection:
        assert connection.execute(select(held.c.verdict)).scalar_one() == "discarded"


def test_run_that_isnt_held_has_no_such_page(staff: Staff) -> None:
    assert staff.person("li", "approver").get("/held/1").status_code == 404


def test_difference_leaves_out_what_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = held_site(tmp_path)
    monkeypatch.setattr("hub.web.console.held.sealed_names", lambda _: frozenset({"subject_name"}))
    told = text_of(staff.person("li", "approver").get(held_path(staff)))
    assert "某镇2号商行" not in told and "2020-05-06" in told and HIDDEN not in told
