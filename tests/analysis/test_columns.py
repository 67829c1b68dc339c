"""Columnar copies say what the ledger says, whatever came since they were written."""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pytest

from hub import people
from hub.analysis import columns
from hub.current import current_fields
from hub.database import write
from hub.exchange.erasure import Order, erase
from tests.analysis.conftest import Place
from tests.hub.ledger_data import MARKET, a_company, put


def held(place: Place) -> pl.DataFrame:
    """What the copy says: the fields of the standard, in the order of codes."""
    standard = place.catalogue.get(MARKET)
    with place.engine.connect() as connection:
        rows = columns.scan(place.site, connection, standard).collect()
    assert rows["_key"].equals(rows["uscc"].rename("_key"))
    return rows.select(list(standard.dtypes)).sort("uscc")


def said(place: Place) -> pl.DataFrame:
    """What the ledger says."""
    standard = place.catalogue.get(MARKET)
    with place.engine.connect() as connection:
        return current_fields(connection, MARKET, standard.dtypes).sort("uscc")


def position(place: Place) -> columns.Position:
    with place.engine.connect() as connection:
        return columns.refresh(place.site, connection, place.catalogue.get(MARKET))


def test_a_dataset_that_nobody_delivered_has_no_rows(place: Place) -> None:
    assert held(place).height == 0


def test_a_copy_follows_the_ledger(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_FILES", 3)  # so that it is written anew now and then
    chance, living = random.Random(7), set[int]()
    for turn in range(12):
        some = chance.sample(range(40), 9)
        gone = [n for n in some if n in living and chance.random() < 0.4]
        new = [n for n in some if n not in gone]
        put(
            place.engine,
            MARKET,
            [a_company(n, phone=f"{turn}-{n}") for n in new],
            [a_company(n) for n in gone],
        )
        living = (living | set(new)) - set(gone)
        if chance.random() < 0.8:  # several deliveries may come before somebody looks
            assert held(place).equals(said(place))
    assert held(place).height == len(living)
    assert position(place) == position(place)


def test_what_is_new_is_read_and_not_everything(place: Place) -> None:
    put(place.engine, MARKET, [a_company(n) for n in range(30)])
    first = position(place)
    put(place.engine, MARKET, [a_company(1, phone="new")], [a_company(2)])
    second = position(place)
    assert second.base == first.base
    assert (len(second.deltas), second.delta_rows) == (1, 2)
    assert held(place).equals(said(place))


def test_a_copy_that_lost_a_file_is_made_anew(place: Place) -> None:
    put(place.engine, MARKET, [a_company(n) for n in range(5)])
    first = position(place)
    (place.site.columns / MARKET / str(first.base)).unlink()
    assert held(place).equals(said(place))


def test_what_was_erased_is_in_no_file(place: Place) -> None:
    put(place.engine, MARKET, [a_company(1, phone="secret-number"), a_company(2)])
    position(place)
    put(place.engine, MARKET, [], [a_company(1)])
    with write(place.engine) as connection:
        people.grant(connection, "li", "market_regulation", "approver", "tests")
    order = Order(
        MARKET, "li", "保存期满", "个人信息保护法 第四十七条", keys=[a_company(1)["uscc"]]
    )
    erase(place.site, place.engine, place.catalogue, order)
    assert {one.name for one in (place.site.columns / MARKET).iterdir()} == {".lock"}
    after = position(place)
    assert after.deltas == ()
    texts = pl.read_parquet(place.site.columns / MARKET / str(after.base))["phone"].to_list()
    assert texts == ["0668-0000002"]


def test_fields_of_another_version_make_it_anew(place: Place) -> None:
    put(place.engine, MARKET, [a_company(1)])
    first = position(place)
    standard = place.catalogue.get(MARKET)
    fewer = {name: one for name, one in standard.fields.items() if name != "phone"}
    standard = replace(standard, fields=fewer)
    with place.engine.connect() as connection:
        rows = columns.scan(place.site, connection, standard).collect()
        second = columns.refresh(place.site, connection, standard)
    assert "phone" not in rows.columns
    assert second.fields != first.fields


def test_changes_since_an_entry(place: Place) -> None:
    put(place.engine, MARKET, [a_company(n) for n in range(4)])
    put(place.engine, MARKET, [a_company(0, phone="x"), a_company(9)], [a_company(3)])
    with place.engine.connect() as connection:
        rows, gone = columns.changed(connection, place.catalogue.get(MARKET), 4)
        nothing, none = columns.changed(connection, place.catalogue.get(MARKET), 7)
    assert sorted(rows["uscc"]) == [a_company(0)["uscc"], a_company(9)["uscc"]]
    assert gone.to_list() == [a_company(3)["uscc"]]
    assert (nothing.height, len(none)) == (0, 0)
