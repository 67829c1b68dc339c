"""The site's signing key on the command line, and `hub verify --release` on what it signed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli.main import hub
from publisher.disk import sha256
from publisher.key_file import read_key
from publisher.known_keys import put_in_use
from publisher.release import Terms, build_release
from tests.publisher.samples import PENALTIES, PENALTY, ROWS, view

Hub = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Runs `hub` on the site."""
    for name in ("HUB_DATABASE_URL", "HUB_SIGNING_KEY", "HUB_SIGNING_ALGORITHM"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, code: int = 0) -> Result:
        words = ["--site", str(tmp_path / "site"), *arguments]
        done = CliRunner().invoke(hub, words, catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done

    return command


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def fingerprints(result: Result) -> dict[str, bool]:
    """Fingerprint → whether the key is in use."""
    return {key["key_id"]: key["valid_until"] is None for key in told(result)}


def test_a_site_begins_with_a_key_and_gets_new_ones(
    run: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = told(run("init", "--json"))["key_id"]
    private = tmp_path / "site" / "keys" / "signing.json"
    assert private.stat().st_mode & 0o777 == 0o600
    assert fingerprints(run("keys", "list", "--json")) == {first: True}
    monkeypatch.setenv("HUB_SIGNING_ALGORITHM", "sm2")
    (second,) = fingerprints(run("keys", "new", "--json"))
    assert read_key(private).algorithm == "sm2"
    assert fingerprints(run("keys", "list", "--json")) == {first: False, second: True}
    shown = run("keys", "list").stdout
    assert "使用中" in shown and "sm2" in shown
    secret = json.loads(private.read_text())["private_key"]
    assert secret not in shown
    assert fingerprints(run("keys", "retire", second, "--json")) == {second: False}
    assert not private.exists()
    assert "[signing_key_unknown]" in run("keys", "retire", "0" * 64, code=1).stderr


def signed_releases(site: Path) -> Path:
    """Two signed releases of the sample dataset in a site."""
    signer = read_key(site / "keys" / "signing.json")
    put_in_use(site / "releases", signer)
    for rows in (ROWS[:2], ROWS[1:]):
        build_release(site / "releases", PENALTIES, view(rows), Terms(signer=signer))
    return site / "releases" / PENALTY


def test_verify_a_release_a_dataset_and_a_copy(run: Hub, tmp_path: Path) -> None:
    key = told(run("init", "--json"))["key_id"]
    folder = signed_releases(tmp_path / "site")
    head = sha256(folder / "2" / "manifest.json")
    copy = shutil.copytree(folder, tmp_path / "copy" / PENALTY)
    (copy / "current.json").unlink()
    shutil.rmtree(copy / "2" / "internal")
    (copy / "2" / "records.xlsx").unlink()
    for place in (folder, folder / "2", copy, copy / "2"):
        done = run("verify", "--release", str(place), "--told", key, "--told", head)
        assert "全部内容与写入时一致" in done.stdout
        assert told(run("verify", "--release", str(place), "--json"))["right"] is True
        error = run("verify", "--release", str(place), "--told", "0" * 64, "--json", code=1)
        assert told(error)["right"] is False
    assert told(run("verify", "--json"))["right"] is True
    lines = (folder / "2" / "records.jsonl").read_bytes()
    (folder / "2" / "records.jsonl").unlink()
    (folder / "2" / "records.jsonl").write_bytes(lines.replace("警告".encode(), "罚款".encode()))
    issues = told(run("verify", "--release", str(folder), "--json", code=1))["issues"]
    place = next(one for one in issues if one["code"] == "release_record_wrong")
    assert (place["file"], place["line"]) == ("records.jsonl", 2)
    assert "c3" in place["message"] and "c3" in place["message_en"]
    assert told(run("verify", "--json", code=1))["right"] is False


def test_nothing_is_published_with_a_key_that_cant_be_used(
    run: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("demo", "--no-serve", "--small")
    assert told(run("verify", "--json"))["right"] is True
    signed = list((tmp_path / "site" / "releases").glob("*/*/manifest.sig"))
    assert signed and len(signed) == len(
        list((tmp_path / "site" / "releases").glob("*/*/manifest.json"))
    )
    monkeypatch.setenv("HUB_SIGNING_KEY", str(tmp_path / "elsewhere.json"))
    dataset = signed[0].parent.parent.name
    assert "[signing_key_unreadable]" in run("publish", dataset, code=1).stderr
