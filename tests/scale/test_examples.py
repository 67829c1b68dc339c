"""The examples for many machines are valid, and what they call exists. Nothing is built or started here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Group

from hub.cli.main import COMMANDS, hub
from hub.settings.catalogue import NAMES
from tests.source_tree import ROOT

EXAMPLES = ROOT / "docs" / "examples"
MANIFESTS = sorted((EXAMPLES / "kubernetes").glob("*.yml"))
BIN = Path(sys.executable).parent


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_compose_is_valid(tmp_path: Path) -> None:
    check = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = run(*check, str(EXAMPLES / "compose.yml"))
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "compose.yml"
    text = (EXAMPLES / "compose.yml").read_text(encoding="utf-8")
    wrong.write_text(text.replace("restart: unless-stopped", "restarts: 1"), encoding="utf-8")
    assert run(*check, str(wrong)).returncode == 1


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_manifests_are_valid(manifest: Path, tmp_path: Path) -> None:
    check = [str(BIN / "kubernetes-validate"), "--strict"]
    done = run(*check, str(manifest))
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "wrong.yml"
    text = manifest.read_text(encoding="utf-8")
    wrong.write_text(text.replace("metadata: {name:", "metadata: {nome:"), encoding="utf-8")
    assert run(*check, str(wrong)).returncode != 0


def commands() -> list[list[str]]:
    """The words with which every container is begun."""
    compose = yaml.safe_load((EXAMPLES / "compose.yml").read_text(encoding="utf-8"))
    found = [
        one["command"] for one in compose["services"].values()
        if one["image"] == "exchange-hub" and "command" in one
    ]  # fmt: skip
    for document in documents():
        if document["kind"] == "Deployment":
            found += [c["args"] for c in document["spec"]["template"]["spec"]["containers"]]
    return found


def documents() -> list[dict[str, Any]]:
    texts = (path.read_text(encoding="utf-8") for path in MANIFESTS)
    return [one for text in texts for one in yaml.safe_load_all(text)]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_what_is_begun_is_a_command(words: list[str]) -> None:
    name, *options = words
    assert name in COMMANDS
    assert isinstance(hub, Group)
    command = hub.get_command(hub.make_context("hub", [], resilient_parsing=True), name)
    assert command is not None
    command.make_context(name, options, resilient_parsing=True)
    known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
    assert {word for word in options if word.startswith("--")} <= known


def test_what_is_set_is_a_setting() -> None:
    known = NAMES
    for path in (EXAMPLES / "compose.yml", *MANIFESTS):
        named = set(re.findall(r"HUB_[A-Z_]+", path.read_text(encoding="utf-8")))
        assert named <= known


def test_every_selector_finds_its_pods() -> None:
    labels = [
        one["spec"]["template"]["metadata"]["labels"]
        for one in documents()
        if one["kind"] == "Deployment"
    ]
    for one in documents():
        if one["kind"] == "Service":
            wanted = one["spec"]["selector"].items()
            assert sum(wanted <= found.items() for found in labels) == 1


def test_no_example_has_a_password() -> None:
    for path in (EXAMPLES / "compose.yml", *MANIFESTS):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"(PASSWORD|SECRET_KEY|ACCESS_KEY): ", line):
                assert "${" in line
