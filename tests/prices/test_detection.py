"""What is told as an alert, and what isn't; on invented prices whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Misdeclared
from exchange_schemas.price_rules import LEVELS, load_price_rules, rules_on
from hub.prices.detection import detect
from hub.prices.series import EVERY_POINT, begin_of, series_of, step_of
from tests.prices.price_data import LAST, Price, calm, days_until, frame, records, seasonal

RULES = rules_on(LAST)
YEAR = days_until(LAST, 365)
JUMPED = LAST - timedelta(days=20)


def found(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    known = series_of(frame(rows).drop("_key"), RULES)
    told = detect(known, RULES).alerts
    return told.join(known.about.select("series", "point"), on="series", maintain_order="left")


def of(price: Price, days: Sequence[date] = YEAR, **more: Any) -> pl.DataFrame:
    return found(records(price, days, **more))


def stepped(size: float, since: date = JUMPED, until: date = LAST) -> Price:
    return lambda day: calm(day) * (1 + size if since <= day <= until else 1)


def test_a_calm_price_has_no_alert() -> None:
    assert of(calm).is_empty()


@pytest.mark.parametrize(
    ("size", "level"),
    [(0.18, "蓝"), (0.30, "黄"), (0.45, "橙"), (0.70, "红"), (-0.22, "黄"), (-0.45, "红")],
)
def test_a_jump_has_the_level_of_its_size(size: float, level: str) -> None:
    told = of(stepped(size))
    assert told.select("kind", "level").rows() == [("突发性", level)]
    first = told.row(0, named=True)
    assert first["observed_on"] - JUMPED == timedelta(days=1)  # the second report says it too
    assert abs(first["reference"] - 20) < 0.5
    assert (first["change"] > 0) == (size > 0)
    assert first["lifted_on"] is None


def test_a_small_move_and_a_single_wild_report_are_no_alerts() -> None:
    assert of(stepped(0.08)).is_empty()
    assert of(stepped(0.9, JUMPED, JUMPED)).is_empty()


def test_an_alert_is_lifted_when_the_price_is_back() -> None:
    back = JUMPED + timedelta(days=9)
    told = of(stepped(0.3, JUMPED, back)).row(0, named=True)
    assert told["why_lifted"] == "back"
    assert told["lifted_on"] - back == timedelta(days=2)


def test_the_way_back_is_no_alert_of_its_own() -> None:
    for length in range(2, 12):
        told = of(stepped(0.3, JUMPED, JUMPED + timedelta(days=length)))
        assert (told["change"] > 0).all()


def test_a_level_shift_becomes_the_usual_price() -> None:
    told = of(stepped(0.3, LAST - timedelta(days=120)))
    assert told.select("why_lifted").rows() == [("quiet",)]


def test_a_slow_trend_is_told_though_no_day_jumps() -> None:
    begin = LAST - timedelta(days=45)
    told = of(lambda day: calm(day) * 1.011 ** max((day - begin).days, 0))
    assert set(told["kind"]) & {"倾向性", "苗头性"}
    assert "突发性" not in told["kind"][0]
    levels = [LEVELS.index(level) for level in told["level"]]
    assert levels == sorted(set(levels))  # each level once, higher and higher
    assert told["earlier"].to_list()[1:] == told["alert_no"].to_list()[:-1]
    assert told["why_lifted"].to_list()[:-1] == ["raised"] * (told.height - 1)


def test_what_every_year_does_is_no_alert_once_it_is_known() -> None:
    days = days_until(LAST, 4 * 365)
    told = of(seasonal, days)
    assert told.filter(pl.col("observed_on") > LAST - timedelta(days=2 * 365)).is_empty()


def test_little_history_says_nothing() -> None:
    assert of(stepped(0.6), days_until(LAST, 45)).is_empty()


def test_days_without_a_report_and_a_pause_of_a_season() -> None:
    weekdays = [day for day in YEAR if day.weekday() < 5 and (day.month, day.day) > (1, 7)]
    told = of(stepped(0.3), weekdays)
    assert told["level"].to_list() == ["黄"]
    away = [day for day in YEAR if not 120 < (LAST - day).days < 220]
    assert of(calm, away).is_empty()


def test_weekly_prices() -> None:
    weeks = days_until(LAST, 120, 7)
    assert of(calm, weeks, period="周").is_empty()
    assert of(stepped(0.45), weeks, period="周")["level"].to_list() == ["橙"]


def test_the_item_over_all_points_speaks_for_its_points() -> None:
    rows = [
        row
        for n in range(4)
        for row in records(stepped(0.3), YEAR, point_code=f"JC{n}", point_name=f"市场{n}")
    ]
    told = found(rows)
    assert told["point"].to_list() == [EVERY_POINT]
    one = [row for n in range(3) for row in records(calm, YEAR, point_code=f"JC{n}")]
    alone = found([*one, *records(stepped(0.3), YEAR, point_code="JC9")])
    assert alone["point"].to_list() == ["JC9"]


def test_points_that_report_on_other_days_of_a_week_are_one_movement() -> None:
    """The item speaks for them on each day, and its alert keeps its number."""
    weeks = days_until(LAST, 120, 7)
    rows = [
        row
        for n, later in enumerate((0, 0, 2))
        for row in records(
            lambda day, later=later: stepped(0.6)(day - timedelta(days=later)),
            [day + timedelta(days=later) for day in weeks],
            point_code=f"JC{n}", point_name=f"市场{n}", period="周",
        )
    ]  # fmt: skip
    alone = found([row for row in rows if row["point_code"] != "JC2"])
    told = found(rows)
    assert told["point"].to_list() == alone["point"].to_list() == [EVERY_POINT]
    assert told["alert_no"].to_list() == alone["alert_no"].to_list()


def test_a_silent_point_moves_nothing() -> None:
    cheap = records(lambda day: calm(day) / 2, YEAR[:-2], point_code="JC1")
    dear = records(calm, YEAR, point_code="JC2")
    assert found([*cheap, *dear]).is_empty()


def test_prices_that_contradict_themselves_are_left_out() -> None:
    wrong = {
        "current_price": None,
        "lowest_price": "30.5",
        "average_price": "17.5",
        "highest_price": "4.5",
    }
    rows = records(calm, YEAR[:3])
    assert (
        frame([{**rows[0], **wrong}, {**rows[1], "quality_flag": "待核实"}, rows[2]]).height == 1
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-0.2, 0.2), min_size=200, max_size=200), st.integers(100, 199))
def test_no_alert_looks_ahead(moves: list[float], cut: int) -> None:
    """What is told until a day is the same whether or not later prices are known."""
    days = days_until(LAST, 200)
    price = {day: 20 * 2.718281828 ** (sum(moves[: n + 1]) / 3) for n, day in enumerate(days)}
    whole, part = of(price.get, days), of(price.get, days[: cut + 1])
    until = whole.filter(pl.col("observed_on") <= days[cut])
    same = ["alert_no", "observed_on", "kind", "level", "price", "score", "known"]
    assert until.select(same).equals(part.select(same))


@given(st.dates(date(2000, 1, 3), date(2040, 1, 1)), st.sampled_from(["日", "周", "旬", "月"]))
def test_steps_follow_each_other(day: date, period: str) -> None:
    told = pl.DataFrame({"day": [day, day + timedelta(days=1)], "period": period})
    first, second = told.select(t=step_of("period", "day"))["t"]
    assert second - first in (0, 1)
    begin = begin_of(period, first)
    assert begin <= day and (begin_of(period, second) == begin or begin_of(period, second) > day)


def test_rules_are_dated_and_whole(tmp_path: Any) -> None:
    (one,) = load_price_rules()
    assert rules_on(date(2030, 1, 1)) == rules_on(date(2000, 1, 1)) == one
    text = (tmp_path / "price_alerts.yml").write_text
    for wrong in ("- {}", "[]", "- version: 1\n  version: 2", "no: list"):
        text(wrong, encoding="utf-8")
        with pytest.raises(Misdeclared) as caught:
            load_price_rules(tmp_path)
        assert caught.value.issue.code == "price_rules_invalid"
