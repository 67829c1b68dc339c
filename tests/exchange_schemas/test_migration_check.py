"""What a migration says is checked before anything is moved; what moves is never made up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import issues_of
from exchange_schemas.loading import load_standard
from exchange_schemas.migration import load_migration, migrate, translate
from tests.exchange_schemas.conftest import batch_of

MIGRATING = Path(__file__).parent / "fixtures" / "migrating"
CATALOGUE = load_catalogue(MIGRATING)
THERE, BACK = (CATALOGUE.migration("stall", *way) for way in (("1", "2"), ("2", "1")))
STALL = "trade/stall"

MISTAKES = [
    ('to: "2"', 'to: "3"', 'to: must be "2"'),
    ('from: "1"', "from: 1", 'from: must be "1"'),
    ("dropped:", "droped:", "there is no droped"),
    ("fields:", "fields: [keeper]\nfelds:", "there is no felds"),
    ("  keeper: owner", "  keeper: 7", "keeper: must be a field"),
    ("  keeper: owner", "  keeper: {from: owner}", "keeper: must be a field"),
    ("  keeper: owner", "  keeper: place", "owner must either be taken or be in dropped"),
    ("  keeper: owner", "  keeper: owner\n  keeper: place", "key keeper stands twice"),
    (
        "{from: state, table",
        "{from: covered, table",
        "state must either be taken or be in dropped",
    ),
    ('"0": 开业', "0: 开业", "0 in the table isn't a text"),
    ('"0": 开业', '"5": 开业', "5 in the table is no code of state"),
    ('"0": 开业', '"0": 开门', "开门 in the table is no code of state"),
    ("果: 水果", "果: 果子", "果子 in the table is no code of goods"),
    ("by: constant_if", "by: constant", "there is no derivation constant"),
    ("by: amount_in_text,", "", "rent_wan: must say by"),
    (", words: [租金]", "", "words must be a list of texts"),
    (", words: [租金]", ", words: [租金], unit: 元", "amount_in_text has no option unit"),
    ("from: [uscc, cert_no]", "from: uscc", "from must name 2 fields"),
    ("unless: [reg_no]", "unless: reg_no", "unless must name some fields"),
    ("unless: [reg_no]", "unless: [tax_no]", "version 1 has no field tax_no"),
    (
        "keeper_kind: {by: subject_type, from: [uscc, cert_no], unless: [reg_no]}",
        "keeper_kind: {by: amount_in_text, from: rent_text, words: [租金]}",
        "keeper_kind is string and amount_in_text gives decimal",
    ),
    (
        "market: {zh: 旧表没有, en: The old table has none.}",
        "market: 没有",
        "must give the reason",
    ),
    ("market: {zh: 旧表没有, en: The old table has none.}", "market: {zh: 没有}", "in zh and en"),
    ("  market:", "  covered:", "market is accounted for 0 times"),
    ("missing:", "missing:\n  stall_no: {zh: 无, en: none}", "stall_no is required"),
    ("dropped:", "dropped:\n  owner: {zh: 无, en: none}", "owner must either be taken"),
    ("from:", "[from:", "v1-v2.migration.yml"),
]


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES)
def test_a_mistake_is_told_by_name_before_anything_is_moved(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder = tmp_path / STALL
    shutil.copytree(MIGRATING / STALL, folder)
    path = folder / "v1-v2.migration.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Misdeclared) as caught:
        load_migration(folder, load_standard(folder, "1"), load_standard(folder, "2"))
    assert caught.value.issue.code == "migration_invalid"
    assert told in caught.value.issue.message("en")


def _moved(**record: Any) -> dict[str, Any]:
    return migrate(THERE, batch_of(THERE.source, {"stall_no": "A1", **record}).rows).row(
        0, named=True
    )


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"uscc": "92440981MA00001B32"}, "individual_business"),
        (
            {"uscc": "91440902MA0000015X", "cert_no": "440902199001010011"},
            "legal_or_unincorporated",
        ),
        ({"cert_no": "440902199001010011"}, "natural"),
        ({"cert_no": "440902199001010011", "reg_no": "440900600000052"}, None),  # a firm's, maybe
        ({}, None),
    ],
)
def test_the_kind_of_party_is_told_by_its_numbers_or_not_at_all(
    record: dict[str, str], kind: str | None
) -> None:
    assert _moved(**record)["keeper_kind"] == kind


def test_each_code_of_a_list_is_looked_up_and_one_without_counterpart_takes_them_all() -> None:
    assert _moved(goods=["鱼", "果"])["goods"] == ["水产", "水果"]
    assert _moved(goods=[])["goods"] == []
    assert _moved(goods=["果", "杂"])["goods"] is None
    found = translate(
        THERE, batch_of(THERE.source, {"stall_no": "A1", "goods": ["果", "杂"]}).rows
    )
    assert found.rows.is_empty()
    (issue,) = issues_of(found.issues)
    assert (issue.code, issue.field, issue.value) == ("no_counterpart", "goods", "果；杂")


def test_columns_beside_the_fields_stay() -> None:
    rows = batch_of(THERE.source, {"stall_no": "A1"}).rows.with_columns(_seq=pl.lit(7))
    moved = migrate(THERE, rows)
    assert moved.columns == ["_line", "_seq", *THERE.target.fields]
    assert dict(moved.select(list(THERE.target.fields)).schema) == THERE.target.dtypes


def test_a_record_that_is_none_of_the_new_version_is_refused() -> None:
    long, short = ({"stall_no": n, "owner": n * 7} for n in ("A", "1"))
    rows = batch_of(
        THERE.source, {**long, "owner": "摊主的名字很长"}, {**short, "owner": "短"}
    ).rows
    found = translate(THERE, rows)
    assert found.rows["stall_no"].to_list() == ["1"]
    assert [(i.code, i.field, i.line) for i in issues_of(found.issues)] == [
        ("length", "keeper", 2)
    ]


TEXT = st.none() | st.text("摊主0-9 ", min_size=1, max_size=4)
RECORD = st.fixed_dictionaries(
    {"stall_no": st.text("A1", min_size=1, max_size=3)},
    optional={
        "owner": TEXT, "uscc": st.sampled_from(["92440981MA00001B32", None]), "place": TEXT,
        "cert_no": TEXT, "opened_on": st.sampled_from(["2020-01-31", None]),
        "state": st.sampled_from(["0", "1", "9", None]), "covered": st.booleans() | st.none(),
        "goods": st.none() | st.lists(st.sampled_from(["果", "鱼", "杂"]), max_size=3),
        "rent_text": st.sampled_from([None, "租金 3000 元", "租金面议", "租金 1 元，租金 2 元"]),
    },
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=5))
def test_nothing_is_made_up_and_what_both_versions_have_comes_back(
    records: list[dict[str, Any]],
) -> None:
    rows = batch_of(THERE.source, *records).rows
    moved = migrate(THERE, rows)
    for name in THERE.missing:
        assert moved[name].null_count() == moved.height
    for name, source in (("keeper", "owner"), ("cert_type", "cert_no"), ("rent_wan", "rent_text")):
        assert not (moved[name].is_not_null() & rows[source].is_null()).any()
    again = migrate(BACK, moved)
    for name in set(THERE.source.fields) - BACK.missing.keys():
        kept = again[name].is_not_null()
        assert again.filter(kept)[name].equals(rows.filter(kept)[name])
        if name not in ("state", "goods"):  # which have codes without a counterpart
            assert again[name].equals(rows[name])
