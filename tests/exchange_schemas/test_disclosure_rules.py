"""What the law keeps from the public can't be disclosed under any standard, whatever a record says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from exchange_schemas.catalogue import STANDARDS, load_catalogue
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.sample_check import samples_issues
from exchange_schemas.standard import AUDIENCES, Standard

CATALOGUE = load_catalogue()
Record = Mapping[str, Any]

NATIONAL_OR_PROVINCIAL = {"总体情况", "风险警示", "重大事故"}  # food safety law, article 118
COUNTS = ["received", "accepted", "closed", "closed_on_time", "mediated"]
LINKED = [
    "drug_inspection", "food_operator_inspection", "food_trace_certificate", "industry_blacklist",
    "member_credit_record",
]  # fmt: skip


def _samples(standard: Standard) -> list[Record]:
    path = STANDARDS / standard.department / standard.dataset / "samples" / "valid.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _rejected(standard: Standard, records: list[Record]) -> list[bool]:
    return [
        any(KINDS[issue.split(":")[0]].severity == "error" for issue in issues)
        for issues in samples_issues(standard, records)
    ]


def _disclosable(standard: Standard, record: Record) -> bool:
    return all(record.get(name) in values for name, values in standard.public_when.items())


def _every_value(standard: Standard, *names: str) -> Iterator[Record]:
    """Every sample with every value of the fields `names`, and without them."""
    values = [[None, *standard.fields[name].schema["enum"]] for name in names]
    for sample in _samples(standard):
        for chosen in product(*values):
            changed = {**sample, **dict(zip(names, chosen, strict=True))}
            yield {name: value for name, value in changed.items() if value is not None}


def test_a_food_risk_warning_is_never_disclosed() -> None:
    standard = CATALOGUE.get("consumer_warning")
    records = list(_every_value(standard, "food_content", "authority_check"))
    rejected = _rejected(standard, records)
    shown = [
        r for r, no in zip(records, rejected, strict=True) if not no and _disclosable(standard, r)
    ]
    assert {record["food_content"] for record in shown} == {"不涉及食品安全", "日常监督管理信息"}
    claimed = [
        no
        for record, no in zip(records, rejected, strict=True)
        if record.get("food_content") in NATIONAL_OR_PROVINCIAL
        and record.get("authority_check") == "有权发布"
    ]
    assert claimed and all(claimed)


@pytest.mark.parametrize("step", ["consultation", "legality_review", "collective_decision"])
def test_a_normative_document_needs_every_step(step: str) -> None:
    standard = CATALOGUE.get("normative_document")
    shown = [r for r in _every_value(standard, step) if _disclosable(standard, r)]
    assert shown
    assert not {record[step] for record in shown} & {"未通过", "未进行", "未征求意见"}
    assert not any(_disclosable(standard, {**record, step: None}) for record in shown)


def test_only_serious_entries_of_the_industry_blacklist_are_disclosed() -> None:
    standard = CATALOGUE.get("industry_blacklist")
    levels = {r["level"] for r in _samples(standard) if _disclosable(standard, r)}
    assert levels == {"严重"} != {r["level"] for r in _samples(standard)}


def test_who_complained_is_in_nobodys_view() -> None:
    standard = CATALOGUE.get("complaint_report")
    private = {name for name in standard.fields if name.startswith("reporter_")} - {
        "reporter_told_on"
    }
    private |= {"title", "facts"}
    assert len(private) == 9
    for audience in AUDIENCES:
        assert not private & set(standard.fields_for(audience))
    assert not standard.public


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("value", [0, 1, 4])
def test_a_small_count_is_withheld_and_named(name: str, value: int) -> None:
    standard = CATALOGUE.get("complaint_statistic")
    full = next(r for r in _samples(standard) if all(count in r for count in COUNTS))
    title = standard.fields[name].title
    bare = {key: full[key] for key in [*standard.schema["required"], *COUNTS]}
    withheld = {key: told for key, told in bare.items() if key != name}
    assert _rejected(standard, [{**bare, name: value}, withheld]) == [True, True]
    assert _rejected(standard, [bare, {**withheld, "suppressed": [title]}]) == [False, False]
    assert _rejected(standard, [{**bare, "suppressed": [title]}]) == [True]


@pytest.mark.parametrize(("rate", "counts"), [
    ("on_time_rate", ["closed", "closed_on_time"]),
    ("mediation_success_rate", ["accepted", "mediated"]),
    ("recovered_yuan", ["mediated"]),
    ("top_respondents", ["received"]),
])  # fmt: skip
def test_nothing_gives_a_withheld_count_away(rate: str, counts: list[str]) -> None:
    standard = CATALOGUE.get("complaint_statistic")
    full = next(r for r in _samples(standard) if rate in r and all(c in r for c in COUNTS))
    for name in counts:
        withheld = {key: told for key, told in full.items() if key != name}
        withheld["suppressed"] = [standard.fields[name].title]
        (issues,) = samples_issues(standard, [withheld])
        assert f"forbidden:{rate}" in issues


@pytest.mark.parametrize("dataset", LINKED)
def test_samples_lead_to_samples(dataset: str) -> None:
    standard = CATALOGUE.get(dataset)
    links = [one for one in standard.checks if one["check"] == "exists"]
    assert links
    for link in links:
        there = {
            tuple(record.get(name) for name in link["on"].values())
            for record in _samples(CATALOGUE.get(link["dataset"]))
        }
        here = {tuple(r.get(name) for name in link["on"]) for r in _samples(standard)}
        assert {one for one in here if None not in one} <= there
