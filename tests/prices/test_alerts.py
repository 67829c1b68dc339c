"""From prices in the ledger to alerts in it, and what people decide on them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from exchange_schemas.days import today
from exchange_schemas.errors import HubError, Misdeclared, Refused
from hub import people
from hub.analysis import computing
from hub.analysis.analyses import find
from hub.current import current_fields
from hub.database import write
from hub.prices import compute as compute_of_prices
from hub.prices import showing
from hub.prices.decided import history
from hub.prices.deciding import decide
from hub.prices.tables import KEEP, RELEASE, price_decision
from hub.publishing import publish
from hub.review import Desk
from hub.tables import dataset
from hub.tables_of_review import disclosure
from hub.verify import verify
from publisher.release import current_release
from tests.analysis.conftest import Place
from tests.hub.ledger_data import put
from tests.prices.price_data import Price, calm, days_until, records
from tests.reviewing import appoint, desk_of, release

OFFICE = "development_reform"
NOW = today()
TEXT = "近期鲜猪肉价格上涨较快，请合理安排购买。"


def jumped(ago: int, until: int = -1, size: float = 0.3) -> Price:
    def price(day: date) -> float:
        return calm(day) * (1 + size if until < (NOW - day).days <= ago else 1)

    return price


def prices(place: Place, price: Price, until: date = NOW, **more: Any) -> None:
    put(place.engine, "price_monitoring", records(price, days_until(until, 300), **more))


def compute(place: Place, day: date = NOW) -> dict[str, int]:
    found = computing.compute(place.site, place.engine, [find("prices")], day=day)
    told = found["prices"]["price_alert"]
    assert told["rejected"] == 0
    return {name: told[name] for name in ("added", "changed", "unchanged", "gone")}


def alerts(place: Place) -> list[dict[str, Any]]:
    standard = place.catalogue.get("price_alert")
    with place.engine.connect() as connection:
        found = current_fields(connection, "price_alert", standard.dtypes)
    return found.sort("observed_on", "alert_no").rows(named=True)


def desk(place: Place, actor: str) -> Desk:
    with write(place.engine) as connection:
        people.grant(connection, actor, OFFICE, "approver", "tests")
    return desk_of(place.engine, "price_alert", actor, place.catalogue)


def test_an_alert_says_what_it_follows_from_and_stays_as_it_is(place: Place) -> None:
    prices(place, jumped(5))
    assert compute(place) == {"added": 1, "changed": 0, "unchanged": 0, "gone": 0}
    (one,) = alerts(place)
    told = {
        n: one[n]
        for n in ("item_name", "alert_level", "movement", "release_decision", "lifted_on")
    }
    assert told == {
        "item_name": "鲜猪肉", "alert_level": "黄", "movement": "突发性", "release_decision": "待定", "lifted_on": None,
    }  # fmt: skip
    assert one["observed_on"] == str(NOW - timedelta(days=4))
    assert 28 < float(one["change_pct"]) < 33
    assert len(one["observations"]) == 10
    assert all(key.startswith("030101|精瘦肉|") for key in one["observations"])
    assert "25%以上" in one["trigger_rule"] and "鲜猪肉" in one["analysis"]
    assert compute(place) == {"added": 0, "changed": 0, "unchanged": 1, "gone": 0}
    assert compute(place, NOW + timedelta(days=1))["changed"] == 0
    assert verify(place.site, place.engine).issues == []


def test_only_what_stands_and_is_new_is_issued(place: Place) -> None:
    prices(place, jumped(90, 60))
    prices(place, jumped(12, 8), point_code="JC2", point_name="河西市场")
    assert compute(place)["added"] == 0


def test_an_alert_is_lifted_and_not_before_it_was_issued(place: Place) -> None:
    prices(place, jumped(5, 2), until=NOW - timedelta(days=3))
    assert compute(place)["added"] == 1
    prices(place, jumped(5, 2))
    assert compute(place)["changed"] == 1
    (one,) = alerts(place)
    assert (one["lifted_on"], one["lift_reason"]) == (str(NOW), "价格回落")


def test_an_alert_whose_prices_were_wrong_is_lifted_and_not_forgotten(place: Place) -> None:
    prices(place, jumped(5))
    compute(place)
    prices(place, calm)
    assert compute(place) == {"added": 0, "changed": 1, "unchanged": 0, "gone": 0}
    assert alerts(place)[0]["lift_reason"] == "数据更正"


def test_a_series_that_ends_holds_no_alert_for_ever(place: Place) -> None:
    prices(place, jumped(5))
    compute(place)
    assert compute(place, NOW + timedelta(days=20))["changed"] == 0
    assert compute(place, NOW + timedelta(days=40))["changed"] == 1
    assert alerts(place)[0]["lift_reason"] == "已平稳"


def test_alerts_of_others_are_left_alone(place: Place) -> None:
    theirs = {
        "alert_no": "YJ1", "item_name": "鸡蛋", "alert_level": "蓝", "trigger_rule": "人工", "authority": "市发改局",
        "issued_at": f"{NOW}T08:00:00+08:00", "release_decision": "待定",
    }  # fmt: skip
    put(place.engine, "price_alert", [theirs])
    prices(place, jumped(5))
    assert compute(place) == {"added": 1, "changed": 0, "unchanged": 0, "gone": 0}
    assert {"YJ1"} < {one["alert_no"] for one in alerts(place)}


def test_until_it_is_decided_nobody_can_publish_it(place: Place) -> None:
    prices(place, jumped(5))
    compute(place)
    with place.engine.connect() as connection:
        mine = (
            disclosure.c.dataset_id
            == select(dataset.c.id).where(dataset.c.name == "price_alert").scalar_subquery()
        )
        assert list(connection.scalars(select(disclosure.c.state).where(mine))) == ["refused"]


def test_a_decision_leads_to_review_and_release(place: Place) -> None:
    prices(place, jumped(5))
    compute(place)
    number = alerts(place)[0]["alert_no"]
    decide(place.site, desk(place, "sun"), number, RELEASE, "涨幅明显", TEXT)
    (one,) = alerts(place)
    assert (one["release_decision"], one["released_on"], one["release_text"]) == (
        "发布",
        str(NOW),
        TEXT,
    )
    assert compute(place)["unchanged"] == 1
    appoint(place.engine, department=OFFICE)
    assert release(place.engine, "price_alert") == 1
    publish(place.site, place.engine, place.catalogue, "price_alert")
    made = current_release(place.site.releases, "price_alert")
    assert made is not None
    shown = (made.path / "records.jsonl").read_text(encoding="utf-8")
    assert TEXT in shown and "鲜猪肉" in shown
    for secret in (
        "观察",
        one["trigger_rule"],
        one["analysis"],
        one["release_reason"],
        "observations",
        one["score"] + '"',
    ):
        assert secret not in shown


def test_decisions_are_history(place: Place) -> None:
    prices(place, jumped(5))
    compute(place)
    number, at = alerts(place)[0]["alert_no"], desk(place, "sun")
    decide(place.site, at, number, RELEASE, "涨幅明显", TEXT)
    decide(place.site, at, number, KEEP, "货源已到位", None)
    (one,) = alerts(place)
    assert (one["release_decision"], one["released_on"], one["release_text"]) == (
        "不发布",
        None,
        None,
    )
    with place.engine.connect() as connection:
        assert [row["decision"] for row in history(connection, number)] == [KEEP, RELEASE]
    with pytest.raises(DBAPIError), write(place.engine) as connection:
        connection.execute(delete(price_decision))


def test_who_decides_at_the_same_time_decides_one_after_the_other(place: Place) -> None:
    prices(place, jumped(5))
    compute(place)
    number, desks = alerts(place)[0]["alert_no"], [desk(place, f"sun{n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        tried = [
            pool.submit(decide, place.site, at, number, RELEASE, "涨幅明显", TEXT) for at in desks
        ]
    assert sorted(one.result()["number"] for one in tried) == [1, 2, 3, 4]


def test_what_a_decision_is_refused_for(place: Place) -> None:
    prices(place, jumped(5))
    compute(place)
    number, at = alerts(place)[0]["alert_no"], desk(place, "sun")

    def refused(code: str, kind: type[HubError], desk: Desk, *words: Any) -> None:
        with pytest.raises(kind) as caught:
            decide(place.site, desk, *words)
        assert caught.value.issue.code == code

    refused("price_alert_unknown", Misdeclared, at, "JG0", KEEP, "无", None)
    for words in (
        (RELEASE, "涨", " "),
        (RELEASE, "", TEXT),
        ("也许", "涨", TEXT),
        (KEEP, "字" * 1001, None),
    ):
        refused("price_decision_words", Misdeclared, at, number, *words)
    with write(place.engine) as connection:
        people.grant(connection, "wu", "health", "approver", "tests")
    refused(
        "role_missing",
        Refused,
        desk_of(place.engine, "price_alert", "wu"),
        number,
        KEEP,
        "无",
        None,
    )
    prices(place, calm)
    compute(place)
    refused("price_alert_lifted", Refused, at, number, RELEASE, "涨幅明显", TEXT)
    decide(place.site, at, number, KEEP, "已经解除", None)
    assert alerts(place)[0]["release_decision"] == KEEP


def test_other_rules_take_nothing_back_that_was_issued(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices(place, jumped(5))
    compute(place)
    found = compute_of_prices.detect

    def blind(known: Any, rules: Any) -> Any:
        told = found(known, rules)
        return replace(told, signals=told.signals.clear(), alerts=told.alerts.clear())

    monkeypatch.setattr(compute_of_prices, "detect", blind)
    assert compute(place)["changed"] == 0
    assert alerts(place)[0]["lifted_on"] is None
    assert compute(place, NOW + timedelta(days=40))["changed"] == 1
    assert alerts(place)[0]["lift_reason"] == "已平稳"


def test_a_price_of_a_day_to_come_is_no_latest_price(place: Place) -> None:
    prices(place, calm)
    put(place.engine, "price_monitoring", records(lambda _: 99.0, [NOW + timedelta(days=300)]))
    with place.engine.connect() as connection:
        told = showing.overview(place.site, connection, place.catalogue)
    assert told["day"].to_list() == [NOW]
