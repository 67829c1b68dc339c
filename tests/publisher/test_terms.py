"""The hub's columns of a release, and releases whose records' terms run out."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Corrupt
from publisher.library import Library
from publisher.query import Filters
from publisher.release import build_release, current_release, verify_release
from tests.publisher.samples import PENALTIES, PENALTY, field, released, standard, view
from tests.publisher.shelf import CATALOGUE, release

UNTIL = ["2026-05-01", None, "2026-02-28", "2029-01-01"]


def termed() -> pl.DataFrame:
    return view().with_columns(
        pl.lit("2026-01-01").alias("published_on"),
        pl.Series("disclosed_until", UNTIL, dtype=pl.String),
        pl.Series("objection", [None, "异议处理中", None, None], dtype=pl.String),
    )


def test_the_columns_are_in_every_file(tmp_path: Path) -> None:
    made = build_release(tmp_path, PENALTIES, termed())
    last = ["published_on", "disclosed_until", "objection", "salt"]
    with (made.path / "records.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert list(table[0])[-4:] == last
    assert {row["record_id"]: row["disclosed_until"] for row in table}["c3"] == "2026-02-28"
    excel = (made.path / "records-excel.csv").read_text(encoding="utf-8-sig")
    assert excel.splitlines()[0].endswith("公示日期,公示期至,异议状态,校验盐")
    parquet = pl.read_parquet(made.path / "records.parquet")
    assert parquet["disclosed_until"].dtype == pl.Date
    lines = (made.path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    objected = [one for one in map(json.loads, lines) if "objection" in one]
    assert [(one["record_id"], one["objection"]) for one in objected] == [("b2", "异议处理中")]
    words = (made.path / "dictionary.csv").read_text(encoding="utf-8-sig")
    package = json.loads((made.path / "datapackage.json").read_bytes())
    assert "公示期至" in words
    assert "异议状态" in words
    names = [one["name"] for one in package["resources"][0]["schema"]["fields"]]
    assert names[-4:] == last
    assert verify_release(made.path) == []


def test_days_may_come_as_dates(tmp_path: Path) -> None:
    days = pl.col("published_on", "disclosed_until").str.to_date()
    made = build_release(tmp_path, PENALTIES, termed().with_columns(days))
    again = build_release(tmp_path, PENALTIES, termed())
    assert (made.number, made.good_until) == (again.number, again.good_until) == (1, "2026-02-28")


def test_a_field_of_the_standards_own_goes_before(tmp_path: Path) -> None:
    own = standard(*PENALTIES.fields.values(), field("disclosed_until", "自有期限"))
    made = build_release(tmp_path, own, termed())
    header = (made.path / "records.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header.count("disclosed_until") == 1
    assert made.good_until is None


def test_the_manifest_says_until_when_all_of_it_may_be_shown(tmp_path: Path) -> None:
    made = build_release(tmp_path, PENALTIES, termed())
    assert made.good_until == "2026-02-28"
    assert current_release(tmp_path, PENALTY) == made
    assert made.good_on(date(2026, 2, 28))
    assert not made.good_on(date(2026, 3, 1))


def test_without_ends_it_is_good_for_ever_as_old_manifests_are(tmp_path: Path) -> None:
    made = released(tmp_path)
    path = made.path / "manifest.json"
    told = json.loads(path.read_bytes())
    assert told.pop("good_until") is None
    path.chmod(0o644)
    path.write_text(json.dumps(told), encoding="utf-8")
    old = current_release(tmp_path, PENALTY)
    assert old is not None
    assert old.good_on(date.max)


@pytest.mark.parametrize("day", ["soon", 20260228, "2026-02-30"])
def test_an_end_that_is_no_day_is_corrupt(tmp_path: Path, day: object) -> None:
    path = released(tmp_path).path / "manifest.json"
    told = json.loads(path.read_bytes()) | {"good_until": day}
    path.chmod(0o644)
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(Corrupt):
        current_release(tmp_path, PENALTY)


class Day:
    """A day that a test sets."""

    def __init__(self, day: date) -> None:
        self.day = day

    def __call__(self) -> date:
        return self.day


CODE = "91440902194921018Q"


def test_after_its_last_day_the_library_gives_nothing_of_it(tmp_path: Path) -> None:
    company = {"record_id": "e1", "subject_name": "茂名市供销公司", "uscc": CODE}
    release(tmp_path, "market_entity", [company])
    penalties = load_catalogue().get("administrative_penalty")
    fields = {n: f.dtype for n, f in penalties.fields_for("public").items()}
    schema = {"record_id": pl.String, **fields, "disclosed_until": pl.String}
    rows = [
        {"record_id": f"p{n}", "subject_name": "茂名市供销公司", "uscc": CODE,
         "decided_on": "2025-01-01", "disclosed_until": until}
        for n, until in enumerate(["2026-02-28", "2027-01-01", None])
    ]  # fmt: skip
    made = build_release(tmp_path, penalties, pl.DataFrame(rows, schema=schema))
    day = Day(date(2026, 2, 28))
    library = Library(tmp_path, CATALOGUE, day)
    asked = library.record("administrative_penalty", "p1")
    assert asked is not None
    assert list(asked)[-2:] == ["disclosed_until", "salt"]
    assert library.search("供销").total == 4
    assert library.updating() == library.search("供销").updating == ()
    day.day = date(2026, 3, 1)
    assert library.record("administrative_penalty", "p1") is None
    assert library.preview("administrative_penalty") == []
    assert library.years("administrative_penalty") == {}
    assert [hit.record_id for hit in library.search("供销").items] == ["e1"]
    assert library.search("供销").updating == ("administrative_penalty",)
    narrow = library.search("供销", Filters("administrative_penalty"))
    assert (narrow.total, narrow.updating) == (0, ("administrative_penalty",))
    assert library.search("供销", Filters("market_entity")).updating == ()
    assert list(library.subject(CODE)) == ["market_entity"]
    assert library.updating() == ("administrative_penalty",)
    index = library.store.index(made)
    assert index.matching("供销", Filters()).sum() == 3  # it is all still there
    build_release(tmp_path, penalties, pl.DataFrame(rows[1:], schema=schema))
    assert library.record("administrative_penalty", "p1") is not None
    assert library.updating() == ()
