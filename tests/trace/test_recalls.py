"""Recalls: who may, what is refused, and that every step is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from exchange_schemas.errors import HubError
from hub import people
from hub.database import write
from hub.trace import recalls
from hub.trace.recalls import ACTS, DONE, RUNNING, STOPPED, Opening
from tests.analysis.conftest import Place
from tests.trace.refusals import refused

OPENING = Opening(
    "怀乡鸡",
    "检出兽药残留",
    "一级",
    "主动召回",
    quantity_sold="100",
    unit="千克",
    batch="20260101A",
)


@pytest.fixture
def desk(place: Place) -> Place:
    with write(place.engine) as connection:
        people.grant(connection, "he", "market_regulation", "handler", "tests")
        people.grant(connection, "li", "market_regulation", "reviewer", "tests")
        people.grant(connection, "wu", "health", "handler", "tests")
    return place


def test_a_recall_from_its_beginning_to_its_end(desk: Place) -> None:
    with write(desk.engine) as connection:
        number = recalls.open_recall(connection, OPENING, "he")
        recalls.act(connection, number, "notify", "he", "电话通知 3 家")
        recalls.act(connection, number, "return", "he", "退回一批", "60.5", None)
        recalls.act(connection, number, "finish", "he", "其余已售出")
        found = recalls.find(connection, number)
        told = [(one.act, one.person) for one in recalls.steps(connection, number)]
    assert (found.state, found.quantity_returned, found.unit) == (DONE, "60.5", "千克")
    assert found.notified_on and found.ended_on
    assert told == [(name, "he") for name in ("open", "notify", "return", "finish")]
    with refused("recall_over"), write(desk.engine) as connection:
        recalls.act(connection, number, "return", "he", "又退回", "1", "千克")


@pytest.mark.parametrize("person", ["li", "wu", "nobody"])
def test_only_handlers_of_market_regulation(desk: Place, person: str) -> None:
    with refused("role_missing"), write(desk.engine) as connection:
        recalls.open_recall(connection, OPENING, person)
    with write(desk.engine) as connection:
        number = recalls.open_recall(connection, OPENING, "he")
    with refused("role_missing"), write(desk.engine) as connection:
        recalls.act(connection, number, "finish", person, "x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "四级"}, {"kind": "其他"}, {"reason": " "}, {"product_name": ""}, {"unit": None},
        {"quantity_sold": "很多"}, {"quantity_sold": "-1"}, {"batch": "x" * 501},
    ],
)  # fmt: skip
def test_words_that_are_no_recall(desk: Place, wrong: dict[str, str]) -> None:
    with refused("recall_words"), write(desk.engine) as connection:
        recalls.open_recall(connection, replace(OPENING, **wrong), "he")  # type: ignore[arg-type]
    with desk.engine.connect() as connection:
        assert recalls.listing(connection) == []


def test_more_than_was_sold_does_not_come_back(desk: Place) -> None:
    with write(desk.engine) as connection:
        number = recalls.open_recall(connection, OPENING, "he")
    with refused("recall_words"), write(desk.engine) as connection:
        recalls.act(connection, number, "return", "he", "x", "100.001", "千克")
    with refused("recall_unknown"), write(desk.engine) as connection:
        recalls.act(connection, 999, "return", "he", "x", "1", "千克")


ONCE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@ONCE
@drawn(
    st.lists(
        st.tuples(st.sampled_from([*ACTS, "open", ""]), st.sampled_from(["1", "50", "x"])),
        max_size=6,
    )
)
def test_whatever_is_done_it_is_over_once_and_all_is_kept(
    small: Place, acts: list[tuple[str, str]]
) -> None:
    with write(small.engine) as connection:
        people.grant(connection, "he", "market_regulation", "handler", "tests")
        number = recalls.open_recall(connection, OPENING, "he")
    done = ["open"]
    for name, quantity in acts:
        try:
            with write(small.engine) as connection:
                recalls.act(connection, number, name, "he", "理由", quantity, None)
        except HubError:
            continue
        done.append(name)
    with small.engine.connect() as connection:
        found = recalls.find(connection, number)
        assert [one.act for one in recalls.steps(connection, number)] == done
    ends = [name for name in done if name in ("finish", "stop")]
    assert found.state == {"finish": DONE, "stop": STOPPED}[ends[0]] if ends else RUNNING
    assert len(ends) <= 1 and done[-1:] == (ends or done[-1:])
    assert (found.ended_on is not None) == bool(ends)


def test_what_came_back_is_in_the_unit_of_what_was_sold(desk: Place) -> None:
    with write(desk.engine) as connection:
        number = recalls.open_recall(
            connection, replace(OPENING, quantity_sold="2", unit="吨"), "he"
        )
    with refused("recall_words"), write(desk.engine) as connection:
        recalls.act(connection, number, "return", "he", "x", "1500", "千克")
    with write(desk.engine) as connection:
        recalls.act(connection, number, "return", "he", "x", "1.5")
        found = recalls.find(connection, number)
    assert (found.quantity_sold, found.quantity_returned, found.unit) == ("2", "1.5", "吨")
