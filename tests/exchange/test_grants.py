"""The life of a grant: share types, who decides, deadlines in working days, what it may not say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.errors import HubError
from exchange_schemas.standard import Standard
from hub import people
from hub.consumers.consumer import Consumer, consumer_named
from hub.consumers.events import events_of
from hub.database import connect, create_tables, write
from hub.grants.book import listing
from hub.grants.grant import Grant, grant_of, grants_of
from hub.grants.granting import Verdict, apply_for, decide, revoke_grant
from hub.grants.sharing import Way, owner_on, way_of
from hub.grants.tables import consumer_grant
from hub.grants.terms import Terms, checked, key_fields
from tests.exchange.access_hub import CATALOGUE, registered
from tests.hub.ledger_data import MARKET, PENALTY, made

COMPLAINT, PRICES = "complaint_report", "price_monitoring"
OWNER = "government_services_data"
DAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
TERMS = Terms(COMPLAINT, "government", "效能监察", "监察法 第十八条", DAY.isoformat())


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


@pytest.fixture(autouse=True)
def _day() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def asked(engine: Engine, who: Consumer, terms: Terms = TERMS, **more: Any) -> int:
    with write(engine) as connection:
        return apply_for(connection, CATALOGUE, who, terms, "operator", **more)


def decided(
    engine: Engine, number: int, verdict: Verdict, catalogue: Catalogue = CATALOGUE
) -> None:
    with write(engine) as connection:
        decide(connection, catalogue, number, verdict)


def approver(engine: Engine, name: str = "li", department: str = OWNER) -> None:
    with write(engine) as connection:
        people.grant(connection, name, department, "approver", "operator")


def living(engine: Engine, who: Consumer, dataset: str, day: date = DAY) -> Grant | None:
    with engine.connect() as connection:
        return grant_of(connection, who, dataset, day)


def shown(engine: Engine, day: date = DAY, **more: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return listing(connection, CATALOGUE, day, **more)


def refusal(code: str, act: Any, *words: Any, **more: Any) -> None:
    with pytest.raises(HubError) as error:
        act(*words, **more)
    assert error.value.issue.code == code


def test_of_two_that_apply_at_once_the_second_is_told_to_wait(engine: Engine) -> None:
    who, _ = registered(engine)
    with ThreadPoolExecutor(1) as pool:
        with write(engine) as connection:
            first = apply_for(connection, CATALOGUE, who, TERMS, "operator")
            second = pool.submit(asked, engine, who)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        with pytest.raises(HubError) as error:
            second.result(timeout=30)
    assert (error.value.issue.code, error.value.issue.value) == ("grant_waiting", str(first))


def test_what_is_shared_without_conditions_is_granted_at_once(engine: Engine) -> None:
    who, _ = registered(engine, "省平台", MARKET)
    assert way_of(CATALOGUE.get(PRICES), "government") is Way.AT_ONCE
    asked(engine, who, replace(TERMS, dataset=PRICES))
    found = living(engine, who, PRICES)
    assert found is not None
    assert (found.purpose, found.legal_basis) == ("效能监察", "监察法 第十八条")
    # … but what a consumer asks for by itself waits for a person
    other, _ = registered(engine, "另一平台", MARKET)
    number = asked(engine, other, replace(TERMS, dataset=PRICES), by_operator=False)
    assert living(engine, other, PRICES) is None
    decided(engine, number, Verdict(True, "operator"))
    assert living(engine, other, PRICES) is not None


def test_the_owning_department_decides_on_conditions(engine: Engine) -> None:
    who, _ = registered(engine)
    approver(engine, "zhao", "market_regulation")  # another department's
    approver(engine)
    with write(engine) as connection:
        people.grant(connection, "sun", OWNER, "reviewer", "operator")
    number = asked(engine, who)
    assert living(engine, who, COMPLAINT) is None
    for actor in ("zhao", "sun", "nobody", "operator", "省平台"):
        refusal("role_missing", decided, engine, number, Verdict(True, actor))
    assert living(engine, who, COMPLAINT) is None
    decided(engine, number, Verdict(True, "li", "职责所需"))
    found = living(engine, who, COMPLAINT)
    assert found is not None and found.id == number
    refusal("grant_state", decided, engine, number, Verdict(False, "li", "x", "y"))
    with engine.connect() as connection:
        steps = events_of(connection, grant_id=number)
    assert [(s["act"], s["actor"], s["reason"]) for s in steps] == [
        ("apply", "operator", None),
        ("grant", "li", "职责所需"),
    ]
    assert steps[0]["details"]["purpose"] == "效能监察"


def test_a_refusal_says_why_and_by_which_law(engine: Engine) -> None:
    who, _ = registered(engine)
    approver(engine)
    number = asked(engine, who)
    for reason, ground in ((None, None), ("与职责无关", None), (None, "条例"), ("", "条例")):
        verdict = Verdict(False, "li", reason, ground)
        refusal("grant_ground_missing", decided, engine, number, verdict)
    decided(engine, number, Verdict(False, "li", "与职责无关", "政务数据共享条例"))
    (row,) = shown(engine, states=("refused",))
    assert (row["reason"], row["decision_basis"], row["decided_by"]) == (
        "与职责无关", "政务数据共享条例", "li",
    )  # fmt: skip
    assert living(engine, who, COMPLAINT) is None
    asked(engine, who)  # and may be asked for again


def test_answers_are_owed_in_working_days_and_late_ones_show(engine: Engine) -> None:
    who, _ = registered(engine)
    number = asked(engine, who)
    (row,) = shown(engine, department=OWNER)
    # Monday 23 November 2026: two working days to look, five to answer.
    assert (row["review_by"], row["decide_by"]) == ("2026-11-25", "2026-11-30")
    assert row["standing"] == "applied"
    (late,) = shown(engine, date(2026, 12, 1), states=("overdue",))
    assert late["id"] == number
    assert not shown(engine, date(2026, 11, 30), states=("overdue",))
    approver(engine)
    decided(engine, number, Verdict(True, "li"))
    assert not shown(engine, date(2026, 12, 1), states=("overdue",))


def test_the_site_s_own_days_count(engine: Engine, tmp_path: Any) -> None:
    (tmp_path / "settings.yml").write_text("grant_review_days: 1\ngrant_answer_days: 10\n")
    own = load_catalogue(own_law=tmp_path)
    who, _ = registered(engine)
    with write(engine) as connection:
        apply_for(connection, own, who, TERMS, "operator")
    (row,) = shown(engine, states=("applied",))
    assert (row["review_by"], row["decide_by"]) == ("2026-11-24", "2026-12-07")
    (tmp_path / "settings.yml").write_text("grant_answer_days: -1\n")
    refusal("law_invalid", load_catalogue(own_law=tmp_path).law)


def test_a_grant_lives_on_its_days_only(engine: Engine) -> None:
    who, _ = registered(engine, "省平台", MARKET)
    asked(
        engine,
        who,
        replace(TERMS, dataset=PRICES, valid_from="2026-12-01", valid_until="2026-12-31"),
    )
    days = {"2026-11-30": False, "2026-12-01": True, "2026-12-31": True, "2027-01-01": False}
    for day, alive in days.items():
        assert (living(engine, who, PRICES, date.fromisoformat(day)) is not None) == alive
    assert [r["standing"] for r in shown(engine) if r["dataset"] == PRICES] == ["coming"]
    later = shown(engine, date(2027, 1, 1))
    assert [r["standing"] for r in later if r["dataset"] == PRICES] == ["ended"]


def test_a_new_grant_takes_the_old_one_s_place_at_once_or_not_at_all(engine: Engine) -> None:
    who, _ = registered(engine, "省平台", PRICES)
    old = living(engine, who, PRICES)
    assert old is not None
    later = replace(TERMS, dataset=PRICES, valid_from="2026-12-01")
    refusal("grant_later", asked, engine, who, later)
    assert living(engine, who, PRICES) == old
    number = asked(engine, who, replace(TERMS, dataset=PRICES, fields=("current_price",)))
    new = living(engine, who, PRICES)
    assert new is not None and new.id == number
    (before,) = [row for row in shown(engine) if row["id"] == old.id]
    assert (before["standing"], before["reason"]) == ("revoked", f"→ {number}")


def test_a_second_application_waits_for_the_first(engine: Engine) -> None:
    who, _ = registered(engine)
    asked(engine, who)
    refusal("grant_waiting", asked, engine, who)


def test_the_database_holds_one_living_grant_of_a_dataset(engine: Engine) -> None:
    registered(engine, "省平台", MARKET)
    with engine.connect() as connection:
        row = dict(connection.execute(select(consumer_grant)).mappings().one())
    del row["id"]
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(consumer_grant.insert().values(row))


def test_revoking_needs_a_reason_and_the_owner(engine: Engine) -> None:
    who, _ = registered(engine)
    approver(engine)
    number = asked(engine, who)
    decided(engine, number, Verdict(True, "li"))

    def end(actor: str, reason: str) -> None:
        with write(engine) as connection:
            revoke_grant(connection, CATALOGUE, number, actor, reason)

    refusal("role_missing", end, "operator", "x")
    refusal("grant_ground_missing", end, "li", " ")
    end("li", "事项已办结")
    assert living(engine, who, COMPLAINT) is None
    refusal("grant_state", end, "li", "x")
    for wrong in (0, -1, 10**12, 999):
        with write(engine) as connection:
            refusal("grant_unknown", revoke_grant, connection, CATALOGUE, wrong, "li", "x")


def test_an_application_for_a_time_that_is_past_isn_t_granted(engine: Engine) -> None:
    who, _ = registered(engine)
    approver(engine)
    number = asked(engine, who, replace(TERMS, valid_until="2026-11-24"))
    with time_machine.travel(datetime(2026, 11, 26, tzinfo=UTC), tick=False):
        refusal("grant_over", decided, engine, number, Verdict(True, "li"))


# --- what may be asked for -----------------------------------------------------------------------


def secret_standard(public: bool) -> Standard:
    return replace(CATALOGUE.get(MARKET), share_type="none", public=public)


def test_what_isn_t_shared_is_granted_to_nobody_but_what_is_public_is() -> None:
    for audience in ("government", "industry"):
        refusal("not_shared", way_of, secret_standard(public=True), audience)
    assert way_of(secret_standard(public=True), "public") is Way.AT_ONCE
    refusal("not_public", way_of, secret_standard(public=False), "public")
    assert way_of(CATALOGUE.get("price_alert"), "public") is Way.AT_ONCE  # conditional otherwise
    refusal("not_public", way_of, CATALOGUE.get(COMPLAINT), "public")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"dataset": "nothing"}, "dataset_unknown"),
        ({"audience": "sealed"}, "audience_unknown"),
        ({"audience": "public"}, "not_public"),
        ({"purpose": " "}, "grant_text_missing"),
        ({"legal_basis": ""}, "grant_text_missing"),
        ({"purpose": "x" * 2_001}, "grant_number_wrong"),
        ({"valid_from": "2026-13-01"}, "grant_day_wrong"),
        ({"valid_from": "20261201"}, "grant_day_wrong"),
        ({"valid_until": "2026-11-22"}, "grant_day_wrong"),
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "grant_day_wrong"),
        ({"rate": 0}, "grant_number_wrong"),
        ({"rate": 10**9}, "grant_number_wrong"),
        ({"receipts_within_hours": -1}, "grant_number_wrong"),
        ({"fields": ("nothing",)}, "field_unknown"),
        ({"fields": ("reporter_name",), "audience": "industry"}, "grant_field_hidden"),
        ({"association": "51440900MJ0001010D"}, "association_needless"),
        ({"dataset": "member_credit_record", "audience": "industry"}, "association_missing"),
    ],
)
def test_what_cannot_be_asked_for_is_said(more: dict[str, Any], code: str) -> None:
    refusal(code, checked, CATALOGUE, replace(TERMS, **more), DAY)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_the_fields_are_always_some_that_the_audience_sees_and_the_key_s(data: Any) -> None:
    name = data.draw(st.sampled_from([MARKET, PENALTY, PRICES, COMPLAINT]))
    audience = data.draw(st.sampled_from(["government", "industry"]))
    standard = CATALOGUE.get(name)
    seen = list(standard.fields_for(audience))
    chosen = tuple(data.draw(st.lists(st.sampled_from(seen), min_size=1, unique=True)))
    terms = replace(TERMS, dataset=name, audience=audience, fields=chosen)
    found = checked(CATALOGUE, terms, DAY).fields
    assert found is not None
    assert set(found) == {*chosen, *key_fields(standard, audience)} <= set(seen)
    assert list(found) == [field for field in seen if field in found]


def test_the_owner_is_the_one_of_the_day() -> None:
    standard = CATALOGUE.get(MARKET)
    assert owner_on(standard, date(2018, 12, 31)) == "industry_commerce"
    assert owner_on(standard, date(2019, 1, 1)) == "market_regulation"
    assert all(owner_on(CATALOGUE.get(n), DAY) for n in CATALOGUE.datasets())


class Step:
    """Acts of a random life."""

    ALL = ("apply", "grant", "refuse", "revoke", "operator", "later")


@given(st.lists(st.sampled_from(Step.ALL), max_size=25))
@settings(max_examples=15, deadline=None)
def test_no_order_of_steps_leaves_two_grants_or_a_step_untold(steps: list[str]) -> None:
    engine = connect("sqlite://")
    create_tables(engine)
    who, _ = registered(engine, "省平台", MARKET)
    approver(engine)
    done = 0
    for step in steps:
        with engine.connect() as connection:
            newest = connection.scalar(
                select(consumer_grant.c.id).order_by(consumer_grant.c.id.desc()).limit(1)
            )
        try:
            _do(engine, who, step, int(newest or 0))
            done += 1
        except HubError:
            continue
    with engine.connect() as connection:
        mine = [g for g in grants_of(connection, who, DAY) if g.dataset == COMPLAINT]
        steps_told = len(events_of(connection, who.id))
        again = consumer_named(connection, "省平台").datasets
    assert len(mine) <= 1
    assert (COMPLAINT in again) == bool(mine)
    replaced = sum(row["reason"] is not None and "→" in row["reason"] for row in shown(engine))
    assert steps_told == 3 + done + replaced  # register, key and grant at first
    engine.dispose()


def _do(engine: Engine, who: Consumer, step: str, newest: int) -> None:
    if step in ("apply", "later"):
        day = "2026-12-24" if step == "later" else DAY.isoformat()
        asked(engine, who, replace(TERMS, valid_from=day))
    elif step == "revoke":
        with write(engine) as connection:
            revoke_grant(connection, CATALOGUE, newest, "li", "x")
    else:
        actor = "operator" if step == "operator" else "li"
        decided(engine, newest, Verdict(step != "refuse", actor, "x", "y"))
