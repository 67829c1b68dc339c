"""A release from the one before it: the same files as if all had been written again."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher import writing_next
from publisher.changes import Parts
from publisher.contents import COMMITMENT, contents_of
from publisher.deltas import commitments_digest, read_delta, read_tombstones
from publisher.files import RECORDS
from publisher.making import WholeNeeded
from publisher.places import read_lines
from publisher.release import Release, Terms, build_release
from publisher.writing import LENGTHS, write_formats
from tests.publisher.samples import PENALTIES, ROWS, changed, released, view

Record = dict[str, Any]

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;\\<&>=+'))
days = st.dates().map(str) | st.sampled_from(["2024-01-02", "2024-01-03"])
records = st.fixed_dictionaries(
    {
        "subject_name": texts.filter(bool), "subject_type": st.just("legal"),
        "doc_no": texts.filter(bool), "decided_on": days, "facts": st.none() | texts,
        "kinds": st.none() | st.lists(texts), "copies": st.none() | st.integers(-9, 9),
    }
)  # fmt: skip
datasets = st.dictionaries(st.sampled_from([f"r{n}" for n in range(12)]), records, max_size=12)


def rows_of(dataset: dict[str, Record]) -> list[Record]:
    return [{"record_id": name, **record} for name, record in dataset.items()]


@pytest.fixture
def always_spliced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing_next, "SPLICED_FROM", 1)
    monkeypatch.setattr(writing_next, "SPLICED_SHARE", 1e9)


def lines(release: Release) -> dict[str, bytes]:
    found = (release.path / RECORDS).read_bytes().splitlines()
    return {orjson.loads(line)["record_id"]: line for line in found}


def without_salt(line: bytes) -> Record:
    record: Record = orjson.loads(line)
    del record["salt"]
    return record


def filled(row: Record) -> Record:
    return {name: value for name, value in row.items() if value is not None}


def check_files(release: Release, expected: list[Record]) -> None:
    """Every file is what a full writing of the same rows gives, and is described truly."""
    rows = contents_of(release.path)
    columns = list(rows.columns)
    with tempfile.TemporaryDirectory() as other:
        fields = writing_fields(columns)
        parts = (part.select(columns) for part in rows.slices())
        told = write_formats(Path(other), PENALTIES, fields, parts)
        for name in LENGTHS:
            assert (Path(other) / name).read_bytes() == (release.path / name).read_bytes(), name
            file = release.file(name)
            assert file is not None
            assert (file.bytes, file.sha256) == told[name]
    found = lines(release)
    assert {name: without_salt(line) for name, line in found.items()} == {
        row["record_id"]: filled(row) for row in expected
    }
    places = release.path / "internal", release.path / RECORDS
    assert read_lines(*places, [*found, "nobody"]) == [*found.values(), None]
    commitments = [hashlib.sha256(line).digest() for line in found.values()]
    assert sorted(rows.read(COMMITMENT)[COMMITMENT]) == sorted(commitments)
    assert release.commitments_sha256 == commitments_digest(
        pl.Series(commitments, dtype=pl.Binary)
    )


def writing_fields(columns: list[str]) -> dict[str, Any]:
    from publisher.columns import release_columns

    fields = release_columns(PENALTIES, view())
    assert columns == list(fields)
    return fields


@settings(max_examples=30, deadline=None)
@given(datasets, datasets, st.booleans())
def test_a_chain_of_releases(
    first: dict[str, Record], second: dict[str, Record], spliced: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if spliced:
            patch.setattr(writing_next, "SPLICED_FROM", 1)
            patch.setattr(writing_next, "SPLICED_SHARE", 1e9)
        root = Path(folder)
        one = released(root, rows_of(first))
        check_files(one, rows_of(first))
        before = lines(one)
        two = released(root, rows_of(second))
        check_files(two, rows_of(second))
        same = {name for name in first.keys() & second.keys() if first[name] == second[name]}
        assert {name: lines(two)[name] for name in same} == {name: before[name] for name in same}
        told = {change: set() for change in ("added", "changed", "removed")}
        for change, name in (
            read_delta(two.path / "delta.csv").select("change", "record_id").rows()
        ):
            told[change].add(name)
        if two.number == 2:
            assert told["added"] == second.keys() - first.keys()
            assert told["changed"] == (first.keys() & second.keys()) - same
            assert told["removed"] == first.keys() - second.keys()
            buried = read_tombstones(two.path / "tombstones.csv")
            assert set(buried["record_id"]) == told["removed"]
        else:
            assert first == second


def test_parts_give_what_the_whole_gives(tmp_path: Path, always_spliced: None) -> None:
    released(tmp_path)
    new = {**ROWS[0], "record_id": "e5", "decided_on": "2024-01-02"}
    put = view([*changed(facts="另有事实")[:1], ROWS[1], new])
    two = build_release(tmp_path, PENALTIES, Parts(put, ["c3", "never there"]))
    check_files(two, [changed(facts="另有事实")[0], ROWS[1], ROWS[3], new])
    assert dict(two.counts) == {"records": 4, "added": 1, "changed": 1, "removed": 1}
    same = build_release(tmp_path, PENALTIES, Parts(put, ["c3"]))
    assert same.number == 2


def test_parts_need_a_release_of_the_same_columns(tmp_path: Path) -> None:
    with pytest.raises(WholeNeeded):
        build_release(tmp_path, PENALTIES, Parts(view(), []))


def test_why_a_record_left_is_told_and_nothing_of_the_party(
    tmp_path: Path, always_spliced: None
) -> None:
    released(tmp_path)
    removals = pl.DataFrame(
        {"record_id": ["a1"], "reason": ["repair_granted"], "legal_basis": [None]},
        schema_overrides={"legal_basis": pl.String},
    )
    two = build_release(
        tmp_path, PENALTIES, Parts(view()[:0], ["a1", "b2"]), Terms(removals=removals)
    )
    (tomb, other) = read_tombstones(two.path / "tombstones.csv").rows(named=True)
    assert tomb["record_id"] == "a1"
    assert tomb["reason_title"] == "准予信用修复"
    assert tomb["legal_basis"].startswith("信用修复管理办法")
    assert other["reason"] == "other"
    for name in ("delta.csv", "tombstones.csv"):
        assert "鑫源" not in (two.path / name).read_text()
    three = released(tmp_path)  # both are back
    assert read_tombstones(three.path / "tombstones.csv").height == 0


def test_a_large_view_is_put_in_order_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.ordering.SLICE", 3)
    rows = [{**ROWS[n % 4], "record_id": f"r{n:03}"} for n in range(50)]
    view(rows).sample(fraction=1, shuffle=True, seed=1).write_parquet(tmp_path / "view.parquet")
    made = build_release(tmp_path / "releases", PENALTIES, tmp_path / "view.parquet")
    order = pl.DataFrame([orjson.loads(line) for line in (made.path / RECORDS).open("rb")])
    days = order.select("decided_on", "record_id")
    assert days.equals(days.sort(["decided_on", "record_id"], descending=[True, False]))
    assert order.height == 50
    check_files(made, rows)
