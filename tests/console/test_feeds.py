"""Feeds in the console: who sees which, what is queued, what a run's page tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from hub.audit.log import Wanted, entries
from hub.database import write
from hub.tables import issue, run
from hub.work import work_now
from tests.console.console_site import Staff, make_staff, text_of
from tests.console.feed_site import (
    HEALTH,
    REGISTER,
    TOWN,
    declare,
    do_queued,
    hand_in,
    register,
    sampled,
)

FEED = f"/feeds/{REGISTER}"


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return sampled(tmp_path, database_url, REGISTER)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def reading(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """A site after one run, for tests that only look."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return sampled(tmp_path_factory.mktemp("reading"), url, REGISTER)


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Staff:
    """A site with one feed, of files that are handed in."""
    made = make_staff(tmp_path, database_url)
    declare(made, TOWN)
    return made


def test_everybody_sees_the_feeds_of_their_departments(reading: Staff) -> None:
    declare(reading, TOWN.replace("standard:", f"department: {HEALTH}\nstandard:"))
    own = text_of(reading.person("wang", "submitter").get("/feeds"))
    assert "样例：商事主体登记" in own and "400 395 5 395" in own and "某镇登记" not in own
    other = reading.person("xu", "submitter", department=HEALTH)
    assert "某镇登记" in text_of(other.get("/feeds"))
    assert "商事主体登记" not in text_of(other.get("/feeds")).replace("商事主体登记信息", "")
    for path in (FEED, f"{FEED}/preview", "/runs/1", f"/quarantine/{REGISTER}", "/held/1"):
        assert other.get(path).status_code == 403, path
    assert other.post(f"{FEED}/run").status_code == 403


def test_roles_open_what_they_need(town: Staff) -> None:
    expected = {
        "submitter": (200, 303),
        "approver": (200, 403),
        "reviewer": (403, 403),
        "handler": (403, 403),
    }
    for role, (pages, acts) in expected.items():
        person = town.person(f"a.{role}", role)
        for path in ("/feeds", "/feeds/town_register", "/held"):
            assert person.get(path).status_code == pages, path
        assert person.post("/feeds/town_register/run").status_code == acts
    for office in ("system", "security", "audit"):
        assert town.person(office, office=office).get("/feeds/town_register").status_code == 403


def test_feed_is_run_by_a_worker_and_once(staff: Staff) -> None:
    person = staff.person("wang", "submitter")
    queued = person.post(f"{FEED}/run")
    assert queued.status_code == 303
    page = queued.headers["Location"].removeprefix("/console")
    assert "排队中" in text_of(person.get(page))
    again = person.post(f"{FEED}/run")
    assert (again.status_code, "请等它结束" in text_of(again)) == (409, True)
    assert "排队中" in text_of(person.get(FEED))
    assert do_queued(staff) >= 1
    assert "已完成" in text_of(person.get(page)) and "400 395 5 0 0 395 0" in text_of(
        person.get(page)
    )
    assert (
        person.get(page.replace(REGISTER, "sample_food")).status_code == 404
    )  # another feed's job
    with staff.engine.connect() as connection:
        [noted] = entries(connection, Wanted(act="feed.run", outcome="done"))
        assert (noted["person"], noted["details"]["feed"]) == ("wang", REGISTER)


def test_file_is_handed_in(town: Staff) -> None:
    person = town.person("wang", "submitter")
    name = "../../feeds/登记 2026.csv"
    answer = hand_in(person, "/feeds/town_register/upload", register(1, 2, 3, wrong=1), name)
    assert answer.status_code == 303
    assert do_queued(town) >= 1
    page = text_of(person.get(answer.headers["Location"].removeprefix("/console")))
    assert "3 2 1 2 0 0 0" in page
    with town.engine.connect() as connection:
        row = connection.execute(select(run)).mappings().one()
        assert (row["actor"], row["source"]) == ("wang", "登记 2026.csv")
    told = text_of(person.get(f"/runs/{row['id']}"))
    assert "提交人 wang" in told and row["sha256"] in told and str(town.site.path) not in told
    none = hand_in(person, "/feeds/town_register/upload", b"", "")
    assert (none.status_code, "没有选择文件" in text_of(none)) == (400, True)
    assert hand_in(person, "/feeds/town_register/upload", b"", "a.csv").status_code == 409


