"""`hub upgrade` as its users meet it, also from an installed wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli.main import COMMANDS, hub
from hub.migrations.revisions import BEFORE, HEAD, REVISIONS
from tests.migrations.sites_of_before import put_back
from tests.source_tree import PACKAGES, ROOT

# Commands that look at a site's database, each as it is called when only that matters.
READERS = (
    ("review", "list"), ("filing", "list"), ("filing", "take"), ("people", "list"), ("clocks", "due"),
    ("clocks", "sweep"), ("publish",), ("quarantine", "list"), ("verify",),
    ("subscription", "list"), ("consent", "list"), ("consumer", "list"), ("grant", "list"),
    ("worker", "--once"), ("feed", "run", "sample_registration"), ("serve", "--port", "0"), ("demo", "--no-serve"),
)  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of the oldest program, on its own SQLite."""
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    folder = tmp_path / "site"
    folder.mkdir()
    put_back("e1c637d", tmp_path, f"sqlite:///{folder / 'hub.sqlite'}")
    return folder


def _run(site: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(hub, ["--site", str(site), "--lang", "en", *words])
    return done.exit_code, done.output


def _json(site: Path, *words: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(hub, ["--site", str(site), *words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_every_command_says_that_the_site_has_to_be_upgraded(site: Path) -> None:
    for command in READERS:
        assert command[0] in COMMANDS
        code, told = _run(site, *command)
        assert code == 1 and "[schema_older]" in told, (command, told)
        assert BEFORE in told and HEAD in told and "hub upgrade" in told


def test_look_upgrade_and_go_on(site: Path) -> None:
    code, plan = _json(site, "upgrade", "--check")
    assert code == 1 and plan["steps"] == list(REVISIONS) and plan["in_use_by"] == []
    code, told = _run(site, "upgrade")
    assert code == 0 and "hub backup" in told and "rows in 14 tables are all there" in told
    assert "one for each state to which disclosures of before were taken over" in told
    code, plan = _json(site, "upgrade", "--check")
    assert code == 0 and plan["steps"] == []
    code, done = _json(site, "upgrade")
    assert code == 0 and done == {
        "from": HEAD, "to": HEAD, "steps": [], "rows": 0, "changed": {}, "right": True,
    }  # fmt: skip
    assert _run(site, "verify")[0] == 0
    assert _run(site, "demo", "--no-serve", "--small")[0] == 0
    assert _run(site, "verify")[0] == 0


def test_there_is_no_way_back(site: Path) -> None:
    assert _run(site, "upgrade")[0] == 0
    code, told = _run(site, "upgrade", "--to", "0001")
    assert code == 1 and "[upgrade_target]" in told and "backup" in told
    assert _run(site, "upgrade", "--to", HEAD)[0] == 0


def test_a_new_site_needs_no_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    assert _run(tmp_path / "new", "init")[0] == 0
    assert _json(tmp_path / "new", "upgrade", "--check")[1]["steps"] == []


def _call(words: list[str], where: Path, more: Mapping[str, str]) -> str:
    environment = {**os.environ, **more}
    done = subprocess.run(
        words, cwd=where, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_wheel_has_its_revisions(site: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md"):
        shutil.copyfile(ROOT / name, source / name)
    _call([sys.executable, "setup.py", "-q", "bdist_wheel"], source, {})
    (wheel,) = (source / "dist").glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    code = "import hub; import hub.cli.main as m; print(hub.__file__, file=m.sys.stderr); m.hub()"
    words = [sys.executable, "-c", code, "--site", str(site), "upgrade", "--json"]
    told = _call(words, tmp_path, {"PYTHONPATH": str(installed)})
    assert json.loads(told)["steps"] == list(REVISIONS)
