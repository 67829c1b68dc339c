"""Risk signals: who may do what in which state, held by the databases too; and what comes back into the ledger."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from exchange_schemas.days import today
from exchange_schemas.errors import HubError, Misdeclared, Refused
from exchange_schemas.risk_rules import load_risk_rules
from hub import people
from hub.database import write
from hub.instant import utc_now
from hub.risks import entering, showing, suggesting
from hub.risks.entering import enter
from hub.risks.people import Officer, officer
from hub.risks.states import ACTS, BY_NAME, CODES, STATES
from hub.risks.steps import Place as Where
from hub.risks.steps import Words, act, history
from hub.risks.tables import risk_signal, risk_step
from hub.tables import job
from hub.verify import verify
from hub.work import work
from tests.hub.ledger_data import put
from tests.offices.conftest import Computed, Place

SIGNAL, ASSESSMENT = "quality_risk_signal", "risk_assessment"
(RULE,) = load_risk_rules()
WEIGHED = Words("样品复现过热", "高", "中")


def a_signal(number: int, **more: Any) -> dict[str, Any]:
    told = {
        "signal_id": f"FX{number}", "channel": "网络", "product": "电动车充电器", "hazard": "过热起火",
        "severity": "高", "received_at": "2026-11-20T08:00:00+08:00", "state": "待评估", **more,
    }  # fmt: skip
    return {name: one for name, one in told.items() if one is not None}


@pytest.fixture
def at(place: Place) -> Where:
    with write(place.engine) as connection:
        for name in ("an", "bo", "chen"):
            for role in ("reviewer", "handler", "approver"):
                people.grant(connection, name, "market_regulation", role, "tests")
        people.grant(connection, "xu", "agriculture_rural", "approver", "tests")
    put(place.engine, SIGNAL, [a_signal(1), a_signal(2, product="电动车 充电器", channel="媒体")])
    return Where(place.site, place.engine, place.catalogue)


def who(at: Where, name: str) -> Officer:
    with at.engine.connect() as connection:
        return officer(connection, name)


def code_of(at: Where, name: str, signal: str, what: str, words: Words) -> str | None:
    try:
        act(at, who(at, name), signal, what, words)
    except HubError as error:
        return error.issue.code
    return None


def test_from_the_report_to_the_closing(at: Where) -> None:
    assert act(at, who(at, "an"), "FX1", "begin", Words())["state"] == "assessing"
    assert act(at, who(at, "an"), "FX1", "assess", WEIGHED)["level"] == "高"
    assert code_of(at, "chen", "FX1", "close", Words("好了")) == "risk_without_act"
    act(at, who(at, "bo"), "FX1", "record", Words("责令下架"))
    assert code_of(at, "an", "FX1", "close", Words("好了")) == "risk_same_person"
    assert code_of(at, "bo", "FX1", "close", Words("好了")) == "risk_same_person"
    assert act(at, who(at, "chen"), "FX1", "close", Words("复查合格"))["state"] == "closed"
    with at.engine.connect() as connection:
        steps = history(connection, "FX1")
    assert [one["act"] for one in steps] == ["take", "begin", "assess", "record", "close"]
    assert [one["actor"] for one in steps[2:]] == ["person:an", "person:bo", "person:chen"]
    assert (steps[2]["severity"], steps[2]["likelihood"], steps[2]["reason"]) == (
        "高",
        "中",
        "样品复现过热",
    )
    assert act(at, who(at, "bo"), "FX1", "reopen", Words("再次投诉"))["state"] == "waiting"


def test_who_was_part_of_an_earlier_round_may_close_a_later_one(at: Where) -> None:
    act(at, who(at, "an"), "FX1", "begin", Words())
    act(at, who(at, "bo"), "FX1", "dismiss", Words("无法核实"))
    act(at, who(at, "chen"), "FX1", "reopen", Words("新的证据"))
    act(at, who(at, "chen"), "FX1", "begin", Words())
    assert act(at, who(at, "an"), "FX1", "dismiss", Words("仍无法核实"))["state"] == "dismissed"


@pytest.mark.parametrize(
    ("name", "signal", "what", "words", "code"),
    [
        ("xu", "FX1", "begin", Words(), "risk_role"),
        ("nobody", "FX1", "begin", Words(), "risk_role"),
        ("an", "FX9", "begin", Words(), "risk_unknown"),
        ("an", "FX1", "forget", Words(), "act_unknown"),
        ("an", "FX1", "assess", Words("理由", "高"), "risk_words"),
        ("an", "FX1", "assess", Words("理由", "高", "从不"), "risk_words"),
        ("an", "FX1", "assess", Words(" ", "高", "中"), "risk_words"),
        ("an", "FX1", "assess", Words("长" * 2001, "高", "中"), "risk_words"),
        ("an", "FX1", "record", Words("下架"), "risk_state"),
        ("an", "FX1", "reopen", Words("再看"), "risk_state"),
    ],
)  # fmt: skip
def test_what_isn_t_allowed(
    at: Where, name: str, signal: str, what: str, words: Words, code: str
) -> None:
    assert code_of(at, name, signal, what, words) == code
    with at.engine.connect() as connection:
        assert history(connection, signal) == []


def test_every_act_in_every_state(at: Where) -> None:
    """The table of states is what is done, and nothing else, whoever asks."""
    for number, state in enumerate(STATES, 10):
        for act_number, one in enumerate(ACTS):
            name = f"FX{number}{act_number}"
            put(at.engine, SIGNAL, [a_signal(int(name[2:]), state=CODES[state])])
            words = WEIGHED if one.name != "close" else Words("好了")
            done = code_of(at, "an", name, one.name, words)
            assert (done is None) == (state in one.sources), (state, one.name, done)


def test_the_database_holds_the_moves(at: Where) -> None:
    act(at, who(at, "an"), "FX1", "assess", WEIGHED)
    mine = risk_signal.c.signal_id == "FX1"
    with at.engine.connect() as connection:
        row = connection.execute(select(risk_signal).where(mine)).mappings().one()
    step = {"risk_id": row["id"], "number": 3, "actor": "person:an", "department": "market_regulation",
            "at": utc_now(), "state_before": "acting"}  # fmt: skip
    wrong = [
        update(risk_signal).where(mine).values(state="closed"),
        update(risk_signal).where(mine).values(level="低"),
        update(risk_signal).where(mine).values(signal_id="FX7"),
        delete(risk_signal).where(mine),
        delete(risk_step),
        update(risk_step).values(reason="另一个理由"),
        insert(risk_step).values(**step, act="begin", state="waiting"),
    ]
    for statement in wrong:
        with pytest.raises(DBAPIError), write(at.engine) as connection:
            connection.execute(statement)
    with pytest.raises(IntegrityError, match="illegal change"), write(at.engine) as connection:
        connection.execute(insert(risk_step).values(**step, act="close", state="closed"))
        connection.execute(update(risk_signal).where(mine).values(state="closed", step=3))
    with write(at.engine) as connection:  # another person's step is taken
        connection.execute(
            insert(risk_step).values(
                **{**step, "actor": "person:chen"}, act="close", state="closed"
            )
        )
        connection.execute(update(risk_signal).where(mine).values(state="closed", step=3))


@given(
    st.lists(
        st.tuples(st.sampled_from([a.name for a in ACTS]), st.sampled_from("abc")), max_size=12
    )
)
def test_whoever_ends_a_signal_had_no_part_in_it(way: list[tuple[str, str]]) -> None:
    """The rule of another person, as the table of acts says it, over any order of acts."""
    state, parts = "waiting", set()
    for name, person in way:
        one = BY_NAME[name]
        if state not in one.sources or (one.another and person in parts):
            continue
        if one.another:
            assert person not in parts and parts
        state = one.target
        parts = set() if name == "reopen" else parts | ({person} if not one.another else set())
    assert state in STATES


def test_the_matrix_never_falls_with_more_harm_or_likelihood() -> None:
    order = ["低", "中", "高", "严重"]
    levels = [[order.index(RULE.level(s, one)) for one in RULE.likelihoods] for s in order]
    assert all(row == sorted(row) for row in levels)
    assert all(column == tuple(sorted(column)) for column in zip(*levels, strict=True))


def test_a_signal_that_a_person_enters_is_a_record_like_others(
    at: Where, computed: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "today", lambda: date(2031, 1, 1))  # the year of Shanghai
    told = {
        "channel": "媒体",
        "product": "儿童水晶泥",
        "hazard": "硼含量超标",
        "severity": "高",
        "injured_count": "1",
    }
    first, second = enter(at, who(at, "an"), told), enter(at, who(at, "bo"), told)
    assert (first, second) == ("FXLR203100001", "FXLR203100002")
    rows = computed("risks", SIGNAL)
    mine = rows.filter(pl.col("signal_id") == first).to_dicts()[0]
    assert (mine["state"], mine["injured_count"], mine["reporting_unit"]) == (
        "待评估",
        1,
        "市市场监督管理局",
    )
    assert rows.height == 4  # those of feeds stay as they were
    act(at, who(at, "an"), first, "assess", WEIGHED)
    now = computed("risks", SIGNAL).filter(pl.col("signal_id") == first).to_dicts()[0]
    assert (now["state"], now["assessment"]) == ("处置中", "样品复现过热")
    assert verify(at.site, at.engine).issues == []


def test_both_ends_of_what_a_person_enters_are_in_the_ledger(
    at: Where, computed: Computed
) -> None:
    told = {"channel": "媒体", "product": "水晶泥", "hazard": "硼含量超标", "severity": "低"}
    closed, dismissed = (enter(at, who(at, "an"), told) for _ in range(2))
    act(at, who(at, "an"), closed, "assess", Words("轻微", "低", "低"))
    act(at, who(at, "chen"), closed, "close", Words("标" * 2000))
    act(at, who(at, "an"), dismissed, "begin", Words())
    act(at, who(at, "chen"), dismissed, "dismiss", Words("无法核实"))
    rows = computed("risks", SIGNAL).sort("signal_id")
    first, second = rows.filter(pl.col("signal_id").is_in([closed, dismissed])).to_dicts()
    assert (first["state"], first["closed_on"]) == ("已办结", str(today()))
    assert first["action"] == "未采取措施：" + "标" * 1994
    assert (second["state"], second["closed_on"], second["action"]) == ("不采信", None, None)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("channel", "传闻", "code_unknown"), ("product", "", "required"), ("injured_count", "许多", "type"),
     ("producer_uscc", "91440902MA0000000X", "check_digit")],
)  # fmt: skip
def test_what_the_standard_refuses_isn_t_entered(
    at: Where, field: str, value: str, code: str
) -> None:
    told = {
        "channel": "媒体",
        "product": "水晶泥",
        "hazard": "超标",
        "severity": "高",
        field: value,
    }
    with pytest.raises(Misdeclared) as refused:
        enter(at, who(at, "an"), told)
    assert refused.value.issue.code == code
    with pytest.raises(Refused):
        enter(at, who(at, "xu"), told)
    with at.engine.connect() as connection:
        assert connection.scalar(select(risk_signal.c.id)) is None


def test_what_was_decided_comes_back_by_the_job_that_an_act_queues(
    at: Where, place: Place
) -> None:
    act(at, who(at, "an"), "FX1", "assess", WEIGHED)
    act(at, who(at, "bo"), "FX1", "record", Words("责令下架"))
    with at.engine.connect() as connection:
        (number,) = connection.scalars(
            select(job.c.id).where(job.c.kind == "risks", job.c.state == "queued")
        )
    work(place.site, place.engine, number)
    from hub.analysis import columns

    with at.engine.connect() as connection:
        rows = columns.scan(at.site, connection, at.catalogue.get(ASSESSMENT)).collect()
    first, second = rows.sort("signal_id").to_dicts()
    assert (first["state"], first["level"], first["action"]) == ("处置中", "高", "责令下架")
    assert first["rule"] == RULE.name
    assert first["same_product"] == ["FX2"]
    assert first["sources"] == ["quality_risk_signal:FX1", "quality_risk_signal:FX2"]
    assert (second["state"], second["level"]) == ("待评估", None)


def test_overdue_and_groups(at: Where, computed: Computed) -> None:
    day = date(2026, 11, 25)  # five days are given to assess what was reported as 高
    rows = showing.standing(at, day)
    assert rows["due_on"].unique().to_list() == [day]
    assert not rows["overdue"].any()
    late = showing.standing(at, day + timedelta(days=1))
    assert late["overdue"].all()
    (group,) = showing.groups(late)
    assert (group["count"], group["open"], group["signals"]) == (2, 2, ["FX1", "FX2"])
    assert computed("risks", ASSESSMENT, day)["overdue"].to_list() == [False, False]
    assert computed("risks", ASSESSMENT, day + timedelta(days=1))["_changed"][0] == 2


def test_suggestions_are_what_no_signal_is_about(at: Where) -> None:
    standard = at.catalogue.get("unqualified_product")
    told = [
        {"sample_no": "S1", "product_name": "电动车充电器", "item_name": "温升"},
        {"sample_no": "S2", "product_name": "儿童水杯", "item_name": "双酚A", "announced_on": "2026-01-01"},
        {"sample_no": "S3", "product_name": "儿童 水杯", "item_name": "邻苯二甲酸酯", "announced_on": "2026-02-01"},
    ]  # fmt: skip
    rows = pl.DataFrame(
        [{n: r.get(n) for n in standard.dtypes} for r in told], schema=standard.dtypes
    )
    known = showing.standing(at, date(2026, 11, 25))
    scan = lambda _name: rows.with_columns(_key=pl.col("sample_no")).lazy()  # noqa: E731
    (one,) = suggesting.suggestions(scan, suggesting.named_in(at.catalogue), known).to_dicts()
    assert (one["product"], one["count"], one["hazard"]) == ("儿童 水杯", 2, "邻苯二甲酸酯不合格")
    assert (one["dataset"], one["key"], one["sample_no"]) == ("unqualified_product", "S3", "S3")
    assert suggesting.suggestions(scan, {}, known).is_empty()