def test_feed_that_fetches_takes_no_file(reading: Staff) -> None:
    person = reading.person("wang", "submitter")
    assert hand_in(person, f"{FEED}/upload", b"x", "x.csv").status_code == 400


def test_why_a_job_failed_is_told_in_chinese(town: Staff) -> None:
    person = town.person("wang", "submitter")
    answer = hand_in(person, "/feeds/town_register/upload", b"a,b\n1,2\n", "a.csv")
    do_queued(town)
    page = text_of(person.get(answer.headers["Location"].removeprefix("/console")))
    assert "失败" in page and "企业名称" in page and "column" in page


def test_preview_shows_rows_and_what_is_wrong_and_writes_nothing(town: Staff) -> None:
    person = town.person("wang", "submitter")
    assert "还没有保存的交付" in text_of(person.get("/feeds/town_register/preview"))
    shown = hand_in(person, "/feeds/town_register/preview", register(1, 2, wrong=1), "a.csv")
    told = text_of(shown)
    assert shown.status_code == 200 and "2013年13月5日：不是日期" in told and "2020-05-06" in told
    with town.engine.connect() as connection:
        assert connection.execute(select(run)).first() is None


def test_issues_of_a_run_by_kind_and_by_line(reading: Staff) -> None:
    person = reading.person("wang", "submitter")
    told = text_of(person.get("/runs/1"))
    assert "expected 核准日期 37" in told and "第 1 至 395 条" in told
    one = text_of(person.get("/runs/1", code="check_digit"))
    assert (
        "第 59 行" in one
        and "核准日期为空，而官方数据标准要求填写；如已知请补填 expected" not in one
    )
    seen, after = set[str](), "-1"
    for _ in range(5):
        page = person.get("/runs/1", after=after).get_data(as_text=True)
        lines = {part.partition(" 行")[0] for part in page.split("registration.csv 第 ")[1:]}
        assert not lines & seen
        seen |= lines
        if "后面的行" not in page:
            break
        after = re.findall(r"after=(\d+)", page)[-1]
    else:
        pytest.fail("there is no end")
    with reading.engine.connect() as connection:
        assert seen == {str(line) for line in connection.scalars(select(issue.c.line))}


def test_changes_of_a_run_in_pages(reading: Staff) -> None:
    person = reading.person("wang", "submitter")
    page = person.get("/runs/1", after_seq=390).get_data(as_text=True)
    assert "391" in page and "395" in page and "后面的条目" not in page


def test_run_that_isnt_there_is_nobodys(reading: Staff) -> None:
    person = reading.person("wang", "submitter")
    for number in (2, 99, 2**31, 2**70):
        assert person.get(f"/runs/{number}").status_code == 403
        assert person.get(f"/held/{number}").status_code == 403
        assert person.get(f"{FEED}/jobs/{number}").status_code == 404


def test_feeds_runs_are_paged(town: Staff) -> None:
    file = town.site.path / "a.csv"
    file.write_bytes(register(1, 2, wrong=1))
    work_now(town.site, town.engine, "feed_run", {"feed": "town_register", "file": str(file)})
    with write(town.engine) as connection:
        row = dict(connection.execute(select(run)).mappings().one())
        connection.execute(insert(run), [{**row, "id": number} for number in range(2, 24)])
    person = town.person("wang", "submitter")
    first = person.get("/feeds/town_register").get_data(as_text=True)
    assert "#23<" in first and "#4<" in first and "#3<" not in first and first.count("<rect") == 46
    older = person.get("/feeds/town_register", below=4).get_data(as_text=True)
    assert "#3<" in older and "#1<" in older and "#4<" not in older


def test_declaration_that_cant_be_read_hides_no_other(reading: Staff) -> None:
    declare(reading, "feed: [", "broken")
    told = text_of(reading.person("wang", "submitter").get("/feeds"))
    assert "1 份声明读不懂" in told and "样例：商事主体登记" in told


def test_names_of_feeds_are_no_paths(reading: Staff) -> None:
    person = reading.person("wang", "submitter")
    for name in ("..", "%2e%2e%2fhub", "registration.csv", "a.yml", "x.xlsx"):
        assert person.get(f"/feeds/{name}").status_code in (403, 404)
