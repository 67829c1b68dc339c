"""A walk finds the farm and all shops of a lot, and nothing of another one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from exchange_schemas.lots import batch_key_of, batch_keys_of
from hub import people
from hub.analysis import columns
from hub.database import write
from hub.exchange.erasure import Order, erase
from hub.trace.movements import keyed, movements
from hub.trace.parties import trades
from hub.trace.walk import BACK, BATCH, CODE, HERE, ON, Limits, Walk, walk
from tests.analysis.conftest import Place
from tests.hub.ledger_data import put
from tests.trace.chickens import BATCH as LOT
from tests.trace.chickens import FARM, PRODUCT, SHOP_A, chickens, full, given, inputs_of, row, uscc


def short(found: Walk) -> dict[str, str]:
    """code → way."""
    pairs = found.rows.select("trace_batch_no", "way").iter_rows()
    return {code.removeprefix("TRACE-"): way for code, way in pairs}


def test_a_batch_leads_to_all_of_it(place: Place) -> None:
    inputs = given(place, chickens())
    found = walk(inputs, LOT)
    assert found.begun_by == BATCH and not found.cut and found.others == ()
    assert set(short(found)) == {one["trace_batch_no"][6:] for one in chickens()}
    pairs = {tuple(one[6:] for one in pair[:2]) for pair in found.links.iter_rows()}
    assert pairs == {
        ("F1", "D1"), ("D1", "D2"), ("D1", "D3"), ("D2", "A1"), ("D3", "B1"),
        ("F2", "E1"), ("E1", "E2"), ("E2", "C1"), ("C1", "C2"),
    }  # fmt: skip
    assert found.papers.height == len(chickens())


def test_a_trace_code_leads_back_to_the_farm_and_on_to_its_shops(place: Place) -> None:
    inputs = given(place, chickens())
    assert short(walk(inputs, full("D2"))) == {"F1": BACK, "D1": BACK, "D2": HERE, "A1": ON}
    assert short(walk(inputs, full("C2"))) == {
        "F2": BACK, "E1": BACK, "E2": BACK, "C1": BACK, "C2": HERE,
    }  # fmt: skip
    assert walk(inputs, full("D2")).begun_by == CODE


@pytest.mark.parametrize("asked", [" 2026-0101 a", "２０２６０１０１Ａ", "批号：20260101A"])
def test_a_batch_is_found_however_it_is_written(small: Place, asked: str) -> None:
    assert walk(given(small, chickens()), asked).rows.height == len(chickens())


def test_a_batch_of_another_producer_is_another_lot(small: Place) -> None:
    other = ("高州市别家鸡场", uscc(9))
    theirs = row("X1", other, "出", FARM, "5", "01T01:00", producer_name=other[0])
    inputs = given(small, [*chickens(), theirs])
    found = walk(inputs, LOT)
    assert set(short(found)) == {"X1"}  # the first that came
    assert [one[1:] for one in found.others] == [(FARM[0], PRODUCT)]
    assert len(short(walk(inputs, LOT, producer=FARM[0]))) == len(chickens())


def test_a_lot_is_found_among_more_than_there_is_room_for(small: Place) -> None:
    others = [
        row(f"X{n}", (f"鸡场{n}", uscc(n)), "出", FARM, "5", "01T01:00", producer_name=f"鸡场{n}")
        for n in range(20, 40)
    ]
    inputs = given(small, [*others, *chickens()])
    assert walk(inputs, LOT, limits=Limits(rows=12)).cut
    found = walk(inputs, LOT, FARM[0], PRODUCT, Limits(rows=12))
    assert found.rows.height == len(chickens()) and not found.cut


def test_a_buyer_without_a_code_is_known_by_its_name(small: Place) -> None:
    rows = [
        {name: value for name, value in one.items() if name != "counterparty_uscc"}
        for one in chickens()
    ]
    parties = walk(given(small, rows), LOT).rows["buyer"]
    assert {one for one in parties if one.startswith("name:")} == {"name:李某"}


def test_made_of_something_leads_on(small: Place) -> None:
    """Soup of another batch, made of the chickens of shop A; what else is in it isn't of this lot."""
    soup, salt = {"product_name": "鸡汤", "batch": "S1"}, {"product_name": "盐", "batch": "Y1"}
    kitchen, person = ("茂名市甲店", chickens()[5]["operator_uscc"]), ("某人", None)
    more = [
        row("S1", kitchen, "出", person, "9", "05T05:00", "A1", producer_name=kitchen[0], **soup),
        row("S2", kitchen, "出", person, "8", "05T06:00", producer_name=kitchen[0], **soup),
        row("Y1", kitchen, "进", ("盐厂", None), "1", "01T05:00", **salt),
    ]
    found = short(walk(given(small, [*chickens(), *more]), LOT))
    assert found["S1"] == ON and "Y1" not in found


