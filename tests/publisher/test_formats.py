"""Canonical CSV, JSON Lines and Parquet: every value comes back as it was."""

import csv
import io
import json
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from publisher.columns import release_columns
from publisher.formats import canonical_csv, json_lines, parquet
from tests.publisher.samples import PENALTIES, ROWS, field, released, view

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
MIXED = {
    "record_id": field("record_id", "标识", required=True),
    "text": field("text", "文本"),
    "items": field("items", "列表", "list"),
    "count": field("count", "数", "integer"),
    "flag": field("flag", "是否", "boolean"),
}
records = st.fixed_dictionaries(
    {
        "text": st.none() | TEXT,
        "items": st.none() | st.lists(TEXT, max_size=3),
        "count": st.none() | st.integers(-(2**63), 2**63 - 1),
        "flag": st.none() | st.booleans(),
    }
)


def frame_of(rows: list[dict[str, object]]) -> pl.DataFrame:
    numbered = [{"record_id": f"r{n}", **row} for n, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema={name: f.dtype for name, f in MIXED.items()})


def test_the_canonical_csv_is_rfc_4180_without_bom(tmp_path: Path) -> None:
    content = (released(tmp_path).path / "records.csv").read_bytes()
    assert content.startswith(b"record_id,subject_name,subject_type,uscc,doc_no,")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    by_id = {row["record_id"]: row for row in rows}
    assert by_id["b2"]["facts"] == "=1+1"
    assert by_id["c3"]["uscc"] == "914409021949210181"
    assert by_id["a1"]["facts"] == ROWS[0]["facts"]
    assert json.loads(by_id["c3"]["kinds"]) == ROWS[2]["kinds"]
    assert by_id["b2"]["kinds"] == "[]"
    assert by_id["d4"]["kinds"] == ""
    assert by_id["a1"]["appealed"] == "false"


@given(st.lists(records, min_size=1, max_size=5))
def test_csv_keeps_every_value_and_tells_empty_from_missing(rows: list[dict[str, object]]) -> None:
    frame = frame_of(rows)
    buffer = io.BytesIO()
    canonical_csv.write(frame, MIXED, buffer)  # type: ignore[arg-type]  # Polars writes to both
    back = pl.read_csv(buffer.getvalue(), infer_schema=False)
    assert back["text"].to_list() == [row["text"] for row in rows]
    items = [None if text is None else json.loads(text) for text in back["items"]]
    assert items == [row["items"] for row in rows]
    assert back["count"].cast(pl.Int64).to_list() == [row["count"] for row in rows]


def test_lines_say_where_they_stand(tmp_path: Path) -> None:
    frame = frame_of([{"text": "甲\n乙"}, {"text": "\x00\u2028"}, {}])
    lines = json_lines.write(frame, MIXED, tmp_path / "t.jsonl")
    content = (tmp_path / "t.jsonl").read_bytes()
    for record_id, start, length, _ in lines.iter_rows():
        assert json.loads(content[start : start + length])["record_id"] == record_id
        assert content[start + length : start + length + 1] == b"\n"
    assert json_lines.read_hashes(tmp_path / "t.jsonl").equals(lines.select("record_id", "hash"))


def test_lines_of_several_slices_join_without_a_seam(tmp_path: Path) -> None:
    frame = frame_of([{"text": "名"}]).select(pl.all().repeat_by(45_001).explode())
    frame = frame.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("record_id"))
    lines = json_lines.write(frame, MIXED, tmp_path / "t.jsonl")
    content = (tmp_path / "t.jsonl").read_bytes()
    assert content.count(b"\n") == 45_001
    start, length = lines.row(45_000)[1:3]
    assert content[start : start + length] == b'{"record_id":"45000","text":"\xe5\x90\x8d"}'
    assert start + length + 1 == len(content)


@given(TEXT)
def test_a_value_that_looks_like_json_does_not_confuse_the_comparison(text: str) -> None:
    tricky = f'","record_id":"x{text}'
    frame = frame_of([{"text": tricky, "items": [tricky]}])
    with tempfile.TemporaryDirectory() as folder:
        lines = json_lines.write(frame, MIXED, Path(folder) / "t.jsonl")
        back = json_lines.read_hashes(Path(folder) / "t.jsonl")
    assert back.equals(lines.select("record_id", "hash"))


def test_parquet_has_types(tmp_path: Path) -> None:
    made = released(tmp_path)
    back = pl.read_parquet(made.path / "records.parquet")
    assert back.columns == list(release_columns(PENALTIES, view()))
    by_id = {row["record_id"]: row for row in back.iter_rows(named=True)}
    assert by_id["a1"]["decided_on"] == date(2023, 5, 6)
    assert by_id["d4"]["fine_wan"] == Decimal("1234567.123456")
    assert by_id["c3"]["kinds"] == ROWS[2]["kinds"]
    assert back.schema["fine_wan"] == pl.Decimal(38, 6)


def test_parquet_keeps_amounts_with_more_places_exact(tmp_path: Path) -> None:
    fields = {"fine": field("fine", "罚款", "decimal")}
    parquet.write(pl.DataFrame({"fine": ["0.123456789", None]}), fields, tmp_path / "t.parquet")
    back = pl.read_parquet(tmp_path / "t.parquet")["fine"].to_list()
    assert back == [Decimal("0.123456789"), None]
