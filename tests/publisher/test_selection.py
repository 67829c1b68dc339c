"""A selection means the same as a condition on columns and to the index; its file is the release's rows."""

from __future__ import annotations

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from publisher.contents import contents_of
from publisher.formats import canonical_csv, json_lines
from publisher.query import Filters
from publisher.release import Release
from publisher.selected_file import selected_file
from publisher.selection import Selection, condition
from publisher.store import FileStore
from publisher.tables import chosen
from tests.publisher.portal.penalties_by_county import DATASET, DEPARTMENTS, FORMULA, released

STANDARD = load_catalogue().get(DATASET)
SELECTIONS = {
    "all": Selection(),
    "department": Selection(Filters(department=DEPARTMENTS[0])),
    "county": Selection(Filters(county="440902")),
    "a kind of several": Selection(Filters(kind="警告")),
    "days": Selection(Filters(since="2024-06-15", until="2025-03-15")),
    "words in two fields": Selection(words="商店 茂市监处罚[2025]41"),
    "signs only": Selection(words="[]"),
    "a formula": Selection(words=FORMULA),
    "a field": Selection(where={"subject_type": ["natural"]}),
    "two values of a list": Selection(where={"penalty_kinds": ["警告", "罚款"]}),
    "several at once": Selection(Filters(county="440981", since="2025-01-01"), {"subject_type": ["natural"]}, "商店"),
    "a field that isn't public": Selection(where={"cert_no": ["1"]}),
    "a field that the release hasn't": Selection(where={"disclosed_until": ["2026-01-01"]}),
    "no such value": Selection(Filters(department="没有这个部门")),
}  # fmt: skip


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return released(tmp_path_factory.mktemp("selected"))


@pytest.mark.parametrize("name", SELECTIONS)
def test_columns_and_index_choose_the_same(release: Release, name: str) -> None:
    selection, contents = SELECTIONS[name], contents_of(release.path)
    wanted = condition(STANDARD, selection, contents.columns)
    by_columns = pl.scan_parquet(contents.path).filter(wanted).collect()["record_id"].to_list()
    flags = chosen(FileStore(), release, STANDARD, selection)
    assert contents.read("record_id").filter(pl.Series(flags))["record_id"].to_list() == by_columns
    assert bool(by_columns) == (name not in list(SELECTIONS)[-3:])


def test_a_file_of_a_selection_has_the_bytes_of_the_releases_rows(release: Release) -> None:
    flags = chosen(FileStore(), release, STANDARD, SELECTIONS["county"])
    made = b"".join(selected_file(json_lines, release, STANDARD, flags)).splitlines()
    lines = (release.path / "records.jsonl").read_bytes().splitlines()
    assert made == [line for line, flag in zip(lines, flags, strict=True) if flag]
    assert len(made) == 20


def test_nothing_chosen_is_a_header(release: Release) -> None:
    flags = chosen(FileStore(), release, STANDARD, SELECTIONS["no such value"])
    made = b"".join(selected_file(canonical_csv, release, STANDARD, flags))
    assert made == (release.path / "records.csv").read_bytes().split(b"\r\n")[0] + b"\r\n"


def test_an_empty_selection_leaves_nothing_out() -> None:
    assert not Selection(Filters(dataset=DATASET), {}, "  ")
    assert Selection(Filters(since="2026-01-01"))
