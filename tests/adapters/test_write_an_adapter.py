"""`docs/write-an-adapter.md` is followed: a package of its own, built, installed, and used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "write-an-adapter.md").read_text(encoding="utf-8")


def block(language: str, after: str) -> str:
    """The first code block in this language behind a text of the guide."""
    rest = GUIDE[GUIDE.index(after) :]
    found = re.search(rf"```{language}\n(.*?)```", rest, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `pip install ./weighbridge-adapter` installs."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "pyproject.toml").write_text(block("toml", "## A source"), encoding="utf-8")
    (folder / "weighbridge.py").write_text(block("python", "`weighbridge.py`"), encoding="utf-8")
    slips = block("python", "`weighbridge_slips.py`")
    (folder / "weighbridge_slips.py").write_text(slips, encoding="utf-8")
    target = folder / "installed"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    apart = ["--no-deps", "--no-build-isolation", "--target", str(target), str(folder)]
    subprocess.run([*pip, *apart], check=True, capture_output=True)
    return target


@pytest.fixture
def site(tmp_path: Path, installed: Path) -> Path:
    hub(tmp_path, installed, "init")
    feeds = tmp_path / "site" / "feeds"
    (feeds / "town_weighbridge.yml").write_text(block("yaml", "with this feed"), encoding="utf-8")
    spool = feeds / "spool"
    spool.mkdir()
    (spool / "20261122.slip").write_text(
        "2026-11-22 08:05 粤K12345 18.420\n坏行\n", encoding="utf-8"
    )
    return tmp_path


def hub(folder: Path, installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])}
    command = [sys.executable, "-c", "from hub.cli.main import hub; hub()", "--site", "site"]
    return subprocess.run(
        [*command, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_guide_works(site: Path, installed: Path) -> None:
    checked = hub(site, installed, "feed", "check", "town_weighbridge")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    shown = json.loads(
        hub(site, installed, "feed", "preview", "town_weighbridge", "--json").stdout
    )
    assert shown["rows"][0]["after"]["average_price"] == "18.42"
    ran = json.loads(hub(site, installed, "feed", "run", "town_weighbridge", "--json").stdout)
    assert (ran["read"], ran["accepted"], ran["rejected"]) == (2, 1, 1)
    new = site / "site" / "feeds" / "spool" / "20261123.slip"
    new.write_text("2026-11-23 08:05 粤K54321 3.5\n", encoding="utf-8")
    again = json.loads(hub(site, installed, "feed", "run", "town_weighbridge", "--json").stdout)
    assert (again["read"], again["added"], again["gone"]) == (1, 1, 0)  # from the cursor on


def test_its_options_are_checked_like_any_others(site: Path, installed: Path) -> None:
    path = site / "site" / "feeds" / "town_weighbridge.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("spool: spool", "folder: spool"), encoding="utf-8"
    )
    checked = hub(site, installed, "feed", "check", "town_weighbridge")
    assert checked.returncode == 1
    assert "spool" in checked.stderr and "feed_invalid" in checked.stderr


def test_without_the_package_the_kind_is_unknown(site: Path) -> None:
    checked = hub(site, ROOT, "feed", "check", "town_weighbridge")
    assert checked.returncode == 1
    assert "weighbridge is not one of" in checked.stderr