def test_what_comes_in_later_is_seen(place: Place) -> None:
    inputs = given(place, chickens()[:4])
    assert walk(inputs, LOT).rows.height == 4
    put(place.engine, "food_trace_ledger", chickens(), [])
    assert walk(inputs_of(place), LOT).rows.height == len(chickens())
    put(place.engine, "food_trace_ledger", [], [chickens()[-1]])
    assert "C2" not in short(walk(inputs_of(place), LOT))


def test_the_index_outlives_a_copy_that_grows_and_goes_with_it(place: Place) -> None:
    inputs = given(place, chickens()[:4])
    walk(inputs, LOT)
    index = place.site.columns / "food_trace_ledger" / "walk.sqlite"
    made = index.stat().st_ino
    put(place.engine, "food_trace_ledger", chickens(), [])
    inputs.frame("food_trace_ledger")
    assert walk(inputs_of(place), LOT).rows.height == len(chickens())
    assert index.stat().st_ino == made  # brought up to date, not filled once more
    with place.engine.connect() as connection:
        columns.forget(place.site, connection, "food_trace_ledger")
    assert not index.exists()


def test_an_index_from_before_an_erasure_is_made_anew(place: Place) -> None:
    walk(given(place, chickens()), LOT)
    index = place.site.columns / "food_trace_ledger" / "walk.sqlite"
    before = index.read_bytes()
    put(place.engine, "food_trace_ledger", [], [chickens()[-1]])
    with write(place.engine) as connection:
        people.grant(connection, "li", "market_regulation", "approver", "tests")
    key = chickens()[-1]["trace_batch_no"]
    basis = "个人信息保护法 第四十七条"
    order = Order("food_trace_ledger", "li", "保存期满", basis, keys=[key])
    erase(place.site, place.engine, place.catalogue, order)
    index.write_bytes(before)  # of a machine that wasn't there
    assert "李某".encode() in before
    assert "C2" not in short(walk(inputs_of(place), LOT))
    assert "李某".encode() not in index.read_bytes()


def test_a_walk_that_is_cut_says_so(small: Place) -> None:
    inputs = given(small, chickens())
    wide = walk(inputs, LOT, limits=Limits(rows=4))
    assert wide.cut and wide.rows.height <= 4
    assert not walk(inputs, full("C2"), limits=Limits()).cut
    assert walk(inputs, full("C2"), limits=Limits(steps=0)).cut


def test_rows_that_name_each_other_end(small: Place) -> None:
    rows = [one for one in chickens() if one["trace_batch_no"] in (full("D1"), full("F1"))]
    rows[0]["prev_batch_no"] = full("D1")
    assert walk(given(small, rows), full("F1")).rows.height == 2


def test_what_nobody_recorded_is_no_row(small: Place) -> None:
    found = walk(inputs_of(small), "nothing")
    assert (found.rows.height, found.links.height, found.papers.height) == (0, 0, 0)


@drawn(st.dates(min_value=__import__("datetime").date(1950, 1, 1)), st.booleans())
def test_a_date_is_the_same_batch_in_any_form(day: object, padded: bool) -> None:
    year, month, date = str(day).split("-")
    if int(year) > 2099:
        return
    if not padded:
        month, date = month.lstrip("0"), date.lstrip("0")
    forms = [f"{year}{sign}{month}{sign}{date}" for sign in "-./"] + [f"{year}年{month}月{date}日"]
    assert {batch_key_of(one) for one in forms} == {str(day).replace("-", "")}
    for one in forms:
        assert str(day).replace("-", "") in batch_keys_of(f"生产日期 {one} / 批号 QX-0093")
        assert "QX0093" in batch_keys_of(f"生产日期 {one} / 批号 QX-0093")


@drawn(st.text(max_size=60))
def test_a_batch_as_compared_stays_so(text: str) -> None:
    key = batch_key_of(text)
    if key is not None:
        assert batch_key_of(f" {text}\u3000") == key


def test_each_lot_counts_by_whoever_recorded_it() -> None:
    rows = [
        row("F1", FARM, "出", SHOP_A, "100", "02T05:00"),
        row("A1", SHOP_A, "进", FARM, "100", "02T08:00", "F1"),
        row("F9", FARM, "出", SHOP_A, "50", "03T05:00", batch="20260102B"),
    ]
    told = movements(keyed(pl.DataFrame(rows).lazy())).collect()
    (pair,) = trades(told).to_dicts()
    assert (pair["amount"], pair["times"]) == (150_000, 2)
