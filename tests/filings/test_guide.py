"""`docs/objections-and-repair.md`: its commands exist as they stand there, and so do its codes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from exchange_schemas.issue_kinds import KINDS
from hub.cli.main import hub
from hub.objections import ENDS
from hub.repair_check import CONFIRMABLE

GUIDE = (Path(__file__).parents[2] / "docs" / "objections-and-repair.md").read_text("utf-8")
COMMANDS = [line for line in GUIDE.splitlines() if line.startswith("hub ")]


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_are_understood(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = hub
    context = click.Context(hub)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None
        command = found
    command.make_context(command.name, words, parent=context)  # raises where an option is unknown


def test_the_codes_and_words_exist() -> None:
    table = GUIDE[GUIDE.index("## When it goes wrong") :]
    codes = re.findall(r"`([a-z]+_[a-z]+)`", table)
    assert codes and set(codes) <= set(KINDS)
    assert re.findall(r"^\| `([a-z]+)` \|", GUIDE, re.MULTILINE)[: len(ENDS)] == list(ENDS)
    conditions = GUIDE[GUIDE.index("| condition |") : GUIDE.index("The same party")]
    assert set(CONFIRMABLE) <= set(re.findall(r"`([a-z_]+)`", conditions))
