"""Delivery as files: workbooks by SFTP to a real sshd, and return files."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from xlsxwriter.workbook import Workbook

from hub.outbound import delivering, entry_source
from hub.outbound.open_way import open_way
from hub.outbound.preparing import prepare
from hub.outbound.tables import target_return_file
from tests.exchange.outbound_site import City, a_city, a_decision, a_mans_decision
from tests.services.needs import NeedMissing
from tests.services.sftp_server import Sftp, sftp_server


@pytest.fixture(scope="module")
def server() -> Iterator[Sftp]:
    try:
        with sftp_server() as one:
            yield one
    except NeedMissing as error:
        pytest.skip(str(error))


@dataclass
class Drop:
    """The province's folders, and its program that reads what is laid down there."""

    sent: Path
    returned: Path
    server: Sftp

    def way(self, **more: Any) -> dict[str, Any]:
        return {
            "kind": "sftp", "host": "127.0.0.1", "port": self.server.port, "user": self.server.user,
            "key": "${PROVINCE_KEY}", "host_key": self.server.host_keys["ed25519"],
            "folder": str(self.sent), "returns": str(self.returned), "prefix": "ZHXYXT0000", **more,
        }  # fmt: skip

    def names(self) -> list[str]:
        """In the order in which they came, for one part."""
        found = (path.name for path in self.sent.iterdir() if path.suffix == ".xlsx")
        return sorted(found, key=lambda name: (len(name), name))

    def rows(self, name: str) -> list[dict[str, str]]:
        """The workbook's rows by their headings; every cell must be a text."""
        sheet = openpyxl.load_workbook(self.sent / name).worksheets[0]
        head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert all(isinstance(cell, str | None) for row in rows for cell in row)
        return [dict(zip(head, row, strict=True)) for row in rows]

    def answer(self, name: str, rows: list[list[str]], head: list[str] | None = None) -> None:
        (self.returned / name).write_bytes(a_workbook([head or _HEAD, *rows]))


_HEAD = ["数据标识", "行政处罚决定书文号", "处理结果", "失败原因"]


def a_workbook(rows: list[list[str]]) -> bytes:
    made = io.BytesIO()
    book = Workbook(made)
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "双公示数据校验结果")  # a title above the headings
    for line, row in enumerate(rows, 1):
        for place, text in enumerate(row):
            sheet.write_string(line, place, text)
    book.close()
    return made.getvalue()


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> City:
    return a_city(tmp_path, database_url)


@pytest.fixture
def drop(tmp_path: Path, server: Sftp, monkeypatch: pytest.MonkeyPatch) -> Drop:
    monkeypatch.setenv("PROVINCE_KEY", server.key)
    one = Drop(tmp_path / "in", tmp_path / "out", server)
    one.sent.mkdir()
    one.returned.mkdir()
    return one


def test_workbooks_are_split_named_and_add_up(city: City, drop: Drop) -> None:
    city.says([a_decision(1, fine_wan="0.3"), a_decision(2, fine_wan="1.25"), a_mans_decision(3)])
    city.declare("p", drop.way())
    done = city.deliver("p")
    assert (done.sent, done.taken, done.error) == (1, 0, None)
    company, man = drop.names()
    assert company.startswith("ZHXYXT0000_XZCF-FR_20")
    assert man.startswith("ZHXYXT0000_XZCF-ZRR_20")
    assert len(company) == len("ZHXYXT0000_XZCF-FR_2026112301.xlsx")
    rows = drop.rows(company)
    assert [row["处罚决定日期"] for row in rows] == ["2026/05/11"] * 2
    assert [row["数据操作类型"] for row in rows] == ["I", "I"]
    assert [row["行政相对人名称"] for row in drop.rows(man)] == ["李小明"]
    control = json.loads((drop.sent / f"{company}.json").read_text())
    assert (control["rows"], control["amounts_wan"]["CF_NR_FK"]) == (2, "1.55")
    assert control["sha256"] == hashlib.sha256((drop.sent / company).read_bytes()).hexdigest()
    assert not [path for path in drop.sent.iterdir() if path.name.startswith(".")]
    assert city.delivery_states() == ["sent"]


