"""`hub standard`: list, show and check."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exchange_schemas.catalogue import STANDARDS
from hub.cli.main import hub

ENTITY = STANDARDS / "market_regulation" / "market_entity"


def _hub(*words: str) -> Result:
    return CliRunner().invoke(hub, ["standard", *words], env={"COLUMNS": "220"})


def _hub_english(*words: str) -> Result:
    return CliRunner().invoke(hub, ["--lang", "en", "standard", *words], env={"COLUMNS": "220"})


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A standard's folder with its blocks, to be spoilt."""
    shutil.copytree(STANDARDS, tmp_path / "standards")
    return tmp_path / "standards" / "market_regulation" / "market_entity"


def test_list_names_every_dataset_with_owner_and_version() -> None:
    result = _hub("list")
    assert result.exit_code == 0, result.output
    assert "行政处罚决定" in result.output and "市市场监督管理局" in result.output
    assert "主管部门" in result.output
    told = {one["dataset"]: one for one in json.loads(_hub("list", "--json").stdout)}
    assert set(told) == {path.parent.name for path in STANDARDS.glob("*/*/standard.yml")}
    assert told["administrative_penalty"]["version"] == "2"
    assert told["unqualified_product"]["derived_from"] == "food_sampling_result"


def test_list_speaks_english_when_asked() -> None:
    assert "Administrative penalty decisions" in _hub_english("list").output


def test_show_is_a_table_of_fields_with_official_names_and_tiers() -> None:
    result = _hub("show", "administrative_penalty")
    assert result.exit_code == 0, result.output
    for text in ("CF_WSH", "行政处罚决定书文号", "政府内部", "必填", "应填", "penalty_kinds"):
        assert text in result.output
    assert "authority_uscc|authority + doc_no" in result.output


def test_show_as_json_has_fields_and_schema() -> None:
    told = json.loads(_hub("show", "market_entity", "--version", "1", "--json").stdout)
    fields = {field["name"]: field for field in told["fields"]}
    assert fields["established_on"]["required"] and fields["established_on"]["kind"] == "date"
    assert fields["phone"]["tier"] == "government"
    assert "$ref" not in json.dumps(told["schema"])


@pytest.mark.parametrize(
    ("words", "code", "known"),
    [
        (["show", "penalty"], "dataset_unknown", "administrative_penalty"),
        (["show", "market_entity", "--version", "9"], "version_unknown", "1"),
    ],
)
def test_an_unknown_name_is_told_with_the_known_ones(
    words: list[str], code: str, known: str
) -> None:
    result = _hub(*words)
    assert result.exit_code == 1
    assert code in result.stderr and known in result.stderr


def test_check_finds_nothing_in_the_delivered_standards() -> None:
    told = json.loads(_hub("check", "--json").stdout)
    count = len(list(STANDARDS.glob("*/*/standard.yml")))
    assert told == {"checked": count, "issues": []}
    result = _hub("check", str(ENTITY))
    assert result.exit_code == 0 and "已检查标准 1 个，问题 0 个。" in result.output


def test_check_tells_where_a_sample_differs_and_fails(copied: Path) -> None:
    samples = copied / "samples" / "invalid.jsonl"
    first, *rest = samples.read_text(encoding="utf-8").splitlines()
    line = json.loads(first)
    line["issues"] = ["length:domicile"]
    text = "\n".join([json.dumps(line, ensure_ascii=False), *rest]) + "\n"
    samples.write_text(text, encoding="utf-8")
    result = _hub("check", str(copied))
    assert result.exit_code == 1
    assert "sample_differs" in result.stderr and "length:domicile" in result.stderr
    assert "invalid.jsonl" in result.stderr


def test_check_tells_what_is_wrong_with_a_schema(copied: Path) -> None:
    schema = copied / "v1.schema.json"
    schema.write_text(schema.read_text(encoding="utf-8")[:-3], encoding="utf-8")
    told = json.loads(_hub("check", str(copied), "--json").stdout)
    assert [issue["code"] for issue in told["issues"]] == ["standard_invalid"]


def test_help_is_chinese_with_an_example() -> None:
    result = _hub("check", "--help")
    assert "检查文件夹 PATH" in result.output and "hub standard check" in result.output
