"""What may never be published is refused with its rule, and the standards agree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Any

import polars as pl
import pytest

from exchange_schemas.catalogue import STANDARDS, load_catalogue
from exchange_schemas.clocks import never_public
from exchange_schemas.law import load_law
from exchange_schemas.standard import Standard
from tests.exchange_schemas import law_vectors as vectors
from tests.exchange_schemas.law_vectors import PENALTY, penalty

CATALOGUE = load_catalogue()
LAW = load_law()
TODAY = date(2026, 11, 24)
CONDITIONAL = [name for name in CATALOGUE.datasets() if CATALOGUE.get(name).public_when]

# What a company tells in its annual report and may keep to itself (企业信息公示暂行条例 第九条第一款第七项)
CHOSEN = (
    "guarantees", "employees", "assets", "liabilities", "equity", "revenue", "main_revenue",
    "profit", "net_profit", "tax",
)  # fmt: skip


def refused(
    standard: Standard, *records: Mapping[str, Any], day: date = TODAY
) -> list[str | None]:
    rows = pl.DataFrame([*records], schema=standard.dtypes)
    found: list[str | None] = never_public(LAW, standard, rows, day).to_list()
    return found


@pytest.mark.parametrize(("rule", "dataset", "record", "like"), vectors.NEVER)
def test_what_a_rule_forbids(
    rule: str, dataset: str, record: Mapping[str, Any], like: Mapping[str, Any]
) -> None:
    name, other = refused(CATALOGUE.get(dataset), record, like)
    assert name is not None
    assert name.split("@")[0] == rule
    assert other is None


@pytest.mark.parametrize("dataset", CONDITIONAL)
def test_what_a_standard_keeps_back_has_its_reason_in_law(dataset: str) -> None:
    """Every combination of values that `public_when` excludes is refused, and no other."""
    standard = CATALOGUE.get(dataset)
    asked = standard.public_when
    values = [[None, *standard.fields[name].schema["enum"]] for name in asked]
    records = [dict(zip(asked, chosen, strict=True)) for chosen in product(*values)]
    shown = [all(record[name] in asked[name] for name in asked) for record in records]
    assert True in shown and False in shown
    assert [name is None for name in refused(standard, *records)] == shown


@pytest.mark.parametrize("dataset", CATALOGUE.datasets())
def test_samples_that_may_be_public_are_not_refused(dataset: str) -> None:
    """Penalties aside, whose samples have what may not be published, nothing else is refused."""
    standard = CATALOGUE.get(dataset)
    path = STANDARDS / standard.department / dataset / "samples" / "valid.jsonl"
    samples = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [
        all(sample.get(name) in values for name, values in standard.public_when.items())
        for sample in samples
    ]
    found = [name is None for name in refused(standard, *samples)]
    assert found == kept or (dataset == PENALTY and True in found)


def test_a_rule_is_asked_on_the_day_of_publication() -> None:
    record = penalty("2020-01-02", "警告")
    days = date(2021, 8, 31), date(2021, 9, 1)
    before, since = (refused(CATALOGUE.get(PENALTY), record, day=day) for day in days)
    assert before == [None]
    assert since == ["penalty-warning-only@2021-09-01"]


def test_the_first_rule_is_named() -> None:
    record = penalty("2026-05-06", "警告", procedure="简易程序", status="撤销")
    assert refused(CATALOGUE.get(PENALTY), record) == ["penalty-withdrawn@2021-07-15"]


@pytest.mark.parametrize("figure", CHOSEN)
def test_what_companies_may_keep_to_themselves_is_in_no_public_view(figure: str) -> None:
    standard = CATALOGUE.get("entity_annual_report")
    assert {figure, f"{figure}_public"} <= standard.fields.keys()
    for audience in ("public", "industry"):
        assert figure not in standard.fields_for(audience)


def test_every_figure_with_a_choice_is_among_them() -> None:
    fields = CATALOGUE.get("entity_annual_report").fields
    assert {name for name in fields if f"{name}_public" in fields} == {*CHOSEN}
