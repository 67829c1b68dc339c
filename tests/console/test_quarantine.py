"""Rejected rows in the console: shown beside what is wrong, corrected in a form or a workbook."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from exchange_schemas.sealed import HIDDEN
from hub.audit.log import Wanted, entries
from hub.tables_of_runs import correction
from hub.work import work_now
from tests.console.console_site import Browser, Staff, make_staff, text_of
from tests.console.feed_site import HEALTH, TOWN, declare, do_queued, hand_in, register

ROWS = "/quarantine/town_register"


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return rejecting(tmp_path, database_url)


def rejecting(folder: Path, url: str | None = None, rows: int = 3, wrong: int = 2) -> Staff:
    """A site after a run that rejected some rows."""
    staff = make_staff(folder, url)
    declare(staff, TOWN)
    take(staff, register(*range(1, rows + 1), wrong=wrong))
    return staff


def take(staff: Staff, content: bytes) -> None:
    """A file into the town's feed."""
    file = staff.site.path / "登记.csv"
    file.write_bytes(content)
    work_now(staff.site, staff.engine, "feed_run", {"feed": "town_register", "file": str(file)})


def inputs(browser: Browser, value: str) -> list[str]:
    """The names of the inputs of the page of rejected rows that have this value."""
    page = browser.get(ROWS).get_data(as_text=True)
    return re.findall(rf'name="(cell-[^"]+)" value="{re.escape(value)}"', page)


def after(browser: Browser, answer: object) -> str:
    """The words of the page that an act led to."""
    place = answer.headers["Location"]  # type: ignore[attr-defined]
    return text_of(browser.get(place.removeprefix("/console")))


def test_rows_are_corrected_in_a_form(staff: Staff) -> None:
    wang = staff.person("wang", "submitter")
    assert "某镇登记 商事主体登记信息 2" in text_of(wang.get("/quarantine"))
    first, second = inputs(wang, "2013年13月5日")
    sent = wang.post(f"{ROWS}/correct", {first: "2013-12-05", second: "2013-13-06"})
    assert sent.status_code == 303
    assert do_queued(staff) >= 1
    told = after(wang, sent)
    assert "已入账 1 行，仍有问题 1 行" in told and "2013-13-06" in told
    assert len(inputs(wang, "2013年13月5日")) == 1
    with staff.engine.connect() as connection:
        made = connection.execute(select(correction).order_by(correction.c.line)).mappings().all()
        assert [(row["actor"], row["key"] is not None) for row in made] == [
            ("wang", True),
            ("wang", False),
        ]
        [noted] = entries(connection, Wanted(act="quarantine.correct", outcome="done"))
        assert noted["details"]["rows"] == ["1:2", "1:3"]
    stale = wang.post(f"{ROWS}/correct", {first: "2013-12-06"})  # the page that was opened twice
    assert (stale.status_code, "没有更改任何单元格" in text_of(stale)) == (400, True)


def test_nothing_but_what_was_shown_is_changed(staff: Staff) -> None:
    wang = staff.person("wang", "submitter")
    [first, _] = inputs(wang, "2013年13月5日")
    for form in ({}, {first: "2013年13月5日"}, {"cell-1:2-99": "x"}, {"cell-9:2-1": "x"},
                 {f"cell-{2**40}:2-1": "x"}, {"cell-1:4-2": "2021-01-01"}):  # fmt: skip
        assert wang.post(f"{ROWS}/correct", form).status_code == 400, form
    other = staff.person("xu", "submitter", department=HEALTH)
    assert other.post(f"{ROWS}/correct", {first: "2013-12-05"}).status_code == 403
    assert other.get(ROWS).status_code == 403
    assert staff.person("li", "approver").get(ROWS).status_code == 403


