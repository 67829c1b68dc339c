"""The table of states, and that both databases hold every move to it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from hub.database import connect, create_tables, write
from hub.states import ACTS, FIRST, PUBLIC, ROLES, SHOWABLE, STATES, moves
from hub.tables import dataset
from hub.tables_of_review import disclosure, move

LEGAL = {(source, target) for source, targets in moves().items() for target in targets}


def test_every_act_names_known_states_and_roles() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS)
    for act in ACTS:
        assert set(act.sources) <= set(STATES) and act.target in STATES
        assert act.by in (*ROLES, "hub")
        assert act.target not in act.sources


def test_nothing_becomes_public_but_what_was_approved() -> None:
    before = {source for source, target in LEGAL if target in PUBLIC and source not in PUBLIC}
    assert before == {"approved", "scheduled"}
    signed = {act.name for act in ACTS if act.target in SHOWABLE and "pending" in act.sources}
    assert signed == {"approve_by_policy"}
    assert {act.name for act in ACTS if "reviewed" in act.sources and act.target in SHOWABLE} == {
        "approve"
    }


def test_whatever_is_public_can_be_taken_back_expire_be_repaired_and_be_asked_again() -> None:
    for state in PUBLIC:
        assert {"withdrawn", "expired", "repaired", "pending"} <= set(moves()[state])


def test_a_repaired_record_never_comes_back() -> None:
    assert moves()["repaired"] == ()


def test_only_the_hub_moves_without_anybody_being_named() -> None:
    people = {act.name for act in ACTS if act.by != "hub"}
    assert people == {
        "review", "return", "reject", "approve", "schedule", "unschedule", "withdraw", "object",
        "uphold", "repair",
    }  # fmt: skip
    silent = {act.name for act in ACTS if act.by != "hub" and not act.reason}
    assert silent == {"review", "approve", "schedule", "unschedule"}


@pytest.fixture
def engine(database_url: str) -> Engine:
    made = connect(database_url)
    create_tables(made)
    with write(made) as connection:
        connection.execute(insert(dataset).values(id=1, name="market_entity"))
    return made


def a_disclosure(number: int, state: str, **more: Any) -> dict[str, Any]:
    """A disclosure that may have any state: everything that a state asks for is there."""
    digest = bytes(range(32))
    return {
        "dataset_id": 1, "key": f"k{number}", "record_id": f"{number:016x}",
        "department": "market_regulation", "seq": 1, "view_digest": digest, "state": state,
        "decision_id": 1, "needs": 0, "reviewed_by": "wang", "approved_by": "li",
        "approved_digest": digest, "approved_seq": 1, "publish_on": "2026-11-29",
        "published_on": "2026-11-29", **more,
    }  # fmt: skip


# A way from a first state to every other one, in legal moves.
def _ways() -> dict[str, tuple[str, ...]]:
    ways: dict[str, tuple[str, ...]] = {state: (state,) for state in FIRST}
    while len(ways) < len(STATES):
        for source, target in sorted(LEGAL):
            if source in ways and target not in ways:
                ways[target] = (*ways[source], target)
    return ways


def _bring(connection: Any, number: int, way: tuple[str, ...]) -> int:
    connection.execute(insert(disclosure).values(a_disclosure(number, way[0])))
    for step, state in enumerate(way[1:], 2):
        mine = disclosure.c.key == f"k{number}"
        connection.execute(update(disclosure).where(mine).values(state=state, decision_id=step))
    return len(way)


def test_the_database_takes_every_legal_move_and_no_other(engine: Engine) -> None:
    wrong = []
    for number, (source, target) in enumerate(product(STATES, STATES)):
        if source == target:
            continue
        with write(engine) as connection:
            steps = _bring(connection, number, _ways()[source])
        try:
            with write(engine) as connection:
                mine = disclosure.c.key == f"k{number}"
                values = {"state": target, "decision_id": steps + 1}
                connection.execute(update(disclosure).where(mine).values(values))
            taken = True
        except IntegrityError:
            taken = False
        if taken != ((source, target) in LEGAL):
            wrong.append((source, target, taken))
    assert wrong == []


def test_the_database_keeps_the_history_itself(engine: Engine) -> None:
    with write(engine) as connection:
        _bring(connection, 1, ("pending", "reviewed", "approved", "published"))
        query = select(move.c.state_before, move.c.state, move.c.decision_id).order_by(move.c.id)
        told = [tuple(row) for row in connection.execute(query)]
    assert told == [
        (None, "pending", 1),
        ("pending", "reviewed", 2),
        ("reviewed", "approved", 3),
        ("approved", "published", 4),
    ]


@pytest.mark.parametrize(
    ("state", "more"),
    [
        ("approved", {"approved_by": "wang"}),  # the reviewer
        ("approved", {"author": "li"}),
        ("approved", {"approved_digest": bytes(32)}),  # another view
        ("approved", {"reviewed_by": None}),
        ("approved", {"needs": 1}),  # nobody examined it
        ("approved", {"needs": 1, "secrecy": 1, "privacy": 0}),
        ("approved", {"hold": "consent:1"}),
        ("published", {"published_on": None}),
        ("published", {"approved_digest": None}),
        ("scheduled", {"publish_on": None}),
        ("reviewed", {"reviewed_by": None}),
    ],
)
def test_a_state_without_what_it_asks_for_cannot_be_stored(
    engine: Engine, state: str, more: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), write(engine) as connection:
        _bring(connection, 1, _ways()[state][:-1])
        values = {"state": state, "decision_id": 99, **more}
        connection.execute(update(disclosure).values(values))


@pytest.mark.parametrize("state", [state for state in STATES if state not in FIRST])
def test_a_disclosure_begins_at_the_beginning(engine: Engine, state: str) -> None:
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(insert(disclosure).values(a_disclosure(1, state)))


@pytest.mark.parametrize(
    "values",
    [
        {"state": "reviewed"},  # without a decision of its own
        {"record_id": "f" * 16},
        {"key": "another"},
        {"dataset_id": 2},
    ],
)
def test_what_identifies_a_disclosure_stays_and_moves_are_decided(
    engine: Engine, values: dict[str, Any]
) -> None:
    with write(engine) as connection:
        _bring(connection, 1, ("pending",))
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(update(disclosure).values(values))


def test_a_disclosure_is_never_deleted(engine: Engine) -> None:
    with write(engine) as connection:
        _bring(connection, 1, ("pending",))
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(delete(disclosure))
