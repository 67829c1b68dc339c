"""`docs/connect-a-feed.md` says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from adapters.declaration import read_declaration
from exchange_schemas.issue_kinds import KINDS

GUIDE = (Path(__file__).parents[2] / "docs" / "connect-a-feed.md").read_text(encoding="utf-8")


def test_every_code_is_real() -> None:
    table = GUIDE.split("## When it doesn't work")[1].split("## A new kind")[0]
    codes = re.findall(
        r"`([a-z_]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line)
    )
    assert len(codes) > 8
    assert set(codes) <= KINDS.keys()


def test_the_declaration_is_valid(tmp_path: Path) -> None:
    block = GUIDE.split("```yaml")[1].split("```")[0]
    path = tmp_path / "town_register.yml"
    path.write_text(block, encoding="utf-8")
    assert read_declaration(path)["feed"] == "town_register"
    rules = yaml.safe_load(GUIDE.split("```yaml")[2].split("```")[0])
    path.write_text(yaml.safe_dump({**yaml.safe_load(block), "fields": rules}), encoding="utf-8")
    assert set(read_declaration(path)["fields"]) == set(rules)
