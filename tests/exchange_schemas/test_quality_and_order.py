"""What the standards on quality, food, prices and competition order disclose, and to whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from exchange_schemas.catalogue import STANDARDS, load_catalogue
from exchange_schemas.consistency import checks_of
from exchange_schemas.sample_check import samples_issues
from exchange_schemas.standard import Standard
from publisher.view import view_frame

CATALOGUE = load_catalogue()
Record = Mapping[str, Any]

SECRET = [
    "quality_risk_signal", "commercial_bribery_blacklist", "pyramid_selling_case",
    "pyramid_selling_person",
]  # fmt: skip
LINKED = [
    "product_sampling_item", "food_sampling_item", "unqualified_product", "quality_blacklist",
    "quality_risk_signal", "unfair_competition_list", "commercial_bribery_blacklist",
    "ip_enforcement_case", "typical_case", "pyramid_selling_case", "pyramid_selling_person",
]  # fmt: skip


def _samples(standard: Standard) -> list[Record]:
    path = STANDARDS / standard.department / standard.dataset / "samples" / "valid.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _disclosable(standard: Standard, record: Record) -> bool:
    return all(record.get(name) in values for name, values in standard.public_when.items())


def _view(standard: Standard, record: Record, audience: str) -> dict[str, Any]:
    row = {**dict.fromkeys(standard.dtypes), **record}
    frame = pl.DataFrame([row], schema=standard.dtypes)
    return view_frame(standard, frame, audience).to_dicts()[0]


@pytest.mark.parametrize(
    ("dataset", "allowed"),
    [
        ("unfair_competition_list", {"level": {"严重"}}),
        ("quality_blacklist", {"level": {"一般", "严重"}}),
        ("price_alert", {"release_decision": {"发布"}}),
        (
            "ip_enforcement_case",
            {"case_state": {"已结案"}, "secrecy_review": {"可以公开", "删去后公开"}},
        ),
        (
            "product_sampling_result",
            {"result_state": {"已确认"}, "verdict": {"合格", "不合格"}},
        ),
        ("product_sampling_item", {"result_state": {"已确认"}, "verdict": {"不合格"}}),
        ("food_sampling_result", {"verdict": {"合格", "不合格"}}),
        ("food_sampling_item", {"verdict": {"不合格"}}),
    ],
)
def test_only_some_records_are_disclosed(dataset: str, allowed: dict[str, set[str]]) -> None:
    standard = CATALOGUE.get(dataset)
    samples = _samples(standard)
    shown = [record for record in samples if _disclosable(standard, record)]
    for name, values in allowed.items():
        assert {record[name] for record in shown} == values
        assert {record.get(name) for record in samples} > values
        assert not any(_disclosable(standard, {**record, name: None}) for record in shown)


@pytest.mark.parametrize("dataset", SECRET)
def test_what_is_secret_is_in_no_public_view(dataset: str) -> None:
    standard = CATALOGUE.get(dataset)
    assert not standard.public
    assert not standard.fields_for("public")


def test_tendering_bodies_see_who_is_excluded_and_not_why() -> None:
    standard = CATALOGUE.get("commercial_bribery_blacklist")
    seen = set(standard.fields_for("industry"))
    assert {"subject_name", "uscc", "restricted_fields", "restrict_from", "restrict_to"} <= seen
    assert not seen & {
        "conduct", "reason_text", "amount_wan", "penalty_doc_no", "judgment_no", "sanction_doc_no",
        "legal_rep_name", "cert_no",
    }  # fmt: skip
    person = next(r for r in _samples(standard) if r["subject_type"] == "natural")
    assert (
        _view(standard, person, "industry")["subject_name"] == person["subject_name"][0] + "某某"
    )


@pytest.mark.parametrize("dataset", ["quality_blacklist", "unfair_competition_list"])
def test_texts_on_listed_people_are_for_authorities(dataset: str) -> None:
    standard = CATALOGUE.get(dataset)
    samples = _samples(standard)
    person = next(r for r in samples if r["subject_type"] == "natural")
    company = next(r for r in samples if r["subject_type"] == "legal_or_unincorporated")
    for audience in ("public", "industry"):
        assert person["subject_name"] not in str(_view(standard, person, audience))
        assert _view(standard, person, audience)["conduct"] is None
        assert _view(standard, company, audience)["conduct"] == company["conduct"]
    assert _view(standard, person, "government")["conduct"] == person["conduct"]


def test_a_typical_case_of_a_person_shows_the_summary_without_the_name() -> None:
    standard = CATALOGUE.get("typical_case")
    person = next(r for r in _samples(standard) if r.get("party_type") == "natural")
    assert person["party_name"] in person["summary"]
    shown = _view(standard, person, "public")
    assert person["party_name"] not in json.dumps(shown, ensure_ascii=False)
    assert shown["summary"] is None
    assert shown["summary_public"] == person["summary_public"]
    without = {n: v for n, v in person.items() if n not in ("summary_public", "party_type")}
    (issues,) = samples_issues(standard, [without])
    assert issues == {"required:summary_public", "required:party_type"}


def test_a_reexamination_decides_the_verdict() -> None:
    standard = CATALOGUE.get("product_sampling_result")
    sample = next(r for r in _samples(standard) if r.get("recheck_result") == "合格")
    assert sample["first_verdict"] == "不合格"
    (issues,) = samples_issues(standard, [{**sample, "verdict": "不合格"}])
    assert "schema:verdict" in issues
    assert "first_verdict" not in standard.fields_for("public")


@pytest.mark.parametrize("prices", [
    {"current_price": "3.2"}, {"lowest_price": "3"}, {"average_price": "3.1"}, {"highest_price": "4"},
    {"quality_flag": "无货"},
])  # fmt: skip
def test_any_price_is_enough_and_none_needs_a_reason(prices: Record) -> None:
    standard = CATALOGUE.get("price_monitoring")
    bare = {name: _samples(standard)[0][name] for name in standard.schema["required"]}
    told = {"item_code": "010101", "category": "粮"}
    assert samples_issues(standard, [{**bare, **told, **prices}]) == [set()]
    assert samples_issues(standard, [{**bare, **told}]) == [{"required:current_price"}]
    (issues,) = samples_issues(standard, [{**bare, **told, **prices, "quality_flag": "未采集"}])
    assert all(issue.startswith("forbidden:") for issue in issues)
    assert bool(issues) == ("quality_flag" not in prices)


@pytest.mark.parametrize("dataset", LINKED)
def test_samples_lead_to_samples(dataset: str) -> None:
    standard = CATALOGUE.get(dataset)
    links = [told for told in checks_of(standard) if told["check"] in ("exists", "agrees")]
    assert links
    for link in links:
        there = [
            tuple(record.get(name) for name in link["on"].values())
            for record in _samples(CATALOGUE.get(link["dataset"]))
        ]
        for record in _samples(standard):
            asked = tuple(record.get(name) for name in link["on"])
            assert None in asked or link["check"] == "agrees" or asked in there
