"""The standards that are delivered: complete, consistent, and true to the real files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.breaking import wanted_issues
from exchange_schemas.catalogue import STANDARDS, load_catalogue
from exchange_schemas.check import check_standard
from exchange_schemas.codes import code_lists, load_codes
from exchange_schemas.consistency import check_consistency
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.standard import AUDIENCES, Field, Standard
from exchange_schemas.validate import check, uncompiled

CATALOGUE = load_catalogue()
CODES = STANDARDS.parent / "codes"
DATASETS = CATALOGUE.datasets()

# The thirty datasets of the city's plan, by who is accountable for them today.
PLANNED = {
    "market_regulation": [
        "market_entity", "entity_annual_report", "abnormal_operation_list", "legal_rep_blacklist",
        "product_sampling_result", "unqualified_product", "quality_blacklist",
        "quality_risk_signal", "unfair_competition_list", "ip_enforcement_case",
        "administrative_penalty", "food_sampling_result", "food_trace_ledger", "drug_supervision",
    ],
    "institution_establishment": ["administrative_license", "authority_item", "case_transfer"],
    "supervisory_commission": ["commercial_bribery_blacklist"],
    "development_reform": ["price_monitoring", "typical_case"],
    "anti_pyramid_office": ["pyramid_selling_case"],
    "civil_affairs": ["industry_association", "member_credit_record", "industry_blacklist"],
    "government_services_data": ["complaint_report", "complaint_statistic"],
    "consumer_council": ["consumer_warning"],
    "justice": ["normative_document"],
    "industry_information": ["food_operator_credit"],
    "peoples_bank": ["local_finance_monitor"],
}  # fmt: skip

# What a record of the plan has several of is a dataset of its own, found by its record's key.
PARTS = {
    "annual_report_shareholder": "entity_annual_report",
    "annual_report_investment": "entity_annual_report",
    "annual_report_equity_change": "entity_annual_report",
    "annual_report_website": "entity_annual_report",
    "product_sampling_item": "product_sampling_result",
    "food_sampling_item": "food_sampling_result",
    "pyramid_selling_person": "pyramid_selling_case",
    "food_operator_inspection": "food_operator_credit",
    "food_trace_certificate": "food_trace_ledger",
}


@pytest.fixture(params=DATASETS)
def standard(request: pytest.FixtureRequest) -> Standard:
    return CATALOGUE.get(request.param)


# The registry of departments has no credit codes yet, so none can be wrong.
UNKNOWN = "department_code:"

# Rules of a shared block that this standard's own rules never let come about.
OUT_OF_REACH = {
    "market_entity": {
        "required:cert_type", "required:cert_no", "forbidden:uscc", "code_unknown:industry_section",
    },
}  # fmt: skip


def _folder(standard: Standard) -> Path:
    return STANDARDS / standard.department / standard.dataset


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _codes(name: str) -> list[dict[str, str]]:
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _check(standard: Standard, records: list[dict[str, Any]]) -> tuple[list[int], list[Issue]]:
    """Lines accepted, and the issues."""
    empty = dict.fromkeys(standard.dtypes)
    rows = [{**empty, **record, LINE: place} for place, record in enumerate(records, 1)]
    batch = Batch(pl.DataFrame(rows, schema={**standard.dtypes, LINE: pl.Int64}))
    checked = check(standard, batch)
    return checked.rows[LINE].to_list(), issues_of(checked.issues)


def _enum(field: Field) -> list[str] | None:
    told = field.schema.get("enum") or field.schema.get("items", {}).get("enum")
    return list(told) if told else None


@pytest.mark.parametrize("department", PLANNED)
def test_the_plans_datasets_have_standards(department: str) -> None:
    for name in PLANNED[department]:
        assert CATALOGUE.get(name).department == department
    assert sum(map(len, PLANNED.values())) == 30


def test_resource_codes_are_unique() -> None:
    codes = [CATALOGUE.get(name).resource_code for name in DATASETS]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_leads_to_its_record(part: str) -> None:
    whole, standard = CATALOGUE.get(PARTS[part]), CATALOGUE.get(part)
    links = [one for one in standard.checks if one["check"] == "exists"]
    (link,) = [one for one in links if one["dataset"] == whole.dataset]
    assert [part[0] for part in whole.key] == list(link["on"].values())
    assert set(link["on"]) <= {name for part in standard.key for name in part}


def test_files_and_samples_have_no_issue(standard: Standard) -> None:
    assert [issue.message("en") for issue in check_standard(_folder(standard))] == []
    assert (_folder(standard) / "CHANGELOG.md").is_file()


def test_links_lead_to_fields_of_other_standards(standard: Standard) -> None:
    find = {name: CATALOGUE.get(name) for name in DATASETS}.get
    assert [issue.message("en") for issue in check_consistency(standard, find)] == []


def test_every_field_is_described(standard: Standard) -> None:
    for field in standard.fields.values():
        assert field.title and not field.title.isascii(), field.name
        assert field.title_en and field.title_en.isascii(), field.name
        assert field.tier in (*AUDIENCES, "sealed"), field.name
        assert not (field.required and field.expected), field.name
        assert field.sources, f"{field.name} doesn't say where it comes from"


def test_what_is_public_has_a_public_key(standard: Standard) -> None:
    if standard.public:
        for part in standard.key:
            assert any(
                standard.fields[name].tier == "public" for name in part if name in standard.fields
            )


def test_titles_are_unique(standard: Standard) -> None:
    titles = Counter(field.title for field in standard.fields.values())
    titles_en = Counter(field.title_en for field in standard.fields.values())
    assert max(titles.values()) == max(titles_en.values()) == 1


def test_all_rules_are_compiled(standard: Standard) -> None:
    """A rule left to the row validator would slow every row down."""
    assert not uncompiled(standard)


def test_roles_are_fields(standard: Standard) -> None:
    roles = standard.roles
    named = roles.fields()
    assert named <= set(standard.fields)
    if roles.county:
        assert standard.fields[roles.county].schema["format"] == "division-code"
    if standard.public:
        assert roles.name and roles.date and (roles.department or roles.kind)
        assert all(standard.fields[name].tier == "public" for name in named)


def test_identity_documents_never_leave_the_government(standard: Standard) -> None:
    for audience in ("public", "industry"):
        names = set(standard.fields_for(audience))
        assert not names & {
            "cert_no",
            "cert_type",
            "legal_rep_cert_no",
            "pripid",
        }


def test_samples_use_every_field(standard: Standard) -> None:
    valid = _lines(_folder(standard) / "samples" / "valid.jsonl")
    assert len(valid) >= 20
    assert {name for record in valid for name in record} == set(standard.fields)


def test_every_rule_has_an_invalid_sample(standard: Standard) -> None:
    lines = _lines(_folder(standard) / "samples" / "invalid.jsonl")
    told = {issue for line in lines for issue in line["issues"]}
    missed = {one for one in wanted_issues(standard) if not one.startswith(UNKNOWN)} - told
    assert missed <= OUT_OF_REACH.get(standard.dataset, set())


def test_enums_are_codes_of_their_list(standard: Standard) -> None:
    for field in standard.fields.values():
        enum = _enum(field)
        assert (enum is None) or field.codelist, f"{field.name} has values without titles"
        if field.codelist and enum:
            listed = [row["code"] for row in _codes(field.codelist)]
            wanted = set(enum) if field.name == "subject_type" else set(listed)
            assert set(enum) == wanted <= set(listed), field.name


@pytest.mark.parametrize("name", code_lists())
def test_code_lists_can_be_read(name: str) -> None:
    assert len(load_codes(name).codes) > 1
    assert all(row["title_en"].isascii() for row in _codes(name))


def test_a_division_of_the_past_leads_to_one_of_today() -> None:
    divisions = {row["code"]: row for row in _codes("divisions")}
    for row in divisions.values():
        assert bool(row["valid_to"]) == bool(row["succeeded_by"])
        if row["succeeded_by"]:
            assert not divisions[row["succeeded_by"]]["valid_to"]


def test_unqualified_products_take_existing_fields_of_the_same_type() -> None:
    derived = CATALOGUE.get("unqualified_product")
    source = CATALOGUE.get("food_sampling_result")
    assert CATALOGUE.derived_from("food_sampling_result") == [derived]
    assert derived.derivation and derived.derivation.where == {"verdict": "不合格"}
    for name, taken in derived.derivation.fields.items():
        assert derived.fields[name].dtype == source.fields[taken].dtype
        assert derived.fields[name].tier == source.fields[taken].tier
    assert set(derived.derivation.fields) >= {n for n, f in derived.fields.items() if f.required}
    assert derived.disclaimer


def test_names_of_penalised_people_are_masked_and_of_entities_not() -> None:
    (mask,) = CATALOGUE.get("administrative_penalty").fields["subject_name"].masks
    assert mask.rule == "person_name" and mask.audiences == ("public", "industry")
    assert mask.when == {"subject_type": ("natural",)}
    for dataset in ("market_entity", "abnormal_operation_list"):
        assert CATALOGUE.get(dataset).fields["subject_name"].masks == ()


def _penalty(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "subject_name": row["companyName"],
        "subject_type": "legal_or_unincorporated",
        "uscc": "91440902MA0000015X",  # the file has no codes
        "doc_no": row["documentNumber"].replace("【", "〔").replace("】", "〕"),
        "violation_type": row["reasonForViolation"],
        "facts": row["violationReasonSummary"],
        "penalty_kinds": row["penaltyResult"],
        "fine_wan": row["penaltyAmount"],
        "decided_on": row["penaltyDate"],
        "authority": row["competentDepartment"],
        "authority_uscc_absent": True,
    }


def test_real_penalties_with_a_date_are_accepted(shared: Path) -> None:
    path = shared / "data" / "penalties" / "cn_env_penalties_6.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["values"]
    accepted, issues = _check(
        CATALOGUE.get("administrative_penalty"), [_penalty(row) for row in rows]
    )
    assert accepted == [1, 3, 5]
    errors = [(i.line, i.code, i.field) for i in issues if i.severity == "error"]
    assert sorted(errors) == [
        (2, "required", "decided_on"),
        (4, "required", "decided_on"),
        (6, "code_unknown", "penalty_kinds"),
        (6, "required", "decided_on"),
    ]


NINGBO_ENTRY = {
    "inclu_dt": "listed_on",
    "inclu_reason": "reason_text",
    "uni_social_crd_cd": "uscc",
    "redecorg_cn": "remove_authority",
    "remexcpres_cn": "remove_text",
    "remove_dt": "removed_on",
    "decorg_cn": "list_authority",
    "comp_nm": "subject_name",
}


def test_real_list_entries_are_accepted(shared: Path) -> None:
    path = shared / "data" / "ningbo-market-tables" / "dw_zj_scjdgl_jyycmlxx.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    records = [
        {
            **{field: row[column] or None for column, field in NINGBO_ENTRY.items()},
            "entry_id": f"{row['uni_social_crd_cd']}-{row['inclu_dt']}",
            "reason_code": "1",
        }
        for row in rows
    ]
    accepted, issues = _check(CATALOGUE.get("abnormal_operation_list"), records)
    assert (len(accepted), {i.code for i in issues} - {"overdue"}) == (50, set())
