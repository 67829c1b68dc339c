"""What `standard.yml` may say, and what it says of departments, versions, masks and sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_schemas.check import check_standard
from exchange_schemas.standard import MASK_RULES
from publisher.masks import RULES
from tests.exchange_schemas.conftest import edit

OWNER = "[{department: trade, role: owner}]"
FORMER = "{department: justice, role: owner, valid_to: 2010-12-31}"
GAP = f"[{FORMER}, {{department: trade, role: owner, valid_from: 2012-01-01}}]"

WRONG = [
    ("cycle: monthly", "cycle: hourly", "cycle: hourly is none of"),
    ("dataset: licence", "dataset: license", "the name of its folder"),
    ("public: true", "public: 1", "1 is not of type 'boolean'"),
    ("share_type: unconditional", "share_type: free", "free is not one of"),
    ("share_type: unconditional", "share_type: none", "share_condition is missing"),
    ("cycle: monthly", "cycle: monthly\ncicle: daily", "cicle is not known here"),
    ("publication: {zh: 全部公示, en: All are public}\n", "", "publication is missing"),
    ('"302999/000091"', '"licences"', "licences"),
    (OWNER, "[{department: nobody, role: owner}]", "nobody is no department"),
    (OWNER, "[{department: trade, role: supplier}]", "today nobody is accountable"),
    (
        OWNER,
        GAP,
        "must follow justice on the next day",
    ),
    (
        OWNER,
        "[{department: trade, role: owner}, {department: justice, role: owner}]",
        "today trade, justice is accountable",
    ),
    ('{version: "1", valid_from: 2020-01-01}', '{version: "3", valid_from: 2020-01-01}', "v3"),
    ('"2", valid_from: 2024-01-01', '"2", valid_from: 2019-01-01', "can't be valid earlier"),
    ("public: true", "public: true\nas_of: [holder]", "as_of: holder isn't a date"),
    ("public: true", "public: true\npublic_when: {kind: [robot]}", "kind is never robot"),
    ("public: true", "public: false\npublic_when: {kind: [company]}", "no record may be public"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_a_mistake_in_the_declaration(folder: Path, old: str, new: str, told: str) -> None:
    edit(folder / "standard.yml", old, new)
    issues = check_standard(folder)
    assert issues and told in issues[0].message("en")


SCHEMA = [
    ("urn:exchange:licence:2", "urn:exchange:licence:1", "must be urn:exchange:licence:2"),
    ('"rule": "person_name"', '"rule": "person"', "there is no mask person"),
    ('"x-tier": "public"', '"x-tier": "open"', "x-tier open is none of"),
    ('"title": "费用"', '"x-source": ["nowhere"], "title": "费用"', "x-source nowhere"),
]


@pytest.mark.parametrize(("old", "new", "told"), SCHEMA)
def test_a_mistake_in_the_schema(folder: Path, old: str, new: str, told: str) -> None:
    edit(folder / "v2.schema.json", old, new)
    issues = check_standard(folder)
    assert issues and told in issues[0].message("en")


def test_a_key_that_may_be_missing(folder: Path) -> None:
    edit(folder / "standard.yml", "[licence_no]]", "[granted_on]]")
    edit(folder / "standard.yml", '  - {version: "1", valid_from: 2020-01-01}\n', "")
    issue = check_standard(folder)[-1]
    assert (issue.code, issue.value) == ("key_optional", "granted_on")
    assert "主键" in issue.message()


def test_the_masks_are_those_of_the_publisher() -> None:
    assert set(MASK_RULES) == set(RULES)
