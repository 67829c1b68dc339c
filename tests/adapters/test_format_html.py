"""HTML: tables and records as a browser shows them, whatever they were written like."""

from __future__ import annotations

import html as writing
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.artefact import Artefact
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_html import read_html
from adapters.rule import Rule
from exchange_schemas.batch import LINE
from exchange_schemas.errors import HubError
from tests.adapters.conftest import Read

HORROR = "data/awkward-tables/messytables_horror"
GSXT = "data/gsxt-html"


def feed_of(*columns: str, **told: Any) -> Feed:
    fields = {name: Rule(name, (name,)) for name in columns}
    return Feed("f", {}, "s", None, Source("file"), Format("html", told), "snapshot", (), fields, {},
                Breaker(), Path("f.yml"))  # fmt: skip


def read_file(path: Path, *columns: str, **told: Any) -> Read:
    artefact = Artefact("", path, path.stat().st_size, path.name)
    return Read(list(read_html(feed_of(*columns, **told), artefact)))


@pytest.fixture
def page(tmp_path: Path) -> Any:
    def read(content: str | bytes, *columns: str, **told: Any) -> Read:
        path = tmp_path / "p.html"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_file(path, *columns, **told)

    return read


def cells(found: Read) -> list[tuple[str | None, ...]]:
    return found.rows.drop(LINE).rows()


def codes(found: Read) -> list[tuple[str, int | None]]:
    return [(issue.code, issue.line) for issue in found.issues]


def fault(read: Any, *told: Any, **options: Any) -> tuple[str, str | None]:
    with pytest.raises(HubError) as caught:
        read(*told, **options)
    return caught.value.issue.code, caught.value.issue.value


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u200b")
               | st.sampled_from(list("<>&\"' 名称\u00a0")), max_size=8)  # fmt: skip


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_what_is_shown_is_read(rows: list[list[str]], encoding: str) -> None:
    shown = [[re.sub("[ \u00a0]+", " ", cell).strip(" \u3000") for cell in row] for row in rows]
    body = "".join(
        "<tr>" + "".join(f"<td>{writing.escape(cell)}</td>" for cell in row) + "</tr>\n"
        for row in rows
    )
    head = f"<meta charset={encoding}><table><tr><th>a<th>b<th>c</tr>\n"
    text = (head + body + "</table>").encode(encoding)
    found = _read_text(text)
    assert cells(found) == [tuple(cell or None for cell in row) for row in shown if any(row)]
    assert found.rows[LINE].to_list() == [line for line, row in enumerate(shown, 2) if any(row)]


def _read_text(text: bytes, **told: Any) -> Read:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".html") as file:
        Path(file.name).write_bytes(text)
        return read_file(Path(file.name), **told)


@given(st.binary(max_size=200) | st.text(st.sampled_from(list('<>/"= \n&;!-td')), max_size=80)
       .map(lambda text: ("<table><tr><td>a" + text).encode()))  # fmt: skip
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for told in ({}, {"record": {"pairs": True}}):
        try:
            _read_text(content, **told)
        except HubError as error:
            assert "{" not in error.issue.message("zh_CN")


def test_spans_fill_their_places(shared: Path) -> None:
    found = read_file(shared / HORROR / "rowcolspan.html")
    assert found.rows.columns == [LINE, "05", "06", "#3", "08", "09"]
    expected = """15 16 17 18 19, 25 26 27 27 29, 25 36 27 27 39, 45 46 47 48 49, 55 56 57 58 59,
                  65 66 67 68 69, 65 76 77 77 79, 85 86 77 77 89, 95 96 97 98 99"""
    assert cells(found) == [tuple(row.split()) for row in expected.split(",")]
    assert found.rows[LINE].to_list() == list(range(3, 12))


def test_wrong_spans_are_one_cell(shared: Path) -> None:
    assert cells(read_file(shared / HORROR / "badcolspan.html")) == [("05", "06", "08", "09")] * 3


def test_a_table_in_a_table_is_another_and_its_foot_is_no_row(shared: Path) -> None:
    found = read_file(shared / HORROR / "complex.html")
    assert (found.rows.columns, cells(found)) == ([LINE, "head"], [("body",)])
    assert codes(found) == [("html_row_spanning", 9)]


def test_what_is_not_shown_is_not_read(shared: Path) -> None:
    found = read_file(shared / HORROR / "invisible_text.html")
    opened = found.rows["Opened[4]"].to_list()
    assert opened == ["1 July 1879", "18 November 1876", "12 April 1940"]
    assert found.rows["Mainline opened"].to_list() == [None, None, "1 April 1872"]
    assert found.rows["Line(s)[*]"].to_list()[0] == "District\nPiccadilly"


def test_a_large_page_of_the_un(shared: Path) -> None:
    path = shared / HORROR / "html.html"
    assert fault(read_file, path) == ("html_table_several", "1、2、3")
    found = read_file(path, table=1)
    assert found.rows.columns[1:] == ["HDI Rank", "Country", "1990", "#4", "2010", "#6"]
    assert found.rows.height == 199
    assert found.rows.row(4) == (132, "1", "Norway", "9", None, "3", None)


