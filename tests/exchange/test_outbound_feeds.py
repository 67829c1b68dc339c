"""The shipped feeds of what the province returns read both of its ways of sending it."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
from xlsxwriter.workbook import Workbook

from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.feed import Feed
from adapters.mapping import normalise
from adapters.pull import read
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.validate import check

FEEDS = Path(__file__).parents[2] / "adapters" / "feeds"
HEAD = [
    "返回编号", "返回类别", "信息类别", "文号", "更正字段", "更正内容", "处理决定", "决定日期",
]  # fmt: skip
MESSAGE = """<ExchangeMessage><Header><sender>440000</sender><receiver>440900</receiver><flow>f{n}</flow>
<item>GD{n}</item><sn>{n}</sn><securityType>1</securityType></Header><Body><fields><FHLB>修复</FHLB>
<XXLB>行政处罚</XXLB><WSH>茂南市监处罚〔2026〕{n}号</WSH><CLJD>准予修复</CLJD><JDRQ>2026/06/01</JDRQ>
<SJWSH>粤信修〔2026〕1号</SJWSH></fields></Body></ExchangeMessage>"""


def accepted(feed: Feed, name: str, content: bytes, folder: Path) -> pl.DataFrame:
    artefact = Store(folder).keep(io.BytesIO(content), name)
    standard = load_catalogue().get(feed.standard)
    parts = [check(standard, normalise(feed, standard, batch)) for batch in read(feed, artefact)]
    assert [part.issues for part in parts if part.issues.height] == []
    return pl.concat([part.rows for part in parts])


def test_workbooks(tmp_path: Path) -> None:
    made = io.BytesIO()
    book = Workbook(made)
    sheet = book.add_worksheet("返回信息")
    row = ["GD1", "更正", "行政处罚", "茂南市监处罚〔2026〕1号", "CF_NR;CF_NR_FK", "罚款 6000 元。;0.6", "更正",
           "2026/06/01"]  # fmt: skip
    more = ["行政相对人名称", "统一社会信用代码", "名单名称", "理由", "省级文书号", "返回日期"]
    for line, cells in enumerate([[*HEAD, *more], [*row, *["/"] * len(more)]]):
        for place, text in enumerate(cells):
            sheet.write_string(line, place, text)
    book.close()
    feed = load_feed(FEEDS / "provincial_files.yml")
    (found,) = accepted(feed, "FHXX_1.xlsx", made.getvalue(), tmp_path).to_dicts()
    assert (found["kind"], found["dataset"]) == ("correction", "administrative_penalty")
    assert found["fields"] == ["CF_NR", "CF_NR_FK"]
    assert found["values"] == ["罚款 6000 元。", "0.6"]
    assert found["decided_on"] == "2026-06-01"


def test_messages(tmp_path: Path) -> None:
    text = "".join(MESSAGE.format(n=n) for n in (1, 2, 2))
    feed = load_feed(FEEDS / "provincial_messages.yml")
    found = accepted(feed, "messages.xml", text.encode(), tmp_path)
    assert found["return_no"].to_list() == ["GD1", "GD2"]
    assert found["kind"].to_list() == ["repair_result"] * 2
    assert found["authority"].to_list() == ["440000"] * 2
