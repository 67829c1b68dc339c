"""The standards that are delivered: complete, consistent, and true to the real files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import STANDARDS, load_catalogue
from exchange_schemas.check import check_standard
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.standard import AUDIENCES, Field, Standard
from exchange_schemas.validate import check, uncompiled

CATALOGUE = load_catalogue()
CODES = STANDARDS.parent / "codes"
DATASETS = [
    "abnormal_operation_list",
    "administrative_penalty",
    "food_sampling_result",
    "market_entity",
    "unqualified_product",
]


@pytest.fixture(params=DATASETS)
def standard(request: pytest.FixtureRequest) -> Standard:
    return CATALOGUE.get(request.param)


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


def test_the_catalogue_has_the_five_datasets() -> None:
    assert CATALOGUE.datasets() == DATASETS
    assert CATALOGUE.get("administrative_penalty").version == "2"
    assert all(CATALOGUE.get(name).public for name in DATASETS)


def test_files_and_samples_have_no_issue(standard: Standard) -> None:
    assert [issue.message("en") for issue in check_standard(_folder(standard))] == []
    assert (_folder(standard) / "CHANGELOG.md").is_file()


def test_every_field_is_described(standard: Standard) -> None:
    for field in standard.fields.values():
        assert field.title and not field.title.isascii(), field.name
        assert field.title_en and field.title_en.isascii(), field.name
        assert field.tier in (*AUDIENCES, "sealed"), field.name
        assert not (field.required and field.expected), field.name


def test_titles_are_unique(standard: Standard) -> None:
    titles = Counter(field.title for field in standard.fields.values())
    titles_en = Counter(field.title_en for field in standard.fields.values())
    assert max(titles.values()) == max(titles_en.values()) == 1


def test_all_rules_are_compiled(standard: Standard) -> None:
    """A rule left to the row validator would slow every row down."""
    assert not uncompiled(standard)


def test_an_accepted_record_has_a_key(standard: Standard) -> None:
    """Without any one part of the key a record is refused, whatever else it has."""
    record = _lines(_folder(standard) / "samples" / "valid.jsonl")[0]
    for part in standard.key:
        assert set(part) <= set(standard.fields)
        cut = {name: value for name, value in record.items() if name not in part}
        accepted, _ = _check(standard, [cut])
        assert accepted == [], part
        assert len(part) > 1 or standard.fields[part[0]].required


def test_roles_are_fields(standard: Standard) -> None:
    roles = standard.roles
    named = {roles.name, roles.code, roles.document, roles.date}
    assert None not in named and named <= set(standard.fields)
    assert all(standard.fields[name].tier == "public" for name in named if name)


def test_identity_documents_never_leave_the_government(standard: Standard) -> None:
    for audience in ("public", "industry"):
        names = set(standard.fields_for(audience))
        assert not names & {
            "cert_no",
            "cert_type",
            "legal_rep_cert_no",
            "phone",
            "email",
            "pripid",
        }


def test_samples_use_every_field(standard: Standard) -> None:
    valid = _lines(_folder(standard) / "samples" / "valid.jsonl")
    assert len(valid) >= 20
    assert {name for record in valid for name in record} == set(standard.fields)


def test_every_rule_has_an_invalid_sample(standard: Standard) -> None:
    told = {
        issue
        for line in _lines(_folder(standard) / "samples" / "invalid.jsonl")
        for issue in line["issues"]
    }
    fields = standard.fields.values()
    assert {f"required:{f.name}" for f in fields if f.required} <= told
    assert {f"expected:{f.name}" for f in fields if f.expected} <= told
    codes = {issue.split(":")[0] for issue in told}
    assert {"required", "format", "check_digit", "length", "too_short"} <= codes


def test_enums_are_codes_of_their_list(standard: Standard) -> None:
    for field in standard.fields.values():
        enum = _enum(field)
        assert (enum is None) or field.codelist, f"{field.name} has values without titles"
        if field.codelist and enum:
            listed = [row["code"] for row in _codes(field.codelist)]
            wanted = set(enum) if field.name == "subject_type" else set(listed)
            assert set(enum) == wanted <= set(listed), field.name


@pytest.mark.parametrize("path", sorted(CODES.glob("*.csv")), ids=lambda path: path.stem)
def test_code_lists_are_well_formed(path: Path) -> None:
    rows = _codes(path.stem)
    codes = [row["code"] for row in rows]
    assert len(set(codes)) == len(codes) > 1
    for row in rows:
        assert list(row)[:5] == ["code", "title", "title_en", "valid_from", "valid_to"]
        assert row["title"] and row["title_en"].isascii()
        days = [date.fromisoformat(row[name]) for name in ("valid_from", "valid_to") if row[name]]
        assert days == sorted(days)
        successors = [code for code in row.get("succeeded_by", "").split(";") if code]
        assert set(successors) <= set(codes) - {row["code"]}


def test_a_division_of_the_past_leads_to_one_of_today() -> None:
    divisions = {row["code"]: row for row in _codes("divisions")}
    for row in divisions.values():
        assert bool(row["valid_to"]) == bool(row["succeeded_by"])
        if row["succeeded_by"]:
            assert not divisions[row["succeeded_by"]]["valid_to"]


def test_the_owner_is_in_the_registry(standard: Standard) -> None:
    departments = {row["code"]: row for row in _codes("departments")}
    assert departments[standard.department]["title"] == standard.owner
    assert standard.cycle in {row["code"] for row in _codes("update_cycles")}


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
    mask = CATALOGUE.get("administrative_penalty").fields["subject_name"].mask
    assert mask and mask.rule == "person_name" and mask.audiences == ("public", "industry")
    assert mask.when == {"subject_type": ("natural",)}
    for dataset in ("market_entity", "abnormal_operation_list"):
        assert CATALOGUE.get(dataset).fields["subject_name"].mask is None


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
    assert (len(accepted), issues) == (50, [])
