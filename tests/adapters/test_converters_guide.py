"""`docs/connect/converters.md` says what the code does."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from adapters.converters import CONVERTERS
from adapters.declaration import load_feed
from adapters.feed_check import check_feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.kinds_of_converters import CONVERTER_KINDS
from tests.adapters.converting import convert

GUIDE = (Path(__file__).parents[2] / "docs/connect/converters.md").read_text(encoding="utf-8")


def test_every_converter_and_option_is_explained() -> None:
    for name, converter in CONVERTERS.items():
        assert f"`{name}`" in GUIDE, name
        for option in converter.options:
            assert f"{option}:" in GUIDE or f"`{option}`" in GUIDE, option
    schema = json.loads(files("adapters").joinpath("feed.schema.json").read_text(encoding="utf-8"))
    of_rules = schema["$defs"]["cell"]["properties"].keys() - schema["$defs"]["options"].keys()
    assert {option for option in of_rules if f"| `{option}` |" not in GUIDE} == set()


def test_every_code_is_real_and_ours_are_all_explained() -> None:
    table = GUIDE.split("## Messages")[1].split("## What it costs")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    codes = set(re.findall(r"`([a-z_]+)`", "\n".join(rows)))
    assert codes <= KINDS.keys()
    assert CONVERTER_KINDS.keys() <= codes


def test_the_example_is_right(tmp_path: Path) -> None:
    path = tmp_path / "district_register.yml"
    path.write_text(GUIDE.split("```yaml")[1].split("```")[0], encoding="utf-8")
    assert check_feed(load_feed(path), load_catalogue()) == []


def test_every_written_example_of_a_date_is_taken() -> None:
    row = next(line for line in GUIDE.splitlines() if line.startswith("| `date` |"))
    written = re.findall(r"`([^`]+)`", row.split("|")[2])
    assert len(written) >= 8
    assert convert("date", written, {}) == ["2023-10-12"] * len(written)
