"""`hub config`, and what commands do with a wrong file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.main import hub

HUSH = "hunter2-hunter2"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    assert run(made, "init").exit_code == 0
    return made


def run(site: Path, *arguments: str, **environment: str) -> Result:
    """A command; what the tests themselves set in the environment isn't there."""
    without = dict.fromkeys(
        name for name in os.environ if name.startswith(("HUB_TEST_", "HUB_PROVE"))
    )
    given = {**without, **environment}
    return CliRunner().invoke(hub, ["--site", str(site), "--lang", "en", *arguments], env=given)


def test_a_new_site_has_a_file_that_says_nothing(site: Path) -> None:
    assert (site / "hub.toml").is_file()
    checked = run(site, "config", "check")
    assert (checked.exit_code, "right" in checked.output) == (0, True)


def test_what_is_shown_has_its_source_and_no_secret(site: Path) -> None:
    (site / "hub.toml").write_text("\n[serve]\nport = 8001\n[console]\noidc_secret = '${OIDC}'\n")
    shown = run(
        site, "config", "show", "--json", OIDC=HUSH, HUB_DATABASE_URL=f"postgresql://h:{HUSH}@db/h"
    )
    assert HUSH not in shown.output
    told = {one["setting"]: one for one in json.loads(shown.stdout)}
    assert (told["serve.port"]["value"], told["serve.port"]["line"]) == ("8001", 3)
    assert told["console.oidc_secret"]["value"] is True
    assert told["alerts.wecom"]["value"] is False
    assert told["database.url"]["value"] == "postgresql://h:***@db/h"
    assert told["database.url"]["source"] == "environment"
    assert told["portal.place_zh"]["source"] == "portal.yml"
    table = run(site, "config", "show", "--all", OIDC=HUSH)
    assert HUSH not in table.output
    assert "hub.toml:3" in table.output


def test_a_wrong_file_stops_every_command_but_those_that_tell_of_it(site: Path) -> None:
    (site / "hub.toml").write_text("[serve]\nprt = 8001\n[exchange]\nrate = -1\n")
    refused = run(site, "feed", "list")
    assert refused.exit_code == 1
    assert "[setting_unknown]" in refused.output
    assert "serve.port" in refused.output
    checked = run(site, "config", "check", "--json")
    assert checked.exit_code == 1
    assert [one["code"] for one in json.loads(checked.stdout)["issues"]] == [
        "setting_unknown", "setting_wrong",
    ]  # fmt: skip
    assert run(site, "config", "show").exit_code == 0
    assert run(site, "doctor").exit_code == 1


def test_an_unknown_name_is_a_warning(site: Path) -> None:
    checked = run(site, "config", "check", HUB_DATABSE_URL=HUSH)
    assert checked.exit_code == 0
    assert "HUB_DATABASE_URL" in checked.output
    assert HUSH not in checked.output


def test_a_command_reads_the_file_and_leaves_the_environment(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere.sqlite"
    (site / "hub.toml").write_text(f"[database]\nurl = 'sqlite:///{other}'\n")
    assert not other.exists()
    assert run(site, "feed", "due").exit_code == 0
    assert other.is_file()
    assert "HUB_DATABASE_URL" not in os.environ