def test_returns_are_matched_and_taken_once(city: City, drop: Drop) -> None:
    city.says([a_decision(number) for number in range(1, 5)])
    city.declare("p", drop.way())
    city.deliver("p")
    rows = drop.rows(drop.names()[0])
    flows = [str(row["数据标识"]) for row in rows]
    drop.answer("r1.xlsx", [
        [flows[0], "", "成功", ""],
        ["", "茂南市监处罚〔2026〕2号", "成功", ""],
        [flows[2], "", "失败", "处罚依据不规范"],
        ["00000000-0000-5000-8000-000000000000", "", "成功", ""],
    ])  # fmt: skip
    done = city.deliver("p")
    assert (done.taken, done.refused, done.error) == (2, 1, None)
    assert city.delivery_states() == ["sent"]
    has = target_return_file.c
    assert city.rows(target_return_file, has.name, has.taken, has.refused, has.unmatched) == [
        ("r1.xlsx", 2, 1, 1)
    ]
    assert city.deliver("p").taken == 0
    drop.returned.joinpath("r2.csv").write_bytes(
        f"数据标识,处理结果\n{flows[3]},成功\n{flows[0]},失败\n".encode("gb18030")
    )
    assert city.deliver("p").taken == 1
    assert city.delivery_states() == ["answered"]
    assert city.entry_states() == {3: "refused"}


def test_a_file_that_cannot_be_read_is_left_for_later(city: City, drop: Drop) -> None:
    city.says([a_decision(1)])
    city.declare("p", drop.way())
    city.deliver("p")
    (drop.returned / "broken.xlsx").write_bytes(b"not a workbook")
    (drop.returned / "half.xlsx.part").write_bytes(b"")
    assert city.deliver("p").error is None
    flow = str(drop.rows(drop.names()[0])[0]["数据标识"])
    drop.answer("broken.xlsx", [[flow, "", "成功", ""]])
    assert city.deliver("p").taken == 1


def test_later_entries_of_a_record_wait_for_its_answer(city: City, drop: Drop) -> None:
    one = a_decision(1)
    city.says([one])
    city.declare("p", drop.way())
    city.deliver("p")
    city.says([{**one, "content": "罚款 6000 元。"}, a_decision(2)])
    city.deliver("p")
    assert city.entry_states() == {2: "waiting"}
    assert len(drop.names()) == 2
    drop.answer(
        "r.xlsx", [[str(drop.rows(n)[0]["数据标识"]), "", "成功", ""] for n in drop.names()]
    )
    done = city.deliver("p")
    assert done.taken == 2
    assert city.delivery_states() == ["answered", "answered", "sent"]
    assert drop.rows(drop.names()[-1])[0]["数据操作类型"] == "U"


def test_a_delete_says_which_record_and_nothing_else(city: City, drop: Drop) -> None:
    one = a_decision(1)
    city.says([one])
    city.declare("p", drop.way(answers="none"))
    assert city.deliver("p").taken == 1
    city.says([], gone=[one])
    assert city.deliver("p").taken == 1
    (row,) = drop.rows(drop.names()[-1])
    given = {name for name, text in row.items() if text}
    assert given == {
        "行政相对人名称", "行政相对人代码_1（统一社会信用代码）", "行政处罚决定书文号", "处罚决定日期",
        "处罚机关统一社会信用代码", "数据操作类型", "数据标识",
    }  # fmt: skip
    assert row["数据操作类型"] == "D"


def test_laying_down_again_changes_nothing(city: City, drop: Drop) -> None:
    city.says([a_decision(1)])
    city.declare("p", drop.way())
    desk = city.desk("p")
    entry_source.extend(desk)
    made = prepare(desk)
    assert made.delivery is not None
    way = open_way(desk)
    way.send(delivering._begin(desk, made.delivery))  # and dies before it is written down
    before = {path.name: path.stat().st_mtime_ns for path in drop.sent.iterdir()}
    assert city.deliver("p").sent == 1
    after = {path.name: path.stat().st_mtime_ns for path in drop.sent.iterdir()}
    assert before == after
    assert city.delivery_states() == ["sent"]
    way.close()
