"""Statistics of finance: what is missing, late, doubtful, revised, and who may see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.finance_rules import CYCLES, load_finance_rules
from hub.analysis import columns
from hub.finance import licences, showing
from hub.finance.periods import PER_YEAR, end_of, last_due, with_names, with_periods
from hub.finance.reporting import late, missing
from hub.finance.series import FIELDS, as_series
from hub.finance.values import jumps, rates, sums, units
from publisher.view import view_frame, visible
from tests.hub.ledger_data import put
from tests.offices.conftest import Computed, Place
from tests.offices.finance_data import BANK, DATASET, a_value, months

CHECKS = "finance_check"
(RULE,) = load_finance_rules()
STANDARD = load_catalogue().get(DATASET)
DAY = date(2026, 7, 20)


def series(*records: dict[str, Any]) -> pl.DataFrame:
    schema = {name: STANDARD.dtypes[name] for name in FIELDS}
    frame = pl.DataFrame([{n: r.get(n) for n in FIELDS} for r in records], schema=schema)
    return as_series(
        frame.with_columns(_key=pl.concat_str("indicator_code", "period", "division_code"))
    )


@settings(deadline=None)
@given(st.sampled_from(CYCLES), st.integers(1990, 2090), st.integers(0, 11), st.integers(0, 20))
def test_periods_count_on_and_end_where_the_next_begins(
    cycle: str, year: int, part: int, days: int
) -> None:
    index = year * PER_YEAR[cycle] + part % PER_YEAR[cycle]
    frame = pl.DataFrame({"cycle": [cycle], "index": [index]})
    named = with_names(frame, dict.fromkeys(CYCLES, days))
    back = with_periods(named.select("period"))
    assert (back["cycle"][0], back["index"][0]) == (cycle, index)
    assert named["period_to"][0] == end_of(cycle, index)
    assert (named["due_on"][0] - named["period_to"][0]).days == days
    due = named["due_on"][0]
    assert last_due(cycle, due, days) == index - 1
    assert last_due(cycle, due + timedelta(days=1), days) == index


def test_what_was_reported_is_due_again() -> None:
    rows = series(*months("2026-01", "1", "2"), *months("2026-04", "4"))
    found = missing(rows, RULE, date(2026, 6, 15))
    assert found["period"].to_list() == ["2026-03"]  # May's term ends today
    found = missing(rows, RULE, date(2026, 6, 16))
    assert found.select("period", "due_on").rows() == [
        ("2026-03", "2026-04-15"),
        ("2026-05", "2026-06-15"),
    ]


def test_a_series_that_is_silent_for_long_is_discontinued() -> None:
    rows = series(*months("2020-01", "1"), *months("2020-03", "1"))
    assert missing(rows, RULE, DAY)["period"].to_list() == ["2020-02"]


def test_late_is_told_and_loaded_history_isn_t() -> None:
    rows = series(*months("2026-01", "1", "2", "3"))
    days = [date(2026, 3, 10), date(2026, 3, 10), date(2026, 4, 20)]
    reported = rows.select("_key", reported_on=pl.Series(days, dtype=pl.Date))
    found = late(rows, reported, RULE)
    assert found.select("period", "due_on", "reported_on").rows() == [
        ("2026-03", "2026-04-15", "2026-04-20")
    ]


def test_a_jump_beyond_what_is_usual() -> None:
    steady = [str(100 + n) for n in range(12)]
    assert jumps(series(*months("2025-01", *steady)), RULE).is_empty()
    found = jumps(series(*months("2025-01", *steady, "160")), RULE)
    assert found.select("period", "value", "before").rows() == [("2026-01", "160", "111")]
    wild = ["100", "140", "90", "150", "80", "145", "95", "150", "100", "145"]
    assert jumps(series(*months("2025-01", *wild)), RULE).is_empty()
    assert jumps(series(*months("2025-01", "1", "2", "900")), RULE).is_empty()  # too few to know


@settings(deadline=None, max_examples=40)
@given(st.floats(0.001, 10_000), st.lists(st.integers(50, 150), min_size=8, max_size=14))
def test_jumps_don_t_depend_on_the_unit(scale: float, values: list[int]) -> None:
    plain = jumps(series(*months("2025-01", *(f"{v:.4f}" for v in values))), RULE)
    scaled = jumps(
        series(*months("2025-01", *(f"{v * round(scale, 2) or v:.4f}" for v in values))), RULE
    )
    assert plain["period"].to_list() == scaled["period"].to_list()


def test_rates_are_compared_with_the_values() -> None:
    rows = months("2025-01", *(["100"] * 12), "108.64")
    assert [x.height for x in rates(series(*rows[:12], {**rows[12], "yoy_pct": "8.6"}), RULE)] == [
        0,
        0,
    ]
    yoy, mom = rates(series(*rows[:12], {**rows[12], "yoy_pct": "6.8", "mom_pct": "0.7"}), RULE)
    assert yoy.select("deviation", "expected", "before").rows() == [("6.8", "8.64", "100")]
    assert mom["expected"].to_list() == ["8.64"]


def test_another_unit_is_told_and_not_compared() -> None:
    rows = months("2025-01", *(["100"] * 9), "1000000")
    rows[-1]["unit"] = "万元"
    assert units(series(*rows))["note"].to_list() == ["亿元 → 万元"]
    assert jumps(series(*rows), RULE).is_empty()


def test_sums_are_checked_where_they_are_declared() -> None:
    totals = [
        {"indicator": "DK001", "parts": ["DK011", "DK012"]},
        {"indicator": "DK001", "division": "440900", "divisions": ["440902", "440981"]},
    ]
    rule = replace(RULE, totals=totals)
    rows = [
        a_value("2026-01", "10"), a_value("2026-01", "6", indicator_code="DK011"),
        a_value("2026-01", "5", indicator_code="DK012"), a_value("2026-01", "4", division_code="440902"),
        a_value("2026-01", "6", division_code="440981"), a_value("2026-02", "10"),
        a_value("2026-02", "6", indicator_code="DK011"),
    ]  # fmt: skip
    parts, divisions = sums(series(*rows), rule)
    assert parts.select("period", "value", "expected").rows() == [("2026-01", "10", "11.000000")]
    assert len(parts["records"][0]) == 3
    assert divisions.is_empty()


def test_a_site_declares_its_sums(place: Place) -> None:
    place.site.law.mkdir(exist_ok=True)
    text = (
        "- {id: finance-checks, version: own, due_days: {month: 1, quarter: 1, half: 1, year: 1}, limit: 5, "
        "least: 6, most: 24, floor_pct: 3, tolerance_pct: 1, tolerance: 0.1, forget_after: 12, basis: 自定, "
        "basis_en: own, source: hub, totals: [{indicator: DK001, parts: [DK011]}]}"
    )
    (place.site.law / "finance.yml").write_text(text, encoding="utf-8")
    (rule,) = load_finance_rules(place.site.law)
    assert rule.totals[0]["parts"] == ["DK011"]
    (place.site.law / "finance.yml").write_text(text.replace("parts", "part"), encoding="utf-8")
    with pytest.raises(Misdeclared, match="a total has indicator"):
        load_finance_rules(place.site.law)


def test_a_revision_has_before_and_after_and_its_run(place: Place, computed: Computed) -> None:
    put(
        place.engine,
        DATASET,
        [a_value("2026-05", "1283.2", preliminary=True), a_value("2026-06", "7")],
    )
    put(place.engine, DATASET, [a_value("2026-05", "1283.02"), a_value("2026-06", "7.00")])
    rows = computed("finance", CHECKS, DAY)
    (revised,) = rows.filter(pl.col("check") == "修订").to_dicts()
    told = (
        revised["period"],
        revised["before"],
        revised["value"],
        revised["run"],
        revised["note"],
    )
    assert told == ("2026-05", "1283.2", "1283.02", 2, "快报数更正")
    assert revised["changed_at"].endswith("Z")
    put(place.engine, DATASET, [a_value("2026-05", "1300")])
    again = computed("finance", CHECKS, DAY).filter(pl.col("check") == "修订").sort("revision")
    assert again["before"].to_list() == ["1283.2", "1283.02"]
    assert computed("finance", CHECKS, DAY)["_changed"][0] == 0


def test_nothing_of_it_is_public_and_levels_are_kept_apart() -> None:
    catalogue = load_catalogue()
    for name in (DATASET, CHECKS):
        standard = catalogue.get(name)
        assert not standard.public
        open_fields = set(standard.fields_for("industry"))
        assert open_fields <= {"source_unit", "source_unit_uscc"}  # of the block of provenance
    rows = pl.DataFrame({"confidential_level": ["公开", "内部", "敏感"]})
    assert showing.seen_by(rows, ["market_regulation"]).height == 1
    assert showing.seen_by(rows, ["market_regulation", "finance_work"]).height == 3


def test_institutions_are_public_with_the_state_of_their_licence() -> None:
    """Who lost the licence stays on the public list, marked; a rating never is on it."""
    standard = load_catalogue().get("finance_institution")
    gone = {"name": "某某小额贷款有限公司", "uscc": BANK, "kind": "小额贷款公司", "status": "吊销",
            "ended_on": "2025-01-01", "valid_to": "2024-12-31", "regulator": "茂名市金融工作局", "rating": "D"}  # fmt: skip
    frame = pl.DataFrame([{n: gone.get(n) for n in standard.dtypes}], schema=standard.dtypes)
    (shown,) = view_frame(standard, frame.filter(visible(standard, "public")), "public").to_dicts()
    assert (shown["status"], shown["ended_on"], shown["valid_to"]) == (
        "吊销",
        "2025-01-01",
        "2024-12-31",
    )
    assert "rating" not in shown


def test_a_licence_is_expired_from_the_day_after(place: Place, computed: Computed) -> None:
    told = {
        "kind": "融资担保公司",
        "regulator": "茂名市金融工作局",
        "issued_on": "2020-01-01",
        "name": "某某担保",
    }
    put(place.engine, "finance_institution", [
        {**told, "uscc": f"{BANK[:-1]}3", "status": "正常经营", "valid_to": "2026-07-20"},
        {**told, "uscc": f"{BANK[:-1]}4", "status": "正常经营"},
        {**told, "uscc": f"{BANK[:-1]}5", "status": "停业", "valid_to": "2026-01-01"},
        {**told, "uscc": f"{BANK[:-1]}6", "status": "吊销", "valid_to": "2026-01-01", "ended_on": "2025-03-01"},
    ])  # fmt: skip
    standard = load_catalogue().get("finance_licence_state")
    frame = place.catalogue.get("finance_institution").dtypes
    assert set(licences.FIELDS) <= set(frame)
    rows = [dict(one) for one in _states(place, DAY)]
    assert [one["state"] for one in rows] == ["有效", "有效", "已过期", "吊销"]
    assert [one["since"] for one in rows] == [
        "2020-01-01",
        "2020-01-01",
        "2026-01-02",
        "2025-03-01",
    ]
    assert _states(place, DAY + timedelta(days=1))[0]["state"] == "已过期"
    assert standard.public
    assert not {"rating", "sources"} & set(standard.fields_for("public"))


def _states(place: Place, day: date) -> list[dict[str, Any]]:
    with place.engine.connect() as connection:
        standard = place.catalogue.get("finance_institution")
        known = columns.scan(place.site, connection, standard).collect()
    return licences.states(known, day).sort("uscc").to_dicts()


def test_a_revision_is_as_confidential_as_the_strictest_of_its_words(
    place: Place, computed: Computed
) -> None:
    for value, level in (("100", "公开"), ("110", "公开"), ("110", "敏感")):
        put(place.engine, DATASET, [a_value("2026-05", value, confidential_level=level)])
    for value, level in (("1", "敏感"), ("2", "公开")):
        put(place.engine, DATASET, [a_value("2026-06", value, confidential_level=level)])
    found = computed("finance", CHECKS, DAY).filter(pl.col("check") == "修订")
    assert found["confidential_level"].to_list() == ["敏感", "敏感"]


def levels(*closed: int, count: int) -> list[str]:
    """Levels of values in a row, those at `closed` 敏感."""
    return ["敏感" if n in closed else "公开" for n in range(count)]


@pytest.mark.parametrize("closed", [2, 11, 12])
def test_a_jump_is_as_confidential_as_the_strictest_value_of_its_history(closed: int) -> None:
    rows = months("2025-01", *(str(100 + n) for n in range(12)), "160")
    for row, level in zip(rows, levels(closed, count=13), strict=True):
        row["confidential_level"] = level
    assert jumps(series(*rows), RULE)["confidential_level"].to_list() == ["敏感"]


def test_a_rate_and_a_unit_are_as_confidential_as_the_value_before() -> None:
    rows = months("2025-01", *(["100"] * 12), "108.64")
    rows[0]["confidential_level"], rows[11]["confidential_level"] = "敏感", "内部"
    rows[12] |= {"yoy_pct": "6.8", "mom_pct": "0.7"}
    yoy, mom = rates(series(*rows), RULE)
    assert yoy["confidential_level"].to_list() == ["敏感"]
    assert mom["confidential_level"].to_list() == ["内部"]
    rows[12]["unit"] = "万元"
    assert units(series(*rows))["confidential_level"].to_list() == ["内部"]


def test_a_sum_is_as_confidential_as_the_strictest_of_its_parts() -> None:
    rule = replace(RULE, totals=[{"indicator": "DK001", "parts": ["DK011", "DK012"]}])
    (found,) = sums(series(
        a_value("2026-01", "10"), a_value("2026-01", "6", indicator_code="DK011"),
        a_value("2026-01", "5", indicator_code="DK012", confidential_level="内部"),
    ), rule)  # fmt: skip
    assert found["confidential_level"].to_list() == ["内部"]


def test_two_ways_to_divide_a_total_are_two_findings(place: Place, computed: Computed) -> None:
    place.site.law.mkdir(exist_ok=True)
    many = [f"DK{n:03}" for n in range(100, 130)]
    ways = [["DK011"], ["DK012"], many, [*many[:-1], "DK999"]]
    totals = "".join(f"{{indicator: DK001, parts: [{', '.join(way)}]}}, " for way in ways)
    text = (
        "- {id: finance-checks, version: own, due_days: {month: 1, quarter: 1, half: 1, year: 1}, limit: 5, "
        "least: 6, most: 24, floor_pct: 3, tolerance_pct: 1, tolerance: 0.1, forget_after: 12, basis: 自定, "
        f"basis_en: own, source: hub, totals: [{totals}]}}"
    )
    (place.site.law / "finance.yml").write_text(text, encoding="utf-8")
    parts = {name for way in ways for name in way}
    put(place.engine, DATASET, [
        a_value("2026-06", "100"), *(a_value("2026-06", "1", indicator_code=name) for name in parts),
    ])  # fmt: skip
    found = computed("finance", CHECKS, date(2026, 7, 1)).filter(pl.col("check") == "分项不符")
    assert found.height == len(ways)
    assert "分项：DK011" in found["note"].to_list()
    assert found["check_id"].str.len_chars().max() <= 200


def test_what_was_told_in_two_units_is_two_lines() -> None:
    rows = months("2026-01", "1", "2", "30000", "40000")
    for row in rows[2:]:
        row["unit"] = "万元"
    found = showing.drawn(showing.values(series(*rows), "DK001", "440900", "month"))
    assert [(name, [value for _day, value in points]) for name, points in found] == [
        ("银行（万元）", [30000, 40000]), ("银行（亿元）", [1, 2]),
    ]  # fmt: skip
    (only,) = showing.drawn(showing.values(series(*rows[:2]), "DK001", "440900", "month"))
    assert only[0] == "银行"
