"""The shipped systemd units, as systemd reads them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source_tree import ROOT

UNITS = ROOT / "docs" / "examples" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
EXPOSURE = 2.5  # of 10, as `systemd-analyze security` counts; an ordinary service has 9 and more


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Copies that name the program where it is here."""
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("CI"):
            pytest.fail("systemd-analyze is missing: apt-get install systemd")
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    program = Path(sys.executable).with_name("hub")
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/hub/bin/hub", str(program))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def analyze(units: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words],
        cwd=units,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_systemd_finds_nothing_wrong(units: Path) -> None:
    names = [f"./{path.name}" for path in sorted(units.iterdir())]
    found = analyze(units, "verify", "--man=no", *names)
    assert (found.returncode, found.stderr, found.stdout) == (0, "", "")
    (units / "hub.service").write_text("[Service]\nExecStart=/nowhere\nTimeoutStopSek=1\n")
    assert "TimeoutStopSek" in analyze(units, "verify", "--man=no", "./hub.service").stderr


def test_services_can_do_little_beside_their_work(units: Path) -> None:
    for name in SERVICES:
        told = analyze(units, "security", "--offline=yes", f"./{name}").stdout
        level = re.search(r"Overall exposure level for .*?: ([\d.]+)", told)
        assert level is not None, told
        assert float(level[1]) <= EXPOSURE, (name, level[1])


@pytest.mark.parametrize("name", ["hub.service", "hub-worker@.service", "hub-portal.service"])
def test_what_serves_comes_back_and_may_end_its_work(name: str) -> None:
    text = (UNITS / name).read_text(encoding="utf-8")
    assert "Restart=always" in text
    assert "StartLimitIntervalSec=0" in text
    assert int(re.findall(r"TimeoutStopSec=(\d+)", text)[0]) >= 45


@pytest.mark.parametrize("name", SERVICES)
def test_every_command_is_one_of_the_programs(name: str) -> None:
    from hub.cli.main import COMMANDS

    text = (UNITS / name).read_text(encoding="utf-8")
    told = re.findall(r"/opt/hub/bin/hub (\w+)", text)
    assert told
    assert set(told) <= set(COMMANDS)
    assert not re.search(r"(?i)password|secret=|:[^/\s]+@", text)
