"""`docs/connect/workbooks.md` says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from adapters.declaration import check_declaration
from adapters.fixed_columns import FIXED_OPTIONS
from adapters.sheet_options import SHEET_OPTIONS
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.kinds_of_workbooks import WORKBOOK_KINDS

GUIDE = (Path(__file__).parents[2] / "docs/connect/workbooks.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]


def test_the_declarations_are_valid() -> None:
    whole, *parts = BLOCKS
    assert [part["format"]["kind"] for part in parts] == ["dbf", "fixed"]
    for told in (whole, *({**whole, **part} for part in parts)):
        check_declaration(told, Path("town_penalties.yml"))


def test_every_option_and_every_code_is_told() -> None:
    options = {*SHEET_OPTIONS["properties"], *FIXED_OPTIONS["properties"]}
    assert {name for name in options if f"`{name}" not in GUIDE} == set()
    table = GUIDE.split("## When it doesn't work")[1].split("## What isn't done")[0]
    first = (line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    codes = {code for cell in first for code in re.findall(r"`([a-z_]+)`", cell)}
    assert codes <= KINDS.keys()
    assert codes >= WORKBOOK_KINDS.keys()
