"""`docs/write-a-standard.md`, followed step by step by somebody who begins."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.derivations import DERIVATIONS
from exchange_schemas.formats import FORMATS
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.loading import load_standard, read_declaration
from exchange_schemas.schema_check import X_KEYWORDS
from hub.cli.main import hub

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "write-a-standard.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^hub (standard .*)$", GUIDE, re.MULTILINE)

FIELD = {
    "title": "募捐金额（元）", "x-title-en": "Money raised (yuan)", "type": "string",
    "format": "decimal", "x-tier": "public", "x-source": ["hub"],
}  # fmt: skip


def _hub(*words: str) -> Result:
    """A command as in a process of its own: a file that was edited is read again."""
    load_standard.cache_clear()
    read_declaration.cache_clear()
    return CliRunner().invoke(hub, [*words])


def _done(*words: str) -> Result:
    result = _hub(*words)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exchange_schemas").symlink_to(ROOT / "exchange_schemas")
    monkeypatch.chdir(tmp_path)
    _done(*shlex.split(command))


def test_the_declaration_is_what_stands_in_the_folder() -> None:
    told = yaml.safe_load(GUIDE.split("```yaml")[1].split("```")[0])
    real = load_catalogue().get(told["dataset"])
    assert set(told) <= {
        "dataset", "title", "description", "owners", "cycle", "share_type", "resource_code",
        "legal_basis", "public", "publication", "key", "roles", "as_of", "checks", "versions",
    }  # fmt: skip
    assert [list(part) for part in real.key] == told["key"]
    assert real.resource_code == told["resource_code"]


def test_every_keyword_format_and_derivation_is_explained() -> None:
    for name in X_KEYWORDS | FORMATS.keys() | DERIVATIONS.keys():
        assert f"`{name}" in GUIDE, name
    told = re.findall(r"\| `([a-z_]+)`(?:, a warning)? \|$", GUIDE, re.MULTILINE)
    assert set(told) <= KINDS.keys()


def _edit(path: Path, change: Any) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    change(told)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")


def test_a_standard_is_begun_completed_and_used(tmp_path: Path) -> None:
    root, site = tmp_path / "standards", str(tmp_path / "site")
    name = "civil_affairs/charity_event"
    words = ("--title", "慈善活动", "--title-en", "Charity events", "--in", str(root))
    _done("standard", "new", name, *words)
    folder = root / name
    _done("standard", "check", str(folder))

    # a field more, which the samples must have too
    _edit(folder / "v1.schema.json", lambda told: told["properties"].update(raised=FIELD))
    sample = json.loads((folder / "samples" / "valid.jsonl").read_text(encoding="utf-8"))
    text = json.dumps({**sample, "raised": "12000.50"}, ensure_ascii=False)
    (folder / "samples" / "valid.jsonl").write_text(text + "\n", encoding="utf-8")
    _done("standard", "samples", str(folder))
    told = (folder / "samples" / "invalid.jsonl").read_text(encoding="utf-8")
    assert "format:raised" in told
    _done("standard", "check", str(folder))

    # a second version that asks for it
    told = json.loads((folder / "v1.schema.json").read_text(encoding="utf-8"))
    told["$id"] = "urn:exchange:charity_event:2"
    told["required"].append("raised")
    (folder / "v2.schema.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    declared = (folder / "standard.yml").read_text(encoding="utf-8")
    more = "- version: '2'\n  valid_from: 2027-01-01\n"
    (folder / "standard.yml").write_text(declared + more, encoding="utf-8")
    _done("standard", "samples", str(folder))
    _done("standard", "check", str(folder))
    files = [str(folder / f"v{n}.schema.json") for n in (1, 2)]
    (change,) = json.loads(_done("standard", "diff", *files, "--json").stdout)
    assert (change["kind"], change["verdict"]) == ("now_required", "readers")
    _done("--site", site, "init")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("charity", "name_wrong"),
        ("civil_affairs/Charity", "name_wrong"),
        ("nobody/charity", "owner_unknown"),
        ("civil_affairs/../charity", "name_wrong"),
    ],
)
def test_a_name_that_can_not_be(name: str, code: str, tmp_path: Path) -> None:
    result = _hub("standard", "new", name, "--in", str(tmp_path))
    assert result.exit_code == 1
    assert f"[{code}]" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    _done("standard", "new", "civil_affairs/charity", "--in", str(tmp_path))
    again = _hub("standard", "new", "civil_affairs/charity", "--in", str(tmp_path))
    assert "[folder_exists]" in again.stderr
