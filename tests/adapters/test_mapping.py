"""From source columns to the standard's fields, with an issue for every cell that can't be read."""

from __future__ import annotations

from typing import Any

import polars as pl

from adapters.artefact import Store
from adapters.mapping import normalise
from adapters.pull import pull, read
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import issues_of
from tests.adapters.conftest import Desk

STANDARD = load_catalogue().get("market_entity")


def normalised(desk: Desk, content: str, **told: Any) -> Batch:
    feed = desk.feed(content, **told)
    batches = [
        normalise(feed, STANDARD, raw)
        for raw in read(feed, pull(feed, Store(desk.folder)).artefact)
    ]
    return Batch(
        pl.concat([batch.rows for batch in batches]),
        pl.concat([batch.issues for batch in batches]),
        sum(batch.unreadable for batch in batches),
    )


def given(batch: Batch) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if v is not None} for row in batch.rows.to_dicts()]


def test_the_frame_has_the_standards_columns_and_types(desk: Desk) -> None:
    batch = normalised(desk, "a,b\n甲,乙\n")
    assert batch.rows.schema == pl.Schema({LINE: pl.Int64, **STANDARD.dtypes})
    assert given(batch) == [{LINE: 2, "subject_name": "甲", "business_scope": "乙"}]


def test_rules_of_every_kind(desk: Desk) -> None:
    batch = normalised(
        desk,
        "name,code,day,from,end,old,extra\n甲 ,91440300-1922038216,2020/1/2,/,长期,乙；丙,x\n",
        nulls=["/"],
        ignore={"extra": "-"},
        fields={
            "subject_name": "name", "uscc": "code", "established_on": "day", "operate_from": "from",
            "operate_to": {"from": "end", "convert": "date_open"},
            "long_term": {"from": "end", "convert": "long_term"},
            "former_names": "old", "reg_state": {"value": "存续"}, "uscc_absent": {"value": False},
            "domicile": {"from": ["from", "name"]},
        },
    )  # fmt: skip
    assert given(batch) == [{
        LINE: 2, "subject_name": "甲", "uscc": "914403001922038216", "established_on": "2020-01-02",
        "long_term": True, "former_names": ["乙", "丙"], "reg_state": "存续", "uscc_absent": False,
        "domicile": "甲",
    }]  # fmt: skip
    assert batch.issues.is_empty()


def test_a_cell_that_cannot_be_read_is_an_issue_and_never_a_silent_null(desk: Desk) -> None:
    batch = normalised(
        desk,
        'name,day,money\n甲,昨天, 002万 \n乙,2020-01-01,5万\n"丙\n丁",,"1\n2"\n',
        fields={
            "subject_name": "name", "established_on": "day", "approved_on": {"from": ["day"]},
            "registered_capital": {"from": "money", "convert": "amount_wan"},
        },
    )  # fmt: skip
    assert [(i.line, i.field, i.code, i.value) for i in issues_of(batch.issues.sort("line", "field"))] == [
        (2, "approved_on", "date_unreadable", "昨天"),
        (2, "established_on", "date_unreadable", "昨天"),
        (2, "registered_capital", "amount_unreadable", " 002万 "),
    ]  # fmt: skip
    assert given(batch) == [
        {LINE: 2, "subject_name": "甲"},
        {LINE: 3, "subject_name": "乙", "established_on": "2020-01-01", "approved_on": "2020-01-01",
         "registered_capital": "5"},
        {LINE: 4, "subject_name": "丙丁", "registered_capital": "12"},
    ]  # fmt: skip


def test_a_column_may_be_missing_only_if_the_feed_says_so(desk: Desk) -> None:
    fields = {"subject_name": "a", "domicile": {"from": "site", "optional": True}}
    batch = normalised(desk, "a\n甲\n", fields=fields)
    assert given(batch) == [{LINE: 2, "subject_name": "甲"}]


def test_line_breaks_in_names_are_joined(desk: Desk) -> None:
    batch = normalised(desk, 'a,b\n"茂名\n公司","x,\ny"\n')
    assert given(batch) == [{LINE: 2, "subject_name": "茂名公司", "business_scope": "x, y"}]
