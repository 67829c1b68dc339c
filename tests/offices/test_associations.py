"""Associations: grades of the day, numbers only for the public, and what each tier sees of a member's credit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from hub.associations import showing
from hub.associations.overview import MECHANISMS
from publisher.view import view_frame, visible
from tests.hub.ledger_data import put
from tests.offices.conftest import DAY, Computed, Place

ASSOCIATION, CREDIT, BLACKLIST = (
    "industry_association",
    "member_credit_record",
    "industry_blacklist",
)
OVERVIEW = "association_overview"
OWN, OTHER = "51440900MJ0001010D", "51440900MJ0001029A"
MEMBER = "91440902MA00000K01"
CATALOGUE = load_catalogue()


def an_association(uscc: str, **more: Any) -> dict[str, Any]:
    return {
        "uscc": uscc, "name": f"协会{uscc[-4:]}", "industry": "食品", "level": "市级",
        "registration_authority": "茂名市民政局", "status": "正常", "assessment_grade": "5A",
        "assessment_valid_to": "2027-12-31", "has_website": True, "website": "https://x.example.org.cn",
        "member_count": 18, **dict.fromkeys(MECHANISMS, True), **more,
    }  # fmt: skip


def a_record(org: str, number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "org_uscc": org, "member_uscc": MEMBER, "member_name": "某某商行", "record_no": f"2026-{number:03}",
        "kind": kind, "content": "以次充好", "occurred_on": "2026-01-05", "basis": "自律公约",
        "share_to_gov": True, **more,
    }  # fmt: skip


def an_entry(org: str, number: int, level: str, **more: Any) -> dict[str, Any]:
    return {
        "entry_id": f"HM{number}", "subject_name": "某某商行", "subject_type": "legal_or_unincorporated",
        "org_uscc": org, "org_name": "协会", "level": level, "conduct": "以次充好", "sanction": "警告",
        "reason_text": "以次充好", "listed_on": "2026-01-05", "list_authority": "协会", **more,
    }  # fmt: skip


def filled(place: Place) -> None:
    put(place.engine, ASSOCIATION, [
        an_association(OWN), an_association(OTHER, assessment_valid_to="2026-11-30", has_sanction_rules=False),
    ])  # fmt: skip
    put(place.engine, CREDIT, [
        a_record(OWN, 1, "失信"), a_record(OWN, 2, "惩戒", share_to_gov=False), a_record(OWN, 3, "守信"),
        a_record(OWN, 4, "失信", valid_to="2026-11-29"), a_record(OTHER, 5, "奖励", share_to_gov=False),
    ])  # fmt: skip
    put(place.engine, BLACKLIST, [
        an_entry(OWN, 1, "严重"), an_entry(OWN, 2, "一般"), an_entry(OWN, 3, "严重", removed_on="2026-11-01"),
    ])  # fmt: skip


def test_numbers_of_the_day(place: Place, computed: Computed) -> None:
    filled(place)
    own, other = computed("associations", OVERVIEW).sort("uscc").to_dicts()
    told = (
        "credited_members",
        "bad_records",
        "shared_records",
        "unshared_bad",
        "blacklisted_members",
        "general_entries",
    )
    assert [own[name] for name in told] == [1, 2, 2, 1, 1, 1]
    assert [other[name] for name in told] == [1, 0, 0, 0, 0, 0]
    assert (own["grade"], own["mechanisms"], own["mechanisms_missing"]) == ("5A", 6, None)
    assert (other["grade"], other["mechanisms"], other["mechanisms_missing"]) == (
        "5A",
        5,
        ["奖励惩戒"],
    )
    assert f"member_credit_record:{OWN}|{MEMBER}|2026-001" in own["sources"]
    assert (
        f"member_credit_record:{OWN}|{MEMBER}|2026-004" not in own["sources"]
    )  # its term is over


def test_an_expired_grade_is_none_from_the_day_after(place: Place, computed: Computed) -> None:
    filled(place)
    computed("associations", OVERVIEW)
    rows = computed("associations", OVERVIEW, DAY + timedelta(days=1)).sort("uscc")
    assert rows["grade"].to_list() == ["5A", "无"]
    assert rows["_changed"][0] == 1
    assert showing.by_grade(rows) == [("5A", 1), ("无", 1)]
    assert showing.totals(rows)["graded"] == 1
    assert computed("associations", OVERVIEW, DAY + timedelta(days=2))["_changed"][0] == 0


def seen(
    name: str, records: list[dict[str, Any]], audience: str, association: str | None = None
) -> list[dict[str, Any]]:
    standard = CATALOGUE.get(name)
    frame = pl.DataFrame(
        [{n: r.get(n) for n in standard.dtypes} for r in records], schema=standard.dtypes
    )
    shown = frame.filter(visible(standard, audience, association))
    return view_frame(standard, shown, audience, association).to_dicts()


def test_the_three_tiers_of_a_members_credit() -> None:
    """Own association: all but what is the government's; another one: nothing; the government: all, with the
    word on whether it is passed on; the public: the dataset is never published."""
    records = [a_record(OWN, 1, "失信", objection="不服"), a_record(OTHER, 2, "失信")]
    assert not CATALOGUE.get(CREDIT).public
    (own,) = seen(CREDIT, records, "industry", OWN)
    assert (own["kind"], own["content"]) == ("失信", "以次充好")
    assert not {"share_to_gov", "objection"} & set(own)
    assert seen(CREDIT, records, "industry", None) == []
    government = seen(CREDIT, records, "government")
    assert [one["share_to_gov"] for one in government] == [True, True]
    assert government[0]["objection"] == "不服"
    bad = [one for one in government if one["kind"] in ("失信", "惩戒") and one["share_to_gov"]]
    assert {one["member_uscc"] for one in bad} == {
        MEMBER
    }  # what the government's credit system counts


def test_only_serious_entries_are_public() -> None:
    entries = [an_entry(OWN, 1, "严重"), an_entry(OWN, 2, "一般"), an_entry(OTHER, 3, "一般")]
    assert [one["entry_id"] for one in seen(BLACKLIST, entries, "public")] == ["HM1"]
    assert [one["entry_id"] for one in seen(BLACKLIST, entries, "industry", OWN)] == ["HM1", "HM2"]
    assert len(seen(BLACKLIST, entries, "government")) == 3


@pytest.mark.parametrize("audience", ["public", "industry"])
def test_the_overview_names_no_member_and_counts_no_bad_record(
    place: Place, computed: Computed, audience: str
) -> None:
    filled(place)
    rows = computed("associations", OVERVIEW).drop("_changed", "_seq", "_key")
    shown = seen(OVERVIEW, rows.to_dicts(), audience, OWN)
    assert len(shown) == 2
    assert not {
        "bad_records",
        "shared_records",
        "unshared_bad",
        "sources",
        "declared_grade",
    } & set(shown[0])
    assert "某某商行" not in str(shown) and MEMBER not in str(shown)
    told = {one["uscc"]: one.get("mechanisms") for one in shown}
    assert told == {OWN: 6 if audience == "industry" else None, OTHER: None}
    general = {one["uscc"]: one.get("general_entries") for one in shown}
    assert general == {OWN: 1 if audience == "industry" else None, OTHER: None}
