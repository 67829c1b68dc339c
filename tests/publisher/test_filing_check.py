"""What a filing lacks is said beside the field, in Chinese; and answers that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Corrupt
from publisher.answers import STATES, read_answer
from publisher.filing_check import check_filing
from publisher.filings import Filing

STANDARD = load_catalogue().get("administrative_penalty")
WHOLE = Filing(
    "correction",
    STANDARD.dataset,
    "p1",
    "荔乡公司",
    "罚款金额应为 0.5 万元。",
    phone="0668-2270000",
)
CONDITIONS = {"promise": True, "performed": True, "remedied": True}
NUMBER = "SQ20261129-0000000000T"


@pytest.mark.parametrize("kind", ["correction", "objection"])
def test_a_whole_filing_has_nothing_wrong(kind: str) -> None:
    assert check_filing(replace(WHOLE, kind=kind), STANDARD) == {}
    assert check_filing(replace(WHOLE, kind=kind, field="fine_wan"), STANDARD) == {}
    assert check_filing(replace(WHOLE, statement="字" * 10), STANDARD) == {}
    assert check_filing(replace(WHOLE, statement="字" * 5_000), STANDARD) == {}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"party_name": ""}, "party_name", "请填写当事人名称"),
        ({"party_name": "长" * 201}, "party_name", "最多写 200 个字，现在是 201 个字"),
        ({"statement": ""}, "statement", "请填写情况说明"),
        ({"statement": "字" * 9}, "statement", "至少写 10 个字，现在是 9 个字"),
        ({"statement": "字" * 5_001}, "statement", "最多写 5000 个字，现在是 5001 个字"),
        ({"phone": None}, "phone", "联系电话或电子邮箱"),
        ({"phone": "问前台"}, "phone", "不是电话号码"),
        ({"phone": "1" * 40}, "phone", "最多写 30 个字"),
        ({"email": "x@y"}, "email", "不是电子邮箱"),
        ({"email": "a b@example.cn"}, "email", "不是电子邮箱"),
        ({"field": "cert_no"}, "field", "没有这个字段"),
        ({"field": "<b>"}, "field", "没有这个字段"),
    ],
)
def test_what_is_wrong_is_said_in_chinese(change: dict[str, Any], field: str, words: str) -> None:
    found = check_filing(replace(WHOLE, **change), STANDARD)
    assert list(found) == [field]
    assert words in found[field].message()
    assert "{" not in found[field].message("en")


@pytest.mark.parametrize(
    "phone", ["13800000000", "+86 138 0000 0000", "0668-2270000", "（0668）2270000"]
)
def test_telephones_as_people_write_them(phone: str) -> None:
    assert check_filing(replace(WHOLE, phone=phone), STANDARD) == {}


@pytest.mark.parametrize("missing", list(CONDITIONS))
def test_repair_asks_for_each_condition(missing: str) -> None:
    assert check_filing(replace(WHOLE, kind="repair", **CONDITIONS), STANDARD) == {}
    lacking = replace(WHOLE, kind="repair", **{**CONDITIONS, missing: False})
    assert list(check_filing(lacking, STANDARD)) == [missing]


def answer(folder: Path, **told: Any) -> None:
    whole = {"number": NUMBER, "kind": "objection", "dataset": "x", "state": "received",
             "filed_on": "2026-11-29", "due": "2026-12-18"} | told  # fmt: skip
    (folder / f"{NUMBER}.json").write_text(json.dumps(whole), encoding="utf-8")


def test_an_answer_in_the_readers_language_or_the_other(tmp_path: Path) -> None:
    assert read_answer(tmp_path, NUMBER) is None
    answer(tmp_path, state="refused", answer_zh="不予撤下", more="unknown")
    found = read_answer(tmp_path, NUMBER)
    assert found is not None
    assert found.text(chinese=True) == found.text(chinese=False) == "不予撤下"
    answer(tmp_path, state="refused", answer_zh="不予撤下", answer_en="It stays")
    again = read_answer(tmp_path, NUMBER)
    assert again is not None
    assert again.text(chinese=False) == "It stays"
    for state in STATES:
        answer(tmp_path, state=state)
        assert read_answer(tmp_path, NUMBER) is not None


@pytest.mark.parametrize(
    "told",
    [{"state": "lost"}, {"kind": "x"}, {"number": "SQ20261129-1"}, {"due": 3}, {"kind": []}],
)
def test_an_answer_that_is_none_is_corrupt(tmp_path: Path, told: dict[str, Any]) -> None:
    answer(tmp_path, **told)
    with pytest.raises(Corrupt):
        read_answer(tmp_path, NUMBER)
    (tmp_path / f"{NUMBER}.json").write_text("[", encoding="utf-8")
    with pytest.raises(Corrupt):
        read_answer(tmp_path, NUMBER)
    assert read_answer(tmp_path, f"../{tmp_path.name}/{NUMBER}") is None
