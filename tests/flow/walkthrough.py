"""Follows a guide's walk-through: types its commands as they stand there, and reads what they print.

What a newcomer copies from a table or an answer (`PLACES`) is copied from the output here, too.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from hub.cli.main import hub
from hub.demo import serving
from hub.site import open_site

#: What stands in capitals → where its value is read: the command that prints it, and how it looks.
PLACES = {
    "ONE": ("sample draw", r"│ ([0-9a-f]{16}) │"),
    "TWO": ("grep '〔2026〕25号'", r"^([0-9a-f]{16}),"),
    "THREE": ("grep -m 1 '2024-03-'", r"^([0-9a-f]{16}),"),
    "NUMBER": ("curl", r"(SQ\d{8}-\w{11})"),
}
DRAWN = "DRAWN"  # each record that was drawn last
ADDRESS = "http://127.0.0.1:8000"
_REFUSED = re.compile(r"# refused: (\w+)$")


def sections(guide: str) -> dict[int, str]:
    """The numbered sections of the walk-through."""
    parts = re.split(r"^### (\d+)\. ", guide, flags=re.MULTILINE)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}


def commands(text: str) -> Iterator[str]:
    """The commands of all code blocks without a language, each whole."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        waiting = ""
        if language:
            continue
        for line in block.splitlines():
            waiting += line
            if "<<'END'" not in waiting or line == "END":
                yield waiting
                waiting = ""
            else:
                waiting += "\n"


@dataclass
class Walk:
    """One newcomer in an empty folder. `said` is the last section's commands with what they printed."""

    guide: dict[int, str]
    folder: Path
    stack: ExitStack
    url: str = ADDRESS
    found: dict[str, str] = field(default_factory=dict)
    drawn: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    def section(self, number: int) -> None:
        """Type all that the section says."""
        self.said = []
        for line in commands(self.guide[number]):
            self.said.append((line, self.type(line)))

    def output(self, begin: str, which: int = -1) -> str:
        """What the last command that begins like this printed, or another one of them."""
        return [text for line, text in self.said if line.startswith(begin)][which]

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=60)

    def type(self, line: str) -> str:
        """Type one command; returns what it prints."""
        if line == "hub serve":
            self.url = self.stack.enter_context(serving(open_site(self.folder / "site")))
            return ""
        if DRAWN in line:
            assert self.drawn
            return "".join(self.type(line.replace(DRAWN, one)) for one in self.drawn)
        filled = self._filled(line)
        text = self._hub(filled) if line.startswith("hub ") else self._shell(filled)
        self._look(line, text)
        return text

    def _filled(self, line: str) -> str:
        for name, value in self.found.items():
            line = re.sub(rf"\b{name}\b", value, line)
        assert not re.search(rf"\b({'|'.join(PLACES)})\b", line), line
        return line.replace(ADDRESS, self.url)

    def _hub(self, line: str) -> str:
        result = CliRunner().invoke(hub, shlex.split(line, comments=True)[1:])
        code = _REFUSED.search(line)
        if code is None:
            assert result.exit_code == 0, (line, result.output, result.exception)
        else:
            assert result.exit_code == 1, line
            assert f"[{code[1]}]" in result.output, (line, result.output)
        return result.output

    def _shell(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", line], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout

    def _look(self, line: str, text: str) -> None:
        for name, (command, form) in PLACES.items():
            seen = re.search(form, text, re.MULTILINE)
            if command in line and seen and name not in self.found:
                self.found[name] = seen[1]
        if "sample draw" in line:
            self.drawn = re.findall(PLACES["ONE"][1], text)


def begin(guide: str, folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> Walk:
    """A newcomer in `folder`, with a wide window and a site of its own."""
    for name in ("HUB_DATABASE_URL", "HUB_BROKER_URL", "HUB_SITE", "HUB_LANG"):
        patch.delenv(name, raising=False)
    patch.setenv("COLUMNS", "250")
    patch.setattr("publisher.filings.FREE_BYTES", 0)  # however full this machine's disk is
    patch.chdir(folder)
    return Walk(sections(guide), folder, stack)
