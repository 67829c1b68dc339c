"""`docs/pull-as-a-consumer.md`: every example runs, every code that it names exists."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_schemas.issue_kinds import KINDS
from hub.exchange.entries import MAX_LIMIT
from hub.web.parameters import DEFAULT_LIMIT
from tests.hub.exchange_hub import a_key, application, listening
from tests.hub.ledger_data import MARKET, a_company, made, put

GUIDE = (Path(__file__).parents[2] / "docs" / "pull-as-a-consumer.md").read_text()
ROOT = Path(__file__).parents[2]


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A hub to ask, and a `hub` command."""
    folder = tmp_path_factory.mktemp("guide")
    engine = made(f"sqlite:///{folder / 'hub.sqlite'}")
    put(engine, MARKET, [a_company(n) for n in range(1_500)])
    put(
        engine,
        MARKET,
        [a_company(7, domicile="官渡路\u2028\u007f\t\\8号 😀")],
        gone=[a_company(8)],
    )
    command = folder / "bin" / "hub"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\nfrom hub.cli.main import hub\nhub()\n")
    command.chmod(0o755)
    with listening(application(engine)) as url:
        yield {
            **os.environ,
            "HUB": url,
            "HUB_CONSUMER_KEY": a_key(engine),
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }


def run(command: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_run(environment: dict[str, str], tmp_path: Path) -> None:
    granted, three, consumed, described = (
        run(["bash", "-ec", example], environment, tmp_path) for example in examples("bash")
    )
    assert {d["dataset"]: d["head_seq"] for d in json.loads(granted)["datasets"]}[MARKET] == 1_502
    head, _, body = three.partition("\n\n")
    assert "X-Last-Seq: 3" in head
    assert "X-Head-Seq: 1502" in head
    assert [json.loads(line)["seq"] for line in body.splitlines()] == [1, 2, 3]
    assert "1502" in consumed
    current = (tmp_path / "received" / MARKET / "current.jsonl").read_text()
    assert current.count("\n") == 1_499
    assert json.loads(described)["openapi"] == "3.1.0"


def test_the_programs_run(environment: dict[str, str], tmp_path: Path) -> None:
    library, own = examples("python")
    python = [sys.executable, "-c"]
    assert (
        run([*python, library], environment, tmp_path) == "1502 new entries, up to 1502 of 1502\n"
    )
    assert run([*python, library], environment, tmp_path) == "0 new entries, up to 1502 of 1502\n"
    for _ in range(2):
        told = run([*python, own], environment, tmp_path)
        assert told == "1499 records, up to entry 1502\n"


def test_what_it_says_is_so() -> None:
    codes = re.findall(r"^\| \d{3} \| (.*?) \|", GUIDE, re.MULTILINE)
    named = {code for cell in codes for code in re.findall(r"`(\w+)`", cell)}
    assert named <= set(KINDS)
    assert len(named) == 17
    assert f"`limit` is {DEFAULT_LIMIT} by default and at most {MAX_LIMIT}" in GUIDE
