"""Each gap and each contradiction is found where it is, with the rows that it is about, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from hub.trace.findings import KINDS, SCHEMA, findings
from hub.trace.walk import walk
from tests.analysis.conftest import Place
from tests.trace.chickens import (
    BATCH,
    ONE,
    TWO,
    Row,
    chickens,
    full,
    given,
    papers,
    row,
    spoiled,
    without,
)

Told = dict[str, list[str]]


def found(place: Place, rows: list[Row], certificates: list[Row] | None = None) -> Told:
    """kind → the rows that its findings name, as short codes."""
    walked = walk(given(place, rows, certificates), BATCH)
    told = findings(walked.rows, walked.papers)
    assert told.schema == SCHEMA
    assert told["finding_id"].is_unique().all()
    result: Told = {}
    for one in told.iter_rows(named=True):
        result.setdefault(one["kind"], []).extend(c[6:] for c in one["trace_batch_nos"])
        assert one["level"] == KINDS[one["kind"]][0]
    return result


def test_a_whole_lot_has_none(small: Place) -> None:
    assert found(small, chickens()) == {}


CASES: list[tuple[list[Row], Told]] = [
    (spoiled("D2", prev_batch_no=full("ZZZZ")), {"stage_before_unknown": ["D2"]}),
    (
        without("E1"),
        {"purchase_missing": ["E2"], "receipt_unrecorded": ["F2"], "stage_before_unknown": []},
    ),
    (without("A1"), {"receipt_unrecorded": ["D2"]}),
    (
        spoiled("D3", happened_at="2026-01-02T07:30:00+08:00"),
        {"sold_before_received": ["D3", "D1"]},
    ),
    (
        spoiled("D1", happened_at="2026-01-02T04:00:00+08:00"),
        {"received_before_sent": ["F1", "D1"]},
    ),
    (spoiled("D3", happened_at="2026-03-02T00:10:00+08:00"), {"sold_after_expiry": ["D3"]}),
    (
        spoiled("D2", quantity="80"),
        {"more_out_than_in": ["D1", "D2", "D3"], "quantity_differs": ["D2", "A1"]},
    ),
    (spoiled("A1", unit="只"), {"units_differ": ["D2", "A1"]}),
    (spoiled("A1", quantity="59.5"), {"quantity_differs": ["D2", "A1"]}),
]


@pytest.mark.parametrize(("rows", "expected"), CASES)
def test_what_is_spoiled_is_found(small: Place, rows: list[Row], expected: Told) -> None:
    told = found(small, rows)
    assert {kind: codes for kind, codes in expected.items() if codes}.items() <= told.items()
    extra = set(told) - set(expected)
    assert extra <= {"certificate_expired", "receipt_unrecorded"} - set(expected), told


def test_quantities_in_other_units_of_one_measure_agree(small: Place) -> None:
    assert found(small, spoiled("A1", quantity="120", unit="斤")) == {}
    assert "more_out_than_in" not in found(small, spoiled("D1", quantity="0.1", unit="吨"))


def test_a_sale_that_the_seller_has_not_recorded(small: Place) -> None:
    bought = row("D4", ONE, "进", TWO, "5", "02T08:30")
    certificates = papers(*(one["trace_batch_no"] for one in [*chickens(), bought]))
    assert found(small, [*chickens(), bought], certificates) == {"sale_unrecorded": ["D4"]}


def test_goods_that_change_their_name(small: Place) -> None:
    named = row(
        "C1", ("茂名市丙店", chickens()[9]["operator_uscc"]), "进", TWO, "40", "04T07:00", "E2"
    )
    rows = [*without("C1", "C2"), {**named, "product_name": "走地鸡"}]
    assert found(small, rows)["product_differs"] == ["E2", "C1"]


def test_certificates(small: Place) -> None:
    few = papers(full("F1"), full("F2"))
    told = found(small, chickens(), few)  # the sale's certificate is the purchase's
    assert told == {"certificate_missing": ["A1", "B1", "C1"]}


def test_meat_needs_a_certificate_of_quarantine(small: Place) -> None:
    vouchers = [{**one, "kind": "进货票据"} for one in papers()]
    told = found(small, chickens(), vouchers)
    assert sorted(told["certificate_missing"]) == ["A1", "B1", "C1", "D1", "E1"]
    grown = [{**one, "product_category": "蔬菜"} for one in chickens()]
    assert found(small, grown, []) == {}  # any kind will do, and these are there


def test_a_certificate_that_was_over(small: Place) -> None:
    late: list[dict[str, Any]] = [
        {**one, "valid_to": "2026-01-03"} if one["trace_batch_no"] == full("C1") else one
        for one in papers()
    ]
    assert found(small, chickens(), late) == {"certificate_expired": ["C1"]}


def test_what_cannot_be_traced(small: Place) -> None:
    lost = row("D9", ONE, "出", ("某人", None), "1", "05T05:00")
    lost = {n: v for n, v in lost.items() if n not in ("batch", "produced_on")}
    walked = walk(given(small, [lost]), full("D9"))
    told = findings(walked.rows, walked.papers)
    assert told["kind"].to_list() == ["batch_missing"]
    assert told.row(0, named=True)["happened_on"] == "2026-01-05"


def test_only_what_is_asked_about(small: Place) -> None:
    walked = walk(given(small, without("A1", "B1")), BATCH)
    about = walked.rows.filter(code=full("D2"))["code"]
    told = findings(walked.rows, walked.papers, about)
    assert told["trace_batch_nos"].to_list() == [[full("D2")]]
