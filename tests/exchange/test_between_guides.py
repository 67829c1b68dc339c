"""`docs/transfer-a-case.md`, `docs/route-complaints.md`: every command runs, in order, and says something."""

from __future__ import annotations

import json
import re
import shlex
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner

from exchange_schemas.step_terms import StepTerm, load_step_terms
from hub.cli.main import hub
from hub.database import connect, create_tables
from hub.site import create_site
from hub.transfers.states import ACTS, STATES
from tests.exchange.transfer_site import PDF

DOCS = Path(__file__).parents[2] / "docs"
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")


def commands(guide: str) -> list[str]:
    text = (DOCS / guide).read_text(encoding="utf-8")
    (block,) = re.findall(r"^```bash\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [line for line in block.splitlines() if line.startswith("hub ")]


@pytest.mark.parametrize("guide", ["transfer-a-case.md", "route-complaints.md"])
def test_every_command_of_a_guide_runs(
    guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    site = create_site(tmp_path / "site")
    create_tables(connect(site.database_url))
    (tmp_path / "report.pdf").write_bytes(PDF)
    number, said = "", {}
    with time_machine.travel(NOW):
        for line in commands(guide):
            words = shlex.split(line.replace("NUMBER", number))[1:]
            done = CliRunner().invoke(hub, ["--site", str(site.path), *words, *_json(words)])
            assert done.exit_code == 0, (line, done.output, done.stderr)
            assert done.stdout.strip(), line
            if words[:2] == ["transfer", "draft"]:
                number = json.loads(done.stdout)["number"]
            said[line] = done.stdout
    text = "\n".join(said.values())
    assert "样例甲" not in text
    assert "13900000000" not in text
    if guide == "route-complaints.md":
        assert (tmp_path / "efficiency" / "index.html").is_file()
        assert "Taken" not in text
        assert "接收 6 件，已交办 5 件，待派单人员处理 1 件" in text


def _json(words: list[str]) -> list[str]:
    return ["--json"] if words[:2] == ["transfer", "draft"] else []


def test_the_guide_names_every_act_and_every_key() -> None:
    text = (DOCS / "transfer-a-case.md").read_text(encoding="utf-8")
    for act in ACTS:
        assert f"`{act.name}`" in text
    drawn = text.replace("handed over", "handed_over").replace("not filed", "not_filed")
    for state in STATES:
        assert re.search(rf"\b{state}\b", drawn), state
    own = StepTerm.__dataclass_fields__.keys() - {"datasets", "when", "enabled"}
    for key in own:
        assert f"`{key}`" in text or f'`"{key}"`' in text, key
    assert len(load_step_terms()) > 20