def test_the_list_of_abnormal_operations(shared: Path) -> None:
    path = shared / GSXT / "beijing_abnormal_list_page.html"
    found = read_file(path, "企业名称#href", links=True, also={"open": "td[1]/a/@onclick"},
                      table={"having": ["企业名称", "注册号"]})  # fmt: skip
    assert found.rows.height == 10
    assert found.rows.columns == [
        LINE, "企业名称", "注册号", "被列入经营异常名录日期", "企业名称#href", "open"]  # fmt: skip
    first = found.rows.row(0)
    assert first[:5] == (
        70,
        "北京富润伟业房地产经纪中心世纪爱家分部",
        "1102212140169",
        "2016年11月25日",
        "#",
    )
    assert "70CEA3506E5645CA857BD50070C24D57" in first[5]
    assert codes(found) == [("html_row_spanning", 131)]  # the pager


def test_the_page_of_one_company(shared: Path) -> None:
    path = shared / GSXT / "beijing_company_baseinfo.html"
    record = read_file(path, record={"pairs": True}).rows.to_dicts()
    assert len(record) == 1
    assert len(record[0]) == 14
    assert record[0]["统一社会信用代码"] == "91110116MA002GA801"
    assert record[0]["注册资本"] == "50 万元"
    assert record[0]["营业期限至"] is None
    assert record[0]["住所"] == "北京市怀柔区雁栖经济开发区乐园大街17号2层"


def test_two_persons_in_each_row(shared: Path) -> None:
    path = shared / GSXT / "tianjin_beian.html"
    assert fault(read_file, path, table={"having": ["姓名"]}) == ("column_duplicate", "序号")
    found = read_file(path, table={"having": ["姓名"]}, side_by_side=2)
    assert found.rows.columns == [LINE, "序号", "姓名", "职务"]
    assert found.rows["序号"].to_list() == [str(number) for number in range(1, 14)]
    assert found.rows.row(-1) == (74, "13", "刘焕虎", "监事会主席")
    assert read_file(path, table={"having": ["登记机关"]}).rows.height == 2
    assert (
        fault(read_file, path, table={"having": ["姓名"]}, side_by_side=3)[0]
        == "html_side_by_side"
    )
    assert fault(read_file, path, table={"having": ["电话"]}) == ("html_table_missing", "电话")
    assert fault(read_file, path, table=9)[0] == "html_table_missing"


USDA = {
    "id": ".recall-teaser__tags .tag--active",
    "title": "h3.recall-teaser__title > a",
    "url": "h3.recall-teaser__title > a::attr(href)",
    "reasons": "a.tag--reason",
    "status": ".recall-teaser__status .tag",
    "risk_level": "//a[starts-with(@href, '/taxonomy')][not(contains(@class, 'reason'))]",
    "dates": "div.recall-teaser__date",
    "summary": "div.recall-teaser__summary",
    "establishment.name": ".recall-teaser__establishment a",
    "establishment.url": ".recall-teaser__establishment a::attr(href)",
    "impacted_products": "//h5[.='Impacted Products']/following-sibling::span",
    "quantity": "//h5[.='Quantity Recovered']/following-sibling::text()",
    "states": ".recall-teaser__states",
}


# Where the two really say different things: the JSON has the name that the plant's own page gives.
OTHERWISE = {
    ("022-2023", "establishment"): [
        "J.T.M. Provisions Company",
        "http://www.fsis.usda.gov/inspection/fsis-inspected-establishments/j.t.m.-provisions-company",
    ]
}


def test_every_recall_is_the_same_as_html_and_as_json(shared: Path) -> None:
    pages = sorted((shared / "data/recalls/usda_2023").glob("*.html"))
    assert len(pages) == 30
    told = {"fields": USDA, "lists": ["reasons", "impacted_products"]}
    for path in pages:
        expected = json.loads(path.with_suffix(".json").read_text())
        [record] = read_file(path, record=told).rows.to_dicts()
        differing = {name: told for (stem, name), told in OTHERWISE.items() if stem == path.stem}
        assert _as_json(record) == _comparable(expected) | differing, path.name


def _as_json(record: dict[str, Any]) -> dict[str, Any]:
    start, _, end = record["dates"].partition(" - ")
    amount = re.match(r"([\d,]+) (pounds|[lI]bs)(?![-\w])", record["quantity"] or "")
    return {
        **{name: record[name] for name in ("id", "title", "status", "summary")},
        "url": "https://www.fsis.usda.gov" + record["url"],
        "establishment": record["establishment.name"] and [
            record["establishment.name"], "http://www.fsis.usda.gov" + record["establishment.url"]],
        "reasons": json.loads(record["reasons"]),
        "risk_level": record["risk_level"].partition(" - ")[0],
        "impacted_products": json.loads(record["impacted_products"]),
        "states": record["states"].split(", ") if record["states"] else None,
        "start_date": _day(start),
        "end_date": None if end == "Current" else _day(end),
        "quantity": [int(amount[1].replace(",", "")), amount[2]] if amount else None,
    }  # fmt: skip


def _comparable(told: dict[str, Any]) -> dict[str, Any]:
    where = told["establishment"]
    return {
        **{name: told[name] for name in ("id", "url", "status", "reasons", "risk_level", "states",
                                         "start_date", "end_date")},
        "title": _shown(told["title"]),
        "summary": "\n".join(filter(None, map(_shown, told["summary"].split("\n")))),
        "establishment": where and [where["name"], where["url"]],
        "impacted_products": [text for one in told["impacted_products"] if (text := _shown(one))],
        "quantity": told["quantity_unit"] and [told["quantity_recovered"], told["quantity_unit"]],
    }  # fmt: skip


def _shown(text: str) -> str:
    return re.sub("[ \t\u00a0]+", " ", text).strip()


def _day(text: str) -> str:
    return datetime.strptime(text, "%a, %m/%d/%Y").date().isoformat()  # noqa: DTZ007
