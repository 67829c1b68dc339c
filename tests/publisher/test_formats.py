"""Row formats: every value comes back as it was, and every row is as long as it says."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from publisher.formats import (
    ROW_FORMATS,
    canonical_csv,
    excel_csv,
    json_array,
    json_lines,
    xml_records,
)  # fmt: skip
from publisher.formats.row_file import RowFormat
from publisher.schema_formats import xsd
from tests.publisher.samples import PENALTIES, field

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
AWKWARD = st.sampled_from(
    ["", " ", "\x00", "\r", "\r\n", "\n", "\t", "\ufffe", "\uffff", "_x0000_", "_x0041_x0042_",
     "_xZ_", "<a>&amp;</a>", "]]>", '"', '""', ",", "\\", "\x1f", "\x7f\x85\u2028", "=1+1", "'=1",
     "0012", "true", "null", "\ufeff甲", "𠮷", "a,b\r\nc"]
)  # fmt: skip
texts = st.none() | TEXT | AWKWARD | st.builds(str.__add__, AWKWARD, TEXT)
items = st.lists(TEXT | AWKWARD, max_size=3)
MIXED = {
    "record_id": field("record_id", "标识", required=True),
    "text": field("text", "文本"),
    "items": field("items", "列表", "list"),
    "count": field("count", "数", "integer"),
    "flag": field("flag", "是否", "boolean"),
    "other": field("other", "另一文本"),
}
records = st.lists(
    st.fixed_dictionaries(
        {
            "text": texts,
            "items": st.none() | items,
            "count": st.none() | st.integers(-(2**63), 2**63 - 1),
            "flag": st.none() | st.booleans(),
            "other": texts,
        }
    ),
    max_size=5,
)
Record = dict[str, Any]
relaxed = settings(deadline=None, max_examples=50)  # five files for each example


def numbered(rows: list[Record]) -> list[Record]:
    return [{"record_id": f"r{n}", **row} for n, row in enumerate(rows)]


def frame_of(rows: list[Record]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={name: f.dtype for name, f in MIXED.items()})


def file_of(form: RowFormat, frame: pl.DataFrame) -> bytes:
    """The file as it is put together of blocks of two rows."""
    parts = [part for part in frame.iter_slices(2) if part.height]
    made = [form.block(part, MIXED, json_lines.texts(part, MIXED)) for part in parts]
    rows = form.SEPARATOR.join(bytes(block.data) for block in made)
    return form.head(PENALTIES, MIXED) + (rows + form.FOOT if made else form.NO_ROWS)


def present(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}


def read_csv(content: bytes) -> list[Record]:
    # csv.reader can't tell an empty text from a missing one; Polars can.
    rows = pl.read_csv(content, infer_schema=False).to_dicts() if content.count(b"\n") > 1 else []
    types: dict[str, Callable[[str], Any]] = {
        "items": json.loads, "count": int, "flag": lambda text: text == "true"
    }  # fmt: skip
    return [{n: types.get(n, str)(v) for n, v in present(row).items()} for row in rows]


def read_lines(content: bytes) -> list[Record]:
    return [json.loads(line) for line in content.split(b"\n")[:-1]]


def read_xml(content: bytes) -> list[Record]:
    return [_record(element) for element in etree.fromstring(content)]


def _record(element: Any) -> Record:
    found: Record = {}
    for child in element:
        text = re.sub("_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), child.text or "")
        if child.tag == "items":
            found.setdefault("items", []).append(text)
        else:
            types: dict[str, Callable[[str], Any]] = {"count": int, "flag": lambda t: t == "true"}
            found[child.tag] = types.get(child.tag, str)(text)
    return found


READERS = {
    canonical_csv.NAME: read_csv,
    json_lines.NAME: read_lines,
    json_array.NAME: json.loads,
    xml_records.NAME: read_xml,
}


@relaxed
@given(records)
def test_every_format_reads_back_to_the_same_records(rows: list[Record]) -> None:
    expected = [present(row) for row in numbered(rows)]
    for form in (canonical_csv, json_lines, json_array, xml_records):
        found = READERS[form.NAME](file_of(form, frame_of(numbered(rows))))
        if form is xml_records:  # has no word for a list without items
            expected = [{n: v for n, v in row.items() if v != []} for row in expected]
        assert found == expected, form.NAME


@relaxed
@given(records)
def test_the_csv_is_one_for_other_readers_too(rows: list[Record]) -> None:
    for form in (canonical_csv, excel_csv):
        content = file_of(form, frame_of(numbered(rows)))
        text = content.removeprefix(b"\xef\xbb\xbf").decode()
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert [len(row) for row in found] == [len(MIXED)] * (1 + len(rows))
        assert [row[0] for row in found[1:]] == [row["record_id"] for row in numbered(rows)]
        shown = "" if form is canonical_csv else "'\t"
        for row, cells in zip(rows, found[1:], strict=True):
            assert cells[1].strip(shown) == (row["text"] or "").strip(shown)


@relaxed
@given(records)
def test_rows_are_as_long_as_they_say(rows: list[Record]) -> None:
    frame = frame_of(numbered(rows))
    lines = json_lines.texts(frame, MIXED)
    for form in ROW_FORMATS:
        block = form.block(frame, MIXED, lines)
        assert block.lengths.dtype == pl.UInt32
        assert form.SEPARATOR.join(block.texts(form.SEPARATOR)) == block.data
        alone = [
            bytes(form.block(one, MIXED, json_lines.texts(one, MIXED)).data)
            for one in frame.iter_slices(1)
            if one.height
        ]
        # … and a row is the same whatever stands beside it, or nothing could be spliced.
        assert block.texts(form.SEPARATOR) == alone, form.NAME


@relaxed
@given(records)
def test_the_xml_keeps_the_schema_of_a_release(rows: list[Record]) -> None:
    schema = etree.XMLSchema(etree.fromstring(xsd.document(PENALTIES, MIXED)))
    document = etree.fromstring(file_of(xml_records, frame_of(numbered(rows))))
    assert schema.validate(document), schema.error_log


def test_lines_are_canonical_and_end_with_a_line_feed() -> None:
    rows = [{"record_id": "r", "text": "甲\n乙", "items": ["\x00"], "count": 3, "flag": True}]
    content = file_of(json_lines, frame_of([{**rows[0], "other": None}]))
    line = '{"count":3,"flag":true,"items":["\\u0000"],"record_id":"r","text":"甲\\n乙"}\n'
    assert content == line.encode()


@pytest.mark.parametrize("form", ROW_FORMATS, ids=lambda form: form.NAME)
def test_no_records_make_a_file_too(form: RowFormat) -> None:
    content = file_of(form, frame_of([]))
    assert form.NAME not in READERS or READERS[form.NAME](content) == []


def test_the_xml_speaks_plainly_and_loses_nothing() -> None:
    texts = ["a<b>&c", "\x00\x1f", "_x0041_x0042_", "\r\n", "\ufffe", "_x5_", ""]
    frame = frame_of([{"record_id": "1", "text": text} for text in texts])
    found = file_of(xml_records, frame).decode().split("\n<record>")[1:]
    assert [re.findall("<text>(.*)</text>", one, re.DOTALL)[0] for one in found] == [
        "a&lt;b&gt;&amp;c", "_x0000__x001F_", "_x005F_x0041_x005F_x0042_", "&#13;\n", "_xFFFE_",
        "_x5_", "",
    ]  # fmt: skip
