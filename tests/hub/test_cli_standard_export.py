"""`hub standard export`, `catalogue` and `site`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from hub.cli.main import hub


def _hub(*words: str) -> Result:
    return CliRunner().invoke(hub, ["standard", *words])


@pytest.mark.parametrize(
    ("form", "begins"),
    [("json-schema", "{"), ("table-schema", "{"), ("xsd", "<?xml")],
)
def test_export_writes_the_document_to_output_or_a_file(
    form: str, begins: str, tmp_path: Path
) -> None:
    shown = _hub("export", "market_entity", "--as", form)
    assert shown.exit_code == 0 and shown.stdout.startswith(begins)
    path = tmp_path / "out"
    result = _hub("export", "market_entity", "--as", form, "--out", str(path))
    assert result.exit_code == 0 and f"已写入：{path}" in result.output
    assert path.read_text(encoding="utf-8") == shown.stdout


def test_export_of_an_older_version() -> None:
    old = etree.fromstring(
        _hub("export", "administrative_penalty", "--as", "xsd", "--version", "1").stdout.encode()
    )
    names = set(old.xpath("//@name"))
    assert "penalty_name" in names and "violation_type" not in names


def test_export_of_what_there_isnt() -> None:
    result = _hub("export", "penalty", "--as", "xsd")
    assert result.exit_code == 1 and "dataset_unknown" in result.stderr
    assert _hub("export", "market_entity", "--as", "avro").exit_code == 2


def test_the_catalogue_says_how_much_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "目录.CSV"
    told = json.loads(_hub("catalogue", "--out", str(path), "--json").stdout)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert told["file"] == str(path) and told["items"] == len(lines) - 1 and told["datasets"] > 20
    result = _hub("catalogue", "--out", str(tmp_path / "目录.pdf"))
    assert result.exit_code == 2 and ".csv, .xlsx, .json" in result.stderr


def test_the_site_goes_into_a_folder_or_into_the_hubs_own(tmp_path: Path) -> None:
    told = json.loads(_hub("site", str(tmp_path / "d"), "--json").stdout)
    assert told["pages"] == len(list((tmp_path / "d").rglob("*.html")))
    runner, place = CliRunner(), ["--site", str(tmp_path / "s")]
    assert runner.invoke(hub, [*place, "standard", "site"]).exit_code == 1  # no site yet
    assert runner.invoke(hub, [*place, "init"]).exit_code == 0
    result = runner.invoke(hub, [*place, "standard", "site"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "s" / "standards_site" / "index.html").is_file()
    taken = _hub("site", str(tmp_path))
    assert taken.exit_code == 1 and "dictionary_folder_taken" in taken.stderr
