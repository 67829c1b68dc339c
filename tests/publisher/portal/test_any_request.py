"""Whatever a program asks by the description of the interface, it is answered as described."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.publisher.portal.conftest import served

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance",
)  # fmt: skip


def asked(releases: Path, folder: Path, examples: int) -> int:
    """Let schemathesis ask; returns how many requests it made. Fails with what it found."""
    with served(releases) as address:
        document = requests.get(f"{address}/openapi.json", timeout=30).json()
        (folder / "openapi.json").write_text(json.dumps(_known(document, releases)))
        command = [
            sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run", "openapi.json", "--url", address,
            "--checks", ",".join(CHECKS), "--max-examples", str(examples), "--seed", "1",
            "--phases", "examples,coverage,fuzzing", "--warnings", "off", "--no-color",
        ]  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"([\d,]+) generated, ([\d,]+) passed", done.stdout)
    assert found is not None, done.stdout
    assert found[1] == found[2]
    return int(found[1].replace(",", ""))


def _known(document: dict[str, object], releases: Path) -> dict[str, object]:
    """The document with examples of records that there are, so that more than 404 is answered."""
    current = max(releases.glob("administrative_penalty/*/records.jsonl"))
    record = json.loads(current.read_text(encoding="utf-8").splitlines()[0])
    text = json.dumps(document)
    text = text.replace("91440900707517150T", record.get("uscc", "91440900707517150T"))
    known: dict[str, object] = json.loads(text)
    for parameter in known["paths"]["/datasets/{dataset}/records/{record_id}.json"]["get"][  # type: ignore[index]
        "parameters"
    ]:
        if parameter.get("name") == "record_id":
            parameter["example"] = record["record_id"]
    return known


def test_any_request_is_answered_as_described(releases: Path, tmp_path: Path) -> None:
    assert asked(releases, tmp_path, examples=5) > 200


@pytest.mark.slow
def test_many_requests_are_answered_as_described(
    releases: Path, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    made = asked(releases, tmp_path, examples=1500)
    assert made >= 20_000
    figures["requests of any kind, by schemathesis"] = made
    figures["… answered with 5xx or not as described"] = 0