def test_workbook_goes_out_and_comes_back(staff: Staff) -> None:
    wang = staff.person("wang", "submitter")
    book = openpyxl.load_workbook(BytesIO(wang.post(f"{ROWS}/export").data))
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(2, header.index("成立日期") + 1).value = "2013-12-05"
    content = BytesIO()
    book.save(content)
    sent = hand_in(wang, f"{ROWS}/replay", content.getvalue(), "更正.xlsx")
    assert sent.status_code == 303
    do_queued(staff)
    assert "已入账 1 行，仍有问题 0 行" in after(wang, sent)
    with staff.engine.connect() as connection:
        [noted] = entries(connection, Wanted(act="quarantine.export"))
        assert noted["details"] == {"count": 2}
    assert hand_in(wang, f"{ROWS}/replay", b"no workbook", "x.xlsx").status_code >= 400


def test_sealed_cells_are_shown_to_nobody_and_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = rejecting(tmp_path)
    for room in ("hub.web.console.quarantine", "hub.corrected"):
        monkeypatch.setattr(f"{room}.closed_columns", lambda *_: frozenset({"企业名称"}))
    wang = staff.person("wang", "submitter")
    page = wang.get(ROWS).get_data(as_text=True)
    assert "某镇1号商行" not in page and HIDDEN in page
    book = openpyxl.load_workbook(BytesIO(wang.post(f"{ROWS}/export").data))
    assert "某镇1号商行" not in str([[c.value for c in row] for row in book.worksheets[0]])
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(2, header.index("成立日期") + 1).value = "2013-12-05"
    content = BytesIO()
    book.save(content)
    hand_in(wang, f"{ROWS}/replay", content.getvalue(), "更正.xlsx")
    do_queued(staff)
    [second] = inputs(wang, "2013年13月5日")
    name_cell = second.rpartition("-")[0] + "-0"
    assert wang.post(f"{ROWS}/correct", {name_cell: "另一个名称"}).status_code == 400
    wang.post(f"{ROWS}/correct", {second: "2013-12-06", name_cell: "另一个名称"})
    do_queued(staff)
    with staff.engine.connect() as connection:
        kept = list(connection.scalars(select(correction.c.after)))
        assert len(kept) == 2 and all(
            "号商行" in cells and "另一个" not in cells for cells in kept
        )


def test_cells_with_line_breaks_and_markup_come_back_as_they_were(tmp_path: Path) -> None:
    staff = make_staff(tmp_path)
    declare(staff, TOWN)
    lines = (
        register(1, wrong=1)
        .decode("gb18030")
        .replace("某镇1号商行", '"\n<b>某镇</b> &amp;\n商行 "')
    )
    take(staff, lines.encode("gb18030"))
    wang = staff.person("wang", "submitter")
    page = wang.get(ROWS).get_data(as_text=True)
    assert "<b>某镇" not in page and "&lt;b&gt;某镇&lt;/b&gt; &amp;amp;" in page
    [first] = inputs(wang, "2013年13月5日")
    name_cell = first.rpartition("-")[0] + "-0"
    # as a browser sends a text area: CR LF; the line feed behind the tag is no part of it
    same = {name_cell: "\r\n<b>某镇</b> &amp;\r\n商行 "}
    assert wang.post(f"{ROWS}/correct", same).status_code == 400
    assert f'name="{name_cell}" rows="3">\n\n&lt;b&gt;' in page


def test_rows_are_paged(tmp_path: Path) -> None:
    staff = rejecting(tmp_path, rows=30, wrong=23)
    wang = staff.person("wang", "submitter")
    seen, query = list[str](), {}
    for count in (10, 10, 3):
        page = wang.get(ROWS, **query).get_data(as_text=True)
        found = re.findall(r'value="(某镇\d+号商行)"', page)
        assert len(found) == count
        seen += found
        query = {"after": (re.findall(r"after=([\d:%A3]+)", page) or [""])[-1].replace("%3A", ":")}
    assert seen == [f"某镇{n}号商行" for n in range(1, 24)]
    for odd in ("x", "1", "1:x", f"{2**40}:{2**80}", "١:١"):
        assert wang.get(ROWS, after=odd).status_code == 200
