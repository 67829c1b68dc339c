"""Records that follow from another dataset's: which rows, which fields, and what rejects mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import Derivation, Standard
from hub.derive import derive, withheld
from hub.stream import REJECT_COLUMNS

SOURCE, TARGET = "food_sampling_result", "unqualified_product"


def standard(**fields: Any) -> Standard:
    """The derived standard; `fields` replace those of its derivation."""
    found = load_catalogue().get(TARGET)
    assert found.derivation is not None
    mapped = {**found.derivation.fields, **fields}
    return replace(found, derivation=Derivation(SOURCE, found.derivation.where, mapped))


def rows(*records: dict[str, Any]) -> pl.DataFrame:
    """Normalised rows of the source dataset, on lines 2, 3, …"""
    types = {"_line": pl.Int64, **load_catalogue().get(SOURCE).dtypes}
    told = [
        {**dict.fromkeys(types), "_line": line, **record} for line, record in enumerate(records, 2)
    ]
    return pl.DataFrame(told, schema=types)


def a_sample(number: str, verdict: str | None, **more: Any) -> dict[str, Any]:
    return {"sample_no": number, "item_name": "毒死蜱", "verdict": verdict, **more}


def test_only_rows_that_meet_the_condition_with_their_lines() -> None:
    source = rows(a_sample("1", "合格"), a_sample("2", "不合格"), a_sample("3", None))
    found = derive(standard(), source).rows
    assert found.select("_line", "sample_no").rows() == [(3, "2")]


def test_the_columns_are_the_derived_standards_own() -> None:
    derived = standard()
    found = derive(derived, rows(a_sample("1", "不合格", results=["0.1", "0.2"]))).rows
    assert found.schema == {"_line": pl.Int64, **derived.dtypes}
    assert found["results"].to_list() == [["0.1", "0.2"]]


def test_a_constant_and_a_field_without_source() -> None:
    derived = standard(remark={"value": "抽检"}, brand=None)
    found = derive(derived, rows(*(a_sample(n, "不合格", brand="甲") for n in "12"))).rows
    assert found["remark"].to_list() == ["抽检", "抽检"]
    assert found["brand"].to_list() == [None, None]


def test_nothing_follows_from_nothing() -> None:
    assert derive(standard(), rows()).rows.height == 0


def test_a_standard_without_derivation_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match=SOURCE):
        derive(load_catalogue().get(SOURCE), rows())


@given(st.lists(st.sampled_from(["合格", "不合格", "不判定", None])))
def test_every_row_that_meets_the_condition_and_no_other(verdicts: list[str | None]) -> None:
    source = rows(*(a_sample(str(n), verdict) for n, verdict in enumerate(verdicts)))
    wanted = [line for line, verdict in enumerate(verdicts, 2) if verdict == "不合格"]
    assert derive(standard(), source).rows["_line"].to_list() == wanted


def test_rejected_rows_have_the_key_that_would_follow() -> None:
    source = rows(
        a_sample("1", "合格"), a_sample("2", None), a_sample("3", "不合格", item_name=None)
    )
    told = [(3, "{}", "2"), (4, "{}", "3"), (9, "[]", None)]  # line 9 couldn't be read at all
    rejects = pl.DataFrame(told, schema=REJECT_COLUMNS, orient="row")
    found = withheld(standard(), rejects, source)
    assert found.schema == REJECT_COLUMNS
    assert found.rows() == [(3, "{}", "2|毒死蜱"), (4, "{}", None), (9, "[]", None)]
