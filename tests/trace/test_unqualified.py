"""A failed sample is linked with its batch's chain, the penalties that mention it and its recalls, with why."""

from __future__ import annotations

from typing import Any

import pytest

from hub import people
from hub.database import write
from hub.trace.recalls import Opening, open_recall
from hub.trace.unqualified import samples, unqualified
from tests.analysis.conftest import Place
from tests.hub.ledger_data import PENALTY, put
from tests.trace.chickens import (
    FARM,
    ONE,
    SAMPLE,
    SHOP_A,
    a_failed_sample,
    chickens,
    given,
    uscc,
)
from tests.trace.refusals import refused


def a_penalty(number: int, who: tuple[str, str], facts: str, **more: Any) -> dict[str, Any]:
    return {
        "authority_uscc": "11440900000000019J", "doc_no": f"茂市监处罚〔2026〕{number}号",
        "subject_name": who[0], "subject_type": "legal_or_unincorporated", "uscc": who[1],
        "decided_on": f"2026-02-0{number}", "facts": facts, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["2026年1月1日/20260101A", "２０２６０１０１Ａ", "批号 2026-0101A", "20260101A 2026.1.1"],
)
def test_the_chain_of_its_batch(small: Place, written: str) -> None:
    inputs = given(small, chickens())
    sample = a_failed_sample(production_date_or_batch=written, product_name="怀乡鸡（光鸡）")
    put(small.engine, "unqualified_product", [sample])
    [(found, reasons)] = unqualified(inputs, SAMPLE).chains
    assert found.walk.rows.height == len(chickens())
    assert reasons == ["names the batch", "the same name", "names the product"]


def test_no_chain_of_another_producer_or_batch(small: Place) -> None:
    inputs = given(small, chickens())
    put(small.engine, "unqualified_product", [a_failed_sample(nominal_producer="别家")])
    assert unqualified(inputs, SAMPLE).chains == []
    put(
        small.engine,
        "unqualified_product",
        [a_failed_sample(production_date_or_batch="2025-12-31")],
    )
    assert unqualified(inputs, SAMPLE).chains == []
    put(small.engine, "unqualified_product", [{
        name: value for name, value in a_failed_sample().items() if name != "production_date_or_batch"
    }])  # fmt: skip
    assert unqualified(inputs, SAMPLE).chains == []


def test_penalties_that_mention_it(small: Place) -> None:
    inputs = given(small, chickens())
    put(
        small.engine,
        "unqualified_product",
        [a_failed_sample(production_date_or_batch="20260101A")],
    )
    stranger = ("高州市别家商店", uscc(90))
    put(small.engine, PENALTY, [
        a_penalty(1, FARM, "生产的怀乡鸡抽检不合格"),
        a_penalty(2, ONE, "经营批号 2026-0101-A 的光鸡"),
        a_penalty(3, SHOP_A, f"抽样编号{SAMPLE}不合格"),
        a_penalty(4, SHOP_A, "未亮证经营"),
        a_penalty(5, stranger, "经营怀乡鸡（批号20260101A）"),
    ])  # fmt: skip
    told = unqualified(inputs, SAMPLE).penalties
    assert [(one["subject_name"], one["reasons"]) for one in told] == [
        (SHOP_A[0], ["the same credit code", "the same name", "names the sample number"]),
        (ONE[0], ["the same credit code", "the same name", "names the batch"]),
        (FARM[0], ["the same credit code", "the same name", "names the product"]),
    ]
    assert all(one["_key"] for one in told)


def test_its_recalls(place: Place) -> None:
    inputs = given(place, chickens())
    put(place.engine, "unqualified_product", [a_failed_sample()])
    opening = Opening("怀乡鸡", "检出恩诺沙星", "二级", "主动召回", sample_no=SAMPLE)
    with write(place.engine) as connection:
        people.grant(connection, "he", "market_regulation", "handler", "tests")
        number = open_recall(connection, opening, "he")
    notice = {"product_name": "鸡", "reason": "x", "started_on": "2026-02-01", "state": "实施中"}
    put(place.engine, "product_recall", [
        {**notice, "recall_no": "A", "batch": "2026.01.01A", "producer_name": FARM[0]},
        {**notice, "recall_no": "B", "batch": "20260101A", "producer_name": "别家"},
        {**notice, "recall_no": "C", "sample_no": SAMPLE},
    ])  # fmt: skip
    found = unqualified(inputs, SAMPLE)
    assert [one.id for one in found.recalls] == [number]
    told = {one["recall_no"]: one["reasons"] for one in found.notices}
    assert told == {"A": ["the same name", "names the batch"], "C": ["names the sample number"]}


def test_a_sample_that_there_is_not(small: Place) -> None:
    inputs = given(small, chickens())
    with refused("unqualified_unknown"):
        unqualified(inputs, "nothing")
    put(small.engine, "unqualified_product", [a_failed_sample(item_name=n) for n in ("a", "b")])
    assert samples(inputs, "怀乡")["sample_no"].to_list() == [SAMPLE]
    assert samples(inputs, "没有").is_empty()
    assert len(unqualified(inputs, SAMPLE).items) == 2
