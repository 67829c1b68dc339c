"""Invalid samples are made from valid ones: every rule broken, what somebody wrote kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from exchange_schemas.breaking import complete_invalid, wanted_issues
from exchange_schemas.sample_check import check_invalid, read_samples
from exchange_schemas.standard import Standard
from tests.exchange_schemas.conftest import FIXTURES

VALID = FIXTURES / "trade" / "licence" / "samples" / "valid.jsonl"
WRITTEN = VALID.with_name("invalid.jsonl")


@pytest.fixture
def invalid(tmp_path: Path) -> Path:
    return tmp_path / "invalid.jsonl"


def test_every_rule_is_broken(licence: Standard, invalid: Path) -> None:
    count, missed = complete_invalid(licence, VALID, invalid)
    lines = [json.loads(line) for line in invalid.read_text("utf-8").splitlines()]
    told = {issue for line in lines for issue in line["issues"]}
    assert len(lines) == count
    assert set(wanted_issues(licence)) - told == set(missed)
    assert not missed
    assert list(check_invalid(licence, invalid)) == []


def test_samples_are_broken_in_one_place(licence: Standard, invalid: Path) -> None:
    complete_invalid(licence, VALID, invalid)
    for line in invalid.read_text("utf-8").splitlines():
        fields = {issue.split(":")[1] for issue in json.loads(line)["issues"]}
        assert len(fields) <= 2, line


def test_what_is_right_is_kept_and_what_is_wrong_goes(licence: Standard, invalid: Path) -> None:
    shutil.copyfile(WRITTEN, invalid)
    wrong = {"issues": ["format:uscc"], "record": json.loads(VALID.read_text().splitlines()[0])}
    with invalid.open("a", encoding="utf-8") as file:
        file.write(json.dumps(wrong, ensure_ascii=False) + "\n")
    complete_invalid(licence, VALID, invalid)
    after, written = list(read_samples(invalid)), list(read_samples(WRITTEN))
    assert after[: len(written)] == written
    assert wrong["record"] not in [record for record, issues in after if "format:uscc" in issues]


def test_the_same_again_changes_nothing(licence: Standard, invalid: Path) -> None:
    complete_invalid(licence, VALID, invalid)
    before = invalid.read_bytes()
    complete_invalid(licence, VALID, invalid)
    assert invalid.read_bytes() == before
