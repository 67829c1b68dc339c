"""The analysis says the same in parts as all at once, and nothing that the public mustn't know."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest

from hub import people
from hub.analysis import computing
from hub.analysis.analyses import find
from hub.analysis.inputs import Inputs
from hub.current import current_fields
from hub.database import write
from hub.trace import recalls
from hub.trace.computing import FINDING, PUBLIC, RECALL, compute
from hub.trace.coverage import coverage
from hub.trace.movements import CERTIFICATES, LEDGER
from hub.trace.public_rows import public_rows
from tests.analysis.conftest import Place
from tests.hub.ledger_data import put
from tests.trace.chickens import BATCH, FARM, ONE, chickens, full, given, papers, uscc, without

TRACE = find("trace")


def run(place: Place) -> dict[str, Any]:
    return computing.compute(place.site, place.engine, [TRACE])["trace"]


def said(place: Place, dataset: str) -> pl.DataFrame:
    standard = place.catalogue.get(dataset)
    with place.engine.connect() as connection:
        return current_fields(connection, dataset, standard.dtypes)


def test_findings_and_public_codes_are_records(place: Place) -> None:
    given(place, without("A1"))
    told = run(place)
    assert {name: one["rejected"] for name, one in told.items()} == dict.fromkeys(TRACE.writes, 0)
    found = said(place, FINDING).row(0, named=True)
    assert (found["kind"], found["trace_batch_nos"]) == ("receipt_unrecorded", [full("D2")])
    assert (found["operator_name"], found["found"]) == (ONE[0], "茂名市甲店")
    assert sorted(said(place, PUBLIC)["trace_code"]) == [full("F1"), full("F2")]
    again = run(place)
    assert all(one["added"] == one["changed"] == one["gone"] == 0 for one in again.values())
    put(place.engine, LEDGER, chickens())
    assert run(place)[FINDING]["gone"] == 1
    assert said(place, FINDING).is_empty()


def test_in_parts_as_all_at_once(small: Place) -> None:
    """Deliveries that add, change and take back rows of several lots, in no order."""
    chance = random.Random(5)
    rows = [
        {**one, "batch": f"{one['batch']}{lot}", "trace_batch_no": f"{one['trace_batch_no']}-{lot}",
         **({"prev_batch_no": f"{one['prev_batch_no']}-{lot}"} if "prev_batch_no" in one else {})}
        for lot in range(4) for one in chickens()
    ]  # fmt: skip
    living: dict[str, dict[str, Any]] = {}
    for turn in range(8):
        some = chance.sample(rows, 12)
        gone = [one for one in some[:5] if one["trace_batch_no"] in living]
        new = [
            {**one, "quantity": chance.choice(["60", "100"]), "batch": chance.choice([BATCH, one["batch"]])}
            for one in some[5:]
        ]  # fmt: skip
        put(small.engine, LEDGER, new, gone)
        if turn % 3 == 1:
            put(small.engine, CERTIFICATES, papers(*(one["trace_batch_no"] for one in new[:2])))
        living = {c: o for c, o in living.items() if c not in {g["trace_batch_no"] for g in gone}}
        living |= {one["trace_batch_no"]: one for one in new}
        run(small)
        whole = {
            result.dataset: result.rows
            for result in compute(Inputs(small.site, small.engine, small.catalogue))
        }
        for dataset, key in ((FINDING, "finding_id"), (PUBLIC, "trace_code")):
            kept = [n for n in small.catalogue.get(dataset).dtypes if n in whole[dataset].columns]
            expected = whole[dataset].select(kept).sort(key)
            found = said(small, dataset).select(kept).sort(key)
            assert found.to_dicts() == expected.to_dicts(), (turn, dataset)
        assert whole[FINDING].height > 0
    assert len(living) > 10


def test_the_public_sees_no_trader_quantity_or_time(small: Place) -> None:
    vouchers = [
        {"trace_batch_no": full("F1"), "kind": "进货票据", "certificate_no": "PJ1", "issuer": ONE[0]},
        {"trace_batch_no": full("F1"), "kind": "检验", "certificate_no": "JY1", "issuer": ONE[0]},
        {"trace_batch_no": full("F1"), "kind": "承诺达标合格证", "certificate_no": "CN1", "issuer": FARM[0]},
    ]  # fmt: skip
    given(small, chickens(), [*papers(full("F1")), *vouchers])
    run(small)
    shown = said(small, PUBLIC).sort("trace_code").row(0, named=True)
    assert shown["certificates"] == [
        f"承诺达标合格证 CN1 {FARM[0]}", "检疫 440900000000 茂名市农业农村局", "检验 JY1",
    ]  # fmt: skip
    assert (shown["producer_name"], shown["producer_uscc"]) == FARM
    whole = said(small, PUBLIC).write_json()
    for secret in (ONE[0], "茂名市甲店", "李某", ONE[1], uscc(4), '"100"', "2026-01-02", "05:00"):
        assert secret not in whole


@pytest.mark.parametrize("kept", [("D1", "D2"), ("D2", "D3"), ("A1",)])
def test_without_the_producers_row_no_other_is_named(small: Place, kept: tuple[str, ...]) -> None:
    rows = [one for one in chickens() if one["trace_batch_no"][6:] in kept]
    given(small, rows, [])
    run(small)
    shown = said(small, PUBLIC).rows(named=True)
    assert [one["trace_code"] for one in shown] == [full(kept[0])]
    assert shown[0]["producer_name"] == FARM[0]
    assert shown[0]["producer_uscc"] in (None, FARM[1])


@pytest.mark.parametrize("first", [True, False])
def test_who_buys_anywhere_isnt_named_as_an_issuer(small: Place, first: bool) -> None:
    """Also where it keeps no ledger, and whichever of the two lots comes first."""
    bought = {
        **chickens()[0],
        "trace_batch_no": "TRACE-X",
        "batch": "Z9",
        "counterparty_name": "茂名检测站",
    }
    mine = {
        "trace_batch_no": full("F1"),
        "kind": "检验",
        "certificate_no": "JY9",
        "issuer": "茂名检测站",
    }
    steps = [lambda: put(small.engine, LEDGER, [bought]), lambda: given(small, chickens(), [mine])]
    for step in steps if first else reversed(steps):
        step()
        run(small)
    shown = said(small, PUBLIC).filter(pl.col("trace_code") == full("F1"))
    assert shown["certificates"].to_list() == [["检验 JY9"]]


def test_public_rows_of_nothing() -> None:
    from hub.trace.movements import FIELDS, keyed, movements

    nothing = pl.LazyFrame(schema=dict.fromkeys(FIELDS, pl.String))
    rows = movements(keyed(nothing)).collect()
    certificates = pl.DataFrame(
        schema=dict.fromkeys(("trace_batch_no", "kind", "certificate_no", "issuer"), pl.String)
    )
    assert public_rows(rows, certificates, pl.Series([], dtype=pl.String)).is_empty()


def test_recalls_become_records(place: Place) -> None:
    given(place, chickens())
    opening = recalls.Opening("怀乡鸡", "检出兽药残留", "一级", "责令召回", evidence=("a:1",))
    with write(place.engine) as connection:
        people.grant(connection, "he", "market_regulation", "handler", "tests")
        number = recalls.open_recall(connection, opening, "he")
    assert run(place)[RECALL]["added"] == 1
    [record] = said(place, RECALL).rows(named=True)
    assert (record["state"], record["evidence"]) == ("实施中", ["a:1"])
    with write(place.engine) as connection:
        recalls.act(connection, number, "return", "he", "已退回", "12.5", "千克")
        recalls.act(connection, number, "finish", "he", "全部退回")
    assert run(place)[RECALL]["changed"] == 1
    [record] = said(place, RECALL).rows(named=True)
    assert (record["state"], record["quantity_returned"]) == ("已完成", "12.5")


def test_how_many_operators_use_it(small: Place) -> None:
    inputs = given(small, chickens())
    assert coverage(inputs).is_empty()  # nobody is known to be a food operator
    licences = [
        {
            "subject_name": "x", "uscc": uscc(n), "doc_no": f"食许〔2025〕{n}号", "certificate_name": name,
            "valid_from": since, "valid_to": until, "status": "有效",
            "authority_uscc": "11440902000000107X",
        }
        for n, name, since, until in (
            (2, "食品经营许可证", "2020-01-01", "2030-01-01"),
            (3, "食品经营许可证", "2020-01-01", "2025-12-31"),
            (7, "食品生产许可证", "2026-01-31", "2030-01-01"),
            (8, "食品经营许可证", "2026-02-01", "2030-01-01"),
            (4, "营业执照", "2020-01-01", "2030-01-01"),
        )
    ]  # fmt: skip
    put(small.engine, "administrative_license", licences)
    assert coverage(inputs).rows() == [("2026-01", 1, 2)]
