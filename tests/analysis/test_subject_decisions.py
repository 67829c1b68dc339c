"""What people decide on subjects, and that undoing gives exactly what was before."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Misdeclared, Refused
from hub import people
from hub.database import write
from hub.subjects import decisions, index, overview
from hub.subjects.decisions import DEPARTMENT
from hub.subjects.index import LINKS
from hub.subjects.joining import Decision, joined
from hub.subjects.looking import check_pair, found
from hub.subjects.names import is_like_a_person
from hub.subjects.pairs import doubtful
from hub.subjects.tables import DIFFER, SAME
from tests.analysis.conftest import Place
from tests.analysis.test_subjects import (
    complaint,
    compute,
    entity,
    layers,
    records,
    same_as_anew,
    whose,
)
from tests.hub.ledger_data import put

NODES = [*(f"9{n:017d}" for n in range(4)), *(f"NAM-{n}" for n in range(4)), "PER-1", "REG-1"]
_pairs = st.lists(st.sampled_from(NODES), min_size=2, max_size=2, unique=True).map(sorted)
_decisions = st.lists(st.tuples(st.sampled_from([SAME, DIFFER]), _pairs), max_size=12)
_links = st.dictionaries(
    st.sampled_from(NODES[4:8]), st.tuples(st.sampled_from(NODES[:4]), st.integers(1, 9))
)


def _numbered(told: list[tuple[str, list[str]]]) -> list[Decision]:
    return [Decision(n, act, pair[0], pair[1]) for n, (act, pair) in enumerate(told, 1)]


def _frame(links: dict[str, tuple[str, int]]) -> pl.DataFrame:
    rows = [
        {"lonely": lonely, "coded": coded, "score": 1.0, "weight": float(weight), "reasons": [], "automatic": True}
        for lonely, (coded, weight) in links.items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LINKS)


@given(_links, _decisions, st.randoms())
@settings(max_examples=200, deadline=None)
def test_subjects_follow_from_what_counts_and_from_nothing_else(
    links: dict[str, tuple[str, int]], told: list[tuple[str, list[str]]], chance: random.Random
) -> None:
    known = _numbered(told)
    found = joined(_frame(links), known)
    mixed = known.copy()
    chance.shuffle(mixed)
    assert joined(_frame(links), mixed).equals(found)
    subject = {**{node: node for node in NODES}, **dict(found.iter_rows())}
    assert all(subject[one] == one for one in subject.values())  # a subject is its own
    last = {one.pair: one.act for one in known}
    assert all(subject[a] != subject[b] for (a, b), act in last.items() if act == DIFFER)


def _able(place: Place) -> None:
    with write(place.engine) as connection:
        people.grant(connection, "lin", DEPARTMENT, "reviewer", "tests")


def _town(place: Place) -> list[str]:
    put(place.engine, "market_entity", [entity(n) for n in range(1, 6)])
    names = [entity(n)["subject_name"] for n in (1, 2)] + ["红荔食品店铺甲", "红荔食品店铺乙"]
    put(place.engine, "complaint_report", [complaint(n, name) for n, name in enumerate(names, 1)])
    compute(place)
    _able(place)
    return sorted(index.read(place.site).frame("nodes")["node"])


def test_random_sequences_of_merging_and_splitting_go_back_exactly(place: Place) -> None:
    nodes, chance = _town(place), random.Random(5)
    begun = (layers(index.read(place.site)), records(place))
    known: list[int] = []
    states = []
    for _ in range(6):
        states.append((layers(index.read(place.site)), records(place)))
        with write(place.engine) as connection:
            pair = (nodes[0], nodes[1])
            while True:
                pair = tuple(chance.sample(nodes, 2))  # type: ignore[assignment]
                try:
                    act = chance.choice([SAME, SAME, DIFFER])
                    known.append(decisions.decide(connection, act, pair, "lin", "核对登记档案"))
                    break
                except Refused:
                    continue
        compute(place)
    same_as_anew(place)
    for number, state in zip(reversed(known), reversed(states), strict=True):
        with write(place.engine) as connection:
            decisions.undo(connection, number, "lin", "认定有误")
        compute(place)
        assert (layers(index.read(place.site)), records(place)) == state
    assert (layers(index.read(place.site)), records(place)) == begun
    assert len(_history(place)) == 6  # all of it is kept


def _history(place: Place) -> list[decisions.Told]:
    with place.engine.connect() as connection:
        return decisions.history(connection)


def test_a_person_puts_together_and_apart(place: Place) -> None:
    _town(place)
    first, third = entity(1)["uscc"], entity(3)["uscc"]
    alone = whose(place, "complaint_report")["T3"]
    assert whose(place, "complaint_report")["T1"] == first
    with write(place.engine) as connection:
        decisions.decide(connection, SAME, (alone, third), "lin", "现场核实", {"score": 0.4})
    compute(place)
    assert whose(place, "complaint_report")["T3"] == third
    assert records(place)[third]["joined_ids"] == [alone] and alone not in records(place)
    (told,) = _history(place)
    assert (told.why, told.decided_by, told.evidence, told.undone_at) == (
        "现场核实",
        "lin",
        {"score": 0.4},
        None,
    )
    mine = index.read(place.site).frame("links", pl.col("coded") == first)["lonely"][0]
    with write(place.engine) as connection:
        decisions.decide(connection, DIFFER, (mine, first), "lin", "同名不同户")
    compute(place)
    assert whose(place, "complaint_report")["T1"] == mine
    same_as_anew(place)


def test_what_cant_be_decided(place: Place) -> None:
    _able(place)
    a, b, c = sorted(entity(n)["uscc"] for n in (1, 2, 3))

    def refused(act: str, pair: tuple[str, str], who: str = "lin", why: str = "x") -> str:
        with pytest.raises((Refused, Misdeclared)) as found, write(place.engine) as connection:
            decisions.decide(connection, act, pair, who, why)
        return found.value.issue.code

    with write(place.engine) as connection:
        decisions.decide(connection, DIFFER, (a, b), "lin", "x")
        number = decisions.decide(connection, SAME, (b, c), "lin", "x")
    assert refused(SAME, (c, a)) == "subject_kept_apart"
    assert refused(SAME, (b, c)) == "subject_decided"
    assert refused(SAME, (a, a)) == "subject_with_itself"
    assert refused(SAME, (a, c), why=" ") == "subject_why_missing"
    assert refused(SAME, (a, c), who="wang") == "role_missing"
    with write(place.engine) as connection:
        decisions.undo(connection, number, "lin", "x")
        decisions.decide(connection, SAME, (a, c), "lin", "x")
    for wrong, code in ((number, "subject_undone"), (99, "subject_decision_unknown")):
        with pytest.raises((Refused, Misdeclared)) as found, write(place.engine) as connection:
            decisions.undo(connection, wrong, "lin", "x")
        assert found.value.issue.code == code


def test_nobody_brings_records_of_persons_together(place: Place) -> None:
    _able(place)
    for pair in (("PER-1", "PER-2"), ("PER-1", entity(1)["uscc"])):
        with write(place.engine) as connection, pytest.raises(Refused) as caught:
            decisions.decide(connection, SAME, pair, "lin", "同一人")
        assert caught.value.issue.code == "subject_person"
    assert joined(_frame({}), [Decision(1, SAME, "PER-1", "PER-2")]).is_empty()


def test_a_word_that_another_took_the_place_of_counts_no_more(place: Place) -> None:
    _able(place)
    for act, pair in (
        (SAME, ("A", "N")),
        (DIFFER, ("A", "N")),
        (DIFFER, ("A", "C")),
        (SAME, ("C", "N")),
    ):
        with write(place.engine) as connection:
            decisions.decide(connection, act, pair, "lin", "核对登记档案")


def test_two_names_that_are_one_stay_with_their_company() -> None:
    first, second = NODES[:2]
    both = [Decision(1, SAME, "NAM-0", "NAM-1")]
    links = {"NAM-0": (first, 3), "NAM-1": (first, 2)}
    assert set(joined(_frame(links), both).rows()) == {("NAM-0", first), ("NAM-1", first)}
    links = {"NAM-0": (first, 3), "NAM-1": (second, 2)}  # never two companies because of it
    assert set(joined(_frame(links), both).rows()) == {("NAM-0", first), ("NAM-1", first)}


def test_the_last_word_says_what_is_in_doubt(place: Place) -> None:
    """After "differs" from the first candidate the second is asked for."""
    _town(place)
    first, second = entity(1)["uscc"], entity(2)["uscc"]
    lonely = whose(place, "complaint_report")["T3"]
    row = {"lonely": lonely, "weight": 9.0, "reasons": []}
    links = pl.DataFrame([
        {**row, "coded": first, "score": 0.999, "automatic": True}, {**row, "coded": second, "score": 0.5, "automatic": False},
    ], schema=LINKS)  # fmt: skip
    with place.engine.connect() as connection:
        index.read(place.site).based(links=links).keep(place.site, connection)

    def asked() -> list[str]:
        return [one.other["node"] for one in doubtful(place.site, place.engine)[0]]

    def decided(act: str, other: str) -> list[str]:
        with write(place.engine) as connection:
            decisions.decide(connection, act, (lonely, other), "lin", "核对登记档案")
        return asked()

    assert asked() == []
    assert decided(DIFFER, first) == [second]
    assert decided(SAME, first) == []
    assert decided(DIFFER, first) == [second]  # the word before counts no more
    assert decided(DIFFER, second) == []


def test_a_subject_whose_own_node_is_gone_is_found_and_counted(place: Place) -> None:
    put(place.engine, "market_entity", [entity(1), entity(2)])
    put(place.engine, "complaint_report", [complaint(1, "红荔食品店铺甲")])
    compute(place)
    _able(place)
    with write(place.engine) as connection:
        pair = (whose(place, "complaint_report")["T1"], entity(1)["uscc"])
        decisions.decide(connection, SAME, pair, "lin", "现场核实")
    put(place.engine, "market_entity", [], [entity(1)])
    compute(place)
    with place.engine.connect() as connection:
        for text in (entity(1)["uscc"], "店铺甲"):
            assert [one["subject"] for one in found(place.site, connection, text)] == [pair[1]]
    assert sum(count for _, count in overview.kinds(place.site)) == 2 == len(records(place))


@pytest.mark.parametrize("name", ["古丽娜尔·阿不都热合曼", "Johann Sebastian Miller"])
def test_long_names_of_persons_are_one_node_for_each_record(place: Place, name: str) -> None:
    put(place.engine, "market_entity", [entity(1)])
    told = [complaint(n, name, division_code="440902") for n in (1, 2)]
    put(place.engine, "complaint_report", told)
    compute(place)
    mine = whose(place, "complaint_report")
    assert mine["T1"] != mine["T2"]
    with pytest.raises(Refused) as caught:
        check_pair(place.site, SAME, mine["T1"], entity(1)["uscc"])
    assert caught.value.issue.code == "subject_person"
    check_pair(place.site, DIFFER, mine["T1"], entity(1)["uscc"])


@pytest.mark.parametrize(
    ("name", "like"),
    [("蜜雪冰城·茂名东汇城店", False), ("MAOMING TRADING CO., LTD.", False), ("红荔·食品有限公司", False), ("Ｊｏｈｎ　Ｓｍｉｔｈ", True), ("扎西·多吉次仁", True)],
)  # fmt: skip
def test_enterprises_with_dots_and_latin_letters_arent_persons(name: str, like: bool) -> None:
    assert pl.select(is_like_a_person(pl.lit(name))).item() is like
