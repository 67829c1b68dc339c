"""The files with records of a release: written in one pass, the same records in every one of them."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from lxml import etree
from polars.exceptions import ComputeError

from publisher.columns import release_columns
from publisher.contents import contents_of
from publisher.formats import ROW_FORMATS, parquet
from publisher.schema_formats import xsd
from publisher.writing import LENGTHS, prepare, write_contents, write_formats
from tests.publisher.samples import PENALTIES, ROWS, field, released, view
from tests.publisher.test_formats import MIXED, READERS, Record, frame_of, numbered, records


def written(frame: pl.DataFrame, folder: Path, rows: int = 2) -> dict[str, tuple[int, str]]:
    slices = (part for part in frame.iter_slices(rows) if part.height)
    return write_formats(folder, PENALTIES, MIXED, slices)


@settings(max_examples=25, deadline=None)
@given(records)
def test_all_files_have_the_same_records(rows: list[Record]) -> None:
    frame = frame_of(numbered(rows))
    with TemporaryDirectory() as name:
        folder = Path(name)
        told = written(frame, folder)
        assert set(told) == {*(form.NAME for form in ROW_FORMATS), parquet.NAME}
        for file, (size, digest) in told.items():
            content = (folder / file).read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)
        lines = READERS["records.jsonl"]((folder / "records.jsonl").read_bytes())
        assert READERS["records.json"]((folder / "records.json").read_bytes()) == lines
        assert READERS["records.csv"]((folder / "records.csv").read_bytes()) == lines
        assert pyarrow.parquet.read_table(folder / parquet.NAME).to_pylist() == frame.to_dicts()
        kept = pl.read_parquet(contents_of(folder).path)
        assert kept.select(frame.columns).equals(frame)
        content = (folder / "records.jsonl").read_bytes().split(b"\n")[:-1]
        assert kept["_commitment"].to_list() == [hashlib.sha256(li).digest() for li in content]
        for form in ROW_FORMATS:
            assert_lengths_tell_rows(form, folder, kept[LENGTHS[form.NAME]].to_list())


def assert_lengths_tell_rows(form: object, folder: Path, lengths: list[int]) -> None:
    """What the next release is spliced of: the rows stand where their lengths say."""
    name, separator = form.NAME, form.SEPARATOR  # type: ignore[attr-defined]
    head = form.head(PENALTIES, MIXED)  # type: ignore[attr-defined]
    content = (folder / name).read_bytes()
    at, rows = len(head), []
    for length in lengths:
        rows.append(content[at : at + length])
        at += length + len(separator)
    tail = form.FOOT if rows else form.NO_ROWS  # type: ignore[attr-defined]
    assert content == head + separator.join(rows) + tail


def test_several_parts_make_the_file_of_one(tmp_path: Path) -> None:
    frame = frame_of([{"record_id": str(n), "text": f"甲{n}"} for n in range(12_001)])
    (tmp_path / "one").mkdir()
    (tmp_path / "more").mkdir()
    assert written(frame, tmp_path / "one", 20_000) == written(frame, tmp_path / "more", 1_700)
    part = prepare(MIXED, frame.slice(7_000, 2))
    assert (
        part.blocks["records.jsonl"].texts(b"\n")[0]
        == b'{"record_id":"7000","text":"\xe7\x94\xb27000"}'
    )
    again = contents_of(tmp_path / "one").part(7_000, 2)
    assert again.equals(part.rows)
    rows = contents_of(tmp_path / "more").slices()
    (tmp_path / "third").mkdir()
    told = write_contents(tmp_path / "third", MIXED, rows)
    assert told == {"records.parquet": written(frame, tmp_path / "one", 20_000)["records.parquet"]}


def test_what_goes_wrong_on_the_way_is_told_as_it_is(tmp_path: Path) -> None:
    def slices() -> Iterator[pl.DataFrame]:
        yield frame_of([{"record_id": "1"}])
        raise KeyError("source")

    with pytest.raises(KeyError, match="source"):
        write_formats(tmp_path, PENALTIES, MIXED, slices())


def test_a_parquet_that_cannot_be_written_stops_all(tmp_path: Path) -> None:
    (tmp_path / "internal" / "rows.parquet").mkdir(parents=True)
    frame = frame_of([{"record_id": str(n)} for n in range(40_000)])
    with pytest.raises((OSError, ComputeError)):
        written(frame, tmp_path, 5_000)


def test_the_xml_of_a_release_keeps_its_schema(tmp_path: Path) -> None:
    made = released(tmp_path)
    fields = release_columns(PENALTIES, view())
    schema = etree.XMLSchema(etree.fromstring(xsd.document(PENALTIES, fields)))
    document = etree.parse(made.path / "records.xml")
    assert schema.validate(document), schema.error_log
    assert [one.findtext("record_id") for one in document.getroot()] == ["b2", "c3", "a1", "d4"]


def test_the_schema_of_a_release_refuses_what_a_release_never_has(tmp_path: Path) -> None:
    fields = release_columns(PENALTIES, view())
    schema = etree.XMLSchema(etree.fromstring(xsd.document(PENALTIES, fields)))
    document = etree.parse(released(tmp_path).path / "records.xml")
    document.getroot()[0].find("subject_type").text = "somebody"
    assert not schema.validate(document)
    document.getroot()[0].remove(document.getroot()[0].find("salt"))
    assert "salt" in str(schema.error_log) or not schema.validate(document)


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
    amounts = [
        pl.DataFrame({"fine": [one]}, {"fine": pl.String}) for one in ("1.5", "0.123456789", None)
    ]
    write_formats(tmp_path, PENALTIES, fields, amounts)
    back = pl.read_parquet(tmp_path / "records.parquet")["fine"].to_list()
    assert back == [Decimal("1.5"), Decimal("0.123456789"), None]
