"""Scores and classes, explained to the last record; what ends, ends on the very day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.codes import load_codes
from exchange_schemas.conditions import holds
from exchange_schemas.credit_rules import fields_of, packaged_rules
from hub.credit.contributions import parse
from hub.credit.facts import FACTS
from hub.credit.lifted import LIFTED
from hub.credit.scoring import active, scored
from hub.verify import verify
from tests.credit.city import (
    ABNORMAL,
    CLASS,
    DAY,
    MARKET,
    PENALTY,
    Place,
    company,
    complaint,
    compute,
    listed,
    penalty,
    put,
    result,
    said,
)

ALMOST, ON = -1, 0


def test_scores_and_what_they_rest_on(place: Place) -> None:
    put(place.engine, MARKET, [company(1), company(2), company(3, reg_state="注销")])
    put(place.engine, PENALTY, [penalty(1, 1)])
    put(place.engine, "complaint_report", [complaint(n, 1) for n in range(3)])
    compute(place)
    assert said(place, CLASS).height == 2  # who is no more in the market has no class
    good, one = result(place, 2), result(place, 1)
    assert (good["score"], good["credit_class"], good["contributions"]) == ("100.00", "A", None)
    # 12 off for the fine; 10 for a recent penalty and 3 × 2 for complaints: (88·55 + 100·15 + 84·30) / 100
    assert (one["integrity_score"], one["alert_score"], one["score"]) == (88, 84, "88.60")
    assert (one["credit_class"], one["version"], one["computed_on"]) == ("B", "2026.1", str(DAY))
    told = [parse(line) for line in one["contributions"]]
    assert sorted((c.indicator, c.dataset) for c in told) == [
        *[("complaint_accepted", "complaint_report")] * 3,
        ("penalty_fine", PENALTY),
        ("penalty_recent", PENALTY),
    ]
    (fine,) = [c for c in told if c.indicator == "penalty_fine"]
    assert (fine.points, fine.first_day, fine.last_day) == (12, "2026-10-08", "2029-10-08")
    assert fine.key == f"11440900000000019J|茂市监处罚〔2026〕1号|{one['subject']}"
    assert verify(place.site, place.engine).issues == []


def test_points_of_an_indicator_have_an_end_and_a_class_may_be_the_least(place: Place) -> None:
    put(place.engine, MARKET, [company(1), company(2)])
    put(place.engine, PENALTY, [penalty(n, 1) for n in range(9)])
    put(
        place.engine,
        "quality_blacklist",
        [
            {
                "entry_id": "Z1",
                "uscc": company(2)["uscc"],
                "level": "严重",
                "listed_on": "2026-05-01",
            }
        ],
    )
    compute(place)
    assert result(place, 1)["integrity_score"] == 100 - 60  # not 9 × 12
    assert result(place, 1)["alert_score"] == 100 - 40
    worst = result(place, 2)
    assert (worst["score"], worst["credit_class"]) == ("67.00", "D")  # a C by its score


def test_industry_and_area(place: Place) -> None:
    food = company(1, industry_code="1411", domicile_division="440902001")
    moved = company(2, industry_section=None, industry_code="6210", domicile_division="440923")
    put(place.engine, MARKET, [food, moved])
    compute(place)
    one, two = result(place, 1), result(place, 2)
    assert (one["industry_score"], one["region_score"]) == (60, 70)
    assert (two["industry_score"], two["region_score"]) == (85, 80)
    assert (one["division_code"], two["division_code"]) == ("440902", "440904")  # as it is today
    assert two["industry_section"] == "H"
    told = parse(one["contributions"][0])  # as long as the register says so
    assert (told.indicator, told.first_day, told.last_day) == ("industry_high", None, None)


CLOCKS: list[tuple[str, str, dict[str, Any], str]] = [
    (PENALTY, "three years after the decision", {"decided_on": "2023-11-30"}, "2026-12-01"),
    (PENALTY, "a year that ends on 29 February", {"decided_on": "2024-02-29"}, "2027-03-01"),
    (PENALTY, "public_until", {"public_until": "2026-11-30"}, "2026-12-01"),
    (ABNORMAL, "removed_on", {"removed_on": "2026-12-05"}, "2026-12-05"),
    (ABNORMAL, "public_until", {"public_until": "2026-12-05"}, "2026-12-06"),
    ("commercial_bribery_blacklist", "restrict_to", {"restrict_to": "2026-12-31"}, "2027-01-01"),
    ("commercial_bribery_blacklist", "removed_on", {"removed_on": "2026-12-31"}, "2026-12-31"),
    ("legal_rep_blacklist", "restrict_to", {"restrict_to": "2026-12-31"}, "2027-01-01"),
    ("unfair_competition_list", "watch_until", {"watch_until": "2026-12-31"}, "2027-01-01"),
    ("member_credit_record", "valid_to", {"valid_to": "2026-12-31"}, "2027-01-01"),
    ("food_operator_credit", "blacklist_until", {"blacklist_until": "2026-12-31"}, "2027-01-01"),
    ("ip_enforcement_case", "three years", {"closed_on": "2024-01-15"}, "2027-01-16"),
]  # fmt: skip
ENTRIES: dict[str, Any] = {
    PENALTY: lambda **more: penalty(1, 1, **more),
    ABNORMAL: lambda **more: listed(1, 1, **more),
}


def entry(dataset: str, **more: Any) -> dict[str, Any]:
    """A record of company 1 that counts."""
    if dataset in ENTRIES:
        found: dict[str, Any] = ENTRIES[dataset](**more)
        return found
    own = company(1)["uscc"]
    return {
        "commercial_bribery_blacklist": {"entry_id": "B", "uscc": own, "listed_on": "2026-01-01"},
        "legal_rep_blacklist": {"entry_id": "L", "source_entity_uscc": own, "restrict_from": "2026-01-01"},
        "unfair_competition_list": {"entry_id": "U", "uscc": own, "level": "一般", "listed_on": "2026-01-01"},
        "member_credit_record": {
            "org_uscc": "O", "member_uscc": own, "record_no": "1", "kind": "失信", "share_to_gov": True,
            "occurred_on": "2026-01-01",
        },
        "food_operator_credit": {
            "uscc": own, "stage": "餐饮", "blacklisted": True, "blacklisted_on": "2026-01-01",
        },
        "ip_enforcement_case": {
            "case_no": "I", "uscc": own, "case_state": "已结案", "result": "责令停止侵权", "filed_on": "2024-01-01",
        },
    }[dataset] | more  # fmt: skip


@pytest.mark.parametrize(("dataset", "words", "more", "free"), CLOCKS)
def test_what_ends_ends_on_the_very_day(
    place: Place, dataset: str, words: str, more: dict[str, Any], free: str
) -> None:
    """`free` is the first day on which the record no longer counts for lawfulness."""
    put(place.engine, MARKET, [company(1)])
    put(place.engine, dataset, [entry(dataset, **more)])
    day = date.fromisoformat(free)
    compute(place, day + timedelta(days=ALMOST))
    assert result(place, 1)["integrity_score"] < 100, words
    compute(place, day + timedelta(days=ON))
    assert result(place, 1)["integrity_score"] == 100, words
    assert result(place, 1)["computed_on"] == free


@pytest.mark.parametrize("status", ["撤销", "无效", "确认违法"])
def test_what_is_withdrawn_counts_no_more(place: Place, status: str) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, PENALTY, [penalty(1, 1)])
    compute(place)
    put(place.engine, PENALTY, [penalty(1, 1, status=status)])
    compute(place)
    assert result(place, 1)["contributions"] is None


def test_three_years_on_the_list(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, ABNORMAL, [listed(1, 1, listed_on="2023-12-01")])
    compute(place, date(2026, 12, 1))
    assert result(place, 1)["credit_class"] == "A"
    compute(place, date(2026, 12, 2))
    assert (result(place, 1)["credit_class"], result(place, 1)["integrity_score"]) == ("D", 45)


def test_an_unchanged_result_stays_as_it_is(place: Place) -> None:
    put(place.engine, MARKET, [company(n) for n in range(4)])
    put(place.engine, PENALTY, [penalty(1, 1)])
    compute(place)
    before = said(place, CLASS)
    later = compute(place, DAY + timedelta(days=1))
    assert later == {}  # nobody was computed anew
    assert said(place, CLASS).equals(before)
    put(place.engine, PENALTY, [penalty(2, 2)])
    counts = compute(place, DAY + timedelta(days=2))[CLASS]
    assert (counts["read"], counts["changed"]) == (1, 1)


def test_who_leaves_the_register_has_no_class(place: Place) -> None:
    put(place.engine, MARKET, [company(1), company(2)])
    compute(place)
    put(place.engine, MARKET, [company(1, reg_state="注销")], [company(2)])
    assert compute(place)[CLASS]["gone"] == 2
    assert said(place, CLASS).is_empty()


def test_every_kind_of_penalty_counts_against_integrity() -> None:
    """Of one penalty of each kind, one indicator of integrity says so."""
    fields = fields_of(load_catalogue().get("administrative_penalty"))
    wanted = ("penalty_grave", "penalty_fine", "penalty_light")
    rules = [one.when for one in packaged_rules().indicators if one.id in wanted]
    kinds = list(load_codes("penalty_kinds").codes)
    rows = pl.DataFrame(
        {"status": ["正常"] * len(kinds), "penalty_kinds": [[one] for one in kinds]}
    )
    counted = rows.select(pl.sum_horizontal(holds(one, fields).cast(pl.Int64) for one in rules))
    assert dict(zip(kinds, counted.to_series(), strict=True)) == dict.fromkeys(kinds, 1)


def test_several_registrations_of_a_subject_count_once() -> None:
    """Of each dimension the gravest one; records of other datasets count each."""
    rules = packaged_rules()
    place = {one.id: n for n, one in enumerate(rules.indicators)}
    names = [
        ("a", "industry_high"), ("b", "industry_high"), ("c", "industry_middle"), ("a", "region_coast"),
        ("b", "region_centre"), ("x", "penalty_fine"), ("y", "penalty_fine"),
    ]  # fmt: skip
    rows = [
        ("S", rules.indicators[place[name]].dataset, key, place[name], rules.indicators[place[name]].points, date(1900, 1, 1), None)
        for key, name in names
    ]  # fmt: skip
    facts = pl.DataFrame(rows, schema=FACTS, orient="row").lazy()
    now = active(rules, facts, pl.DataFrame(schema=LIFTED), DAY)
    (one,) = scored(rules, now).collect().to_dicts()
    assert (one["industry_score"], one["region_score"], one["integrity_score"]) == (60, 70, 76)
    assert len(one["contributions"]) == 4
