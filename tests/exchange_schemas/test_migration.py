"""From one version of a standard to another: everything accounted for, nothing made up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import issues_of
from exchange_schemas.migration import Migration, migrate, translate
from tests.exchange_schemas.conftest import batch_of

CATALOGUE = load_catalogue()
PENALTY, LICENCE = "administrative_penalty", "administrative_license"
WAYS = [(name, *way) for name in (PENALTY, LICENCE) for way in (("1", "2"), ("2", "1"))]


def _samples(dataset: str, version: str) -> list[dict[str, Any]]:
    newest = CATALOGUE.get(dataset).version == version
    name = "valid.jsonl" if newest else f"v{version}.valid.jsonl"
    text = (CATALOGUE.folder(dataset) / "samples" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _rows(told: Migration, records: list[dict[str, Any]]) -> pl.DataFrame:
    return batch_of(told.source, *records).rows


@pytest.mark.parametrize(("dataset", "source", "target"), WAYS)
def test_samples_are_translated_or_refused_with_a_reason(
    dataset: str, source: str, target: str
) -> None:
    told = CATALOGUE.migration(dataset, source, target)
    records = _samples(dataset, source)
    found = translate(told, _rows(told, records))
    lost = set(range(2, len(records) + 2)) - set(found.rows["_line"])
    errors = [issue for issue in issues_of(found.issues) if issue.severity == "error"]
    assert {issue.line for issue in errors} == lost
    assert found.rows.height > len(records) / 2
    assert all("{" not in issue.message() for issue in errors)


@pytest.mark.parametrize(("dataset", "source", "target"), WAYS)
def test_what_the_source_cannot_give_stays_empty(dataset: str, source: str, target: str) -> None:
    told = CATALOGUE.migration(dataset, source, target)
    rows = migrate(told, _rows(told, _samples(dataset, source)))
    assert rows.select(list(told.missing)).null_count().row(0) == (rows.height,) * len(
        told.missing
    )
    assert all(reason["zh"] and reason["en"] for reason in told.missing.values())


def test_what_is_derived_from_a_penalty_of_2015() -> None:
    told = CATALOGUE.migration(PENALTY, "1", "2")
    record = {
        "subject_name": "高州市鑫源商行", "uscc": "92440981MA00001B32", "penalty_name": "高州市鑫源商行无照经营案",
        "doc_no": "高工商处字〔2016〕7号", "decided_on": "2016-05-06", "authority": "某地的局",
        "result": "没收违法所得 1,200 元，罚款人民币贰万元整。", "penalty_kinds": ["罚款"], "status": "0",
    }  # fmt: skip
    row = migrate(told, _rows(told, [record, {**record, "uscc": None, "status": "2"}]))
    first, second = row.to_dicts()
    assert (first["subject_type"], second["subject_type"]) == ("individual_business", None)
    assert first["violation_type"] == "当事人无照经营案"
    assert (first["fine_wan"], first["confiscated_income_wan"]) == ("2", "0.12")
    assert (first["authority_uscc"], first["authority_uscc_absent"]) == (None, True)
    assert (first["status"], second["status"]) == ("正常", None)


def test_a_code_without_counterpart_is_refused_by_name() -> None:
    told = CATALOGUE.migration(PENALTY, "1", "2")
    record = {**_samples(PENALTY, "1")[0], "status": "2"}
    found = translate(told, _rows(told, [record]))
    assert found.rows.is_empty()
    (issue,) = [i for i in issues_of(found.issues) if i.code == "no_counterpart"]
    assert (issue.field, issue.value) == ("status", "2")
    assert "不作猜测" in issue.message()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_there_and_back_keeps_what_both_have(data: st.DataObject) -> None:
    there, back = (CATALOGUE.migration(PENALTY, *way) for way in (("1", "2"), ("2", "1")))
    both = [n for n in there.same if n in back.same]
    text = st.none() | st.text("甲乙丙0-9 ", min_size=1, max_size=6)
    kinds = {n: t for n, t in there.source.dtypes.items() if t == pl.String and n in both}
    record = data.draw(st.fixed_dictionaries(dict.fromkeys(kinds, text)))
    rows = _rows(there, [record])
    again = migrate(back, migrate(there, rows))
    assert again.select(both).equals(rows.select(both))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = CATALOGUE.folder(PENALTY)
    shutil.copytree(folder, tmp_path / "1" / folder.parent.name / folder.name)
    return tmp_path


MISTAKES = [
    ("  content: result\n", "", "content is accounted for 0 times"),
    ("  content: result\n", "  content: outcome\n", "has no field outcome"),
    ("  content: result\n", "  contents: result\n", "has no field contents"),
    ("by: subject_type", "by: guess", "no derivation guess"),
    (
        "missing:\n",
        "missing:\n  content: {zh: 无, en: none}\n",
        "content is accounted for 2 times",
    ),
    ("from: [uscc, cert_no]", "from: [uscc, cert]", "has no field cert"),
    ("dropped:\n", "dropped:\n  remark: {zh: 无, en: none}\n", "remark"),
]


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES)
def test_a_mistake_in_a_migration(own: Path, old: str, new: str, told: str) -> None:
    catalogue = load_catalogue(own=own)
    path = catalogue.folder(PENALTY) / "v1-v2.migration.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Misdeclared) as caught:
        catalogue.migration(PENALTY, "1", "2")
    assert told in caught.value.issue.message("en")


def test_no_way_is_no_way(catalogue: Catalogue) -> None:
    with pytest.raises(Misdeclared) as caught:
        catalogue.migration("licence", "1", "2")
    assert caught.value.issue.code == "version_untranslatable"
