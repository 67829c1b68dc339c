"""The document on proofs: its numbers come out, and its programs run against a hub."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.consume.entry_lines import read_lines
from hub.tree.frontier import Frontier
from hub.tree.hashing import commitments, leaf_hashes
from tests.hub.exchange_hub import a_key, application, listening, site_of
from tests.hub.ledger_data import MARKET, a_company, made, put
from tests.source_tree import ROOT

DOCUMENT = (ROOT / "docs" / "proofs-of-exchange.md").read_text("utf-8")
FIRST, SECOND, ERASED = re.findall(r"```json\n(.*?)\n```", DOCUMENT)
PROVE, SIGNED = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


def told(name: str) -> list[str]:
    return re.findall(rf"^    {name} +(\S+)$", DOCUMENT, re.MULTILINE)


def test_the_worked_example() -> None:
    entries = read_lines("x", f"{FIRST}\n{SECOND}\n".encode())
    record = FIRST.partition(',"record":')[2][:-1].encode()
    assert entries["digest"][0] == hashlib.sha256(record).hexdigest()
    bare = entries.drop("commitment", "was", "digest", "leaf", "line")
    assert commitments(bare).to_list() == told("commitment")
    leaves = leaf_hashes(bare)
    assert [leaf.tobytes().hex() for leaf in leaves] == told("leaf")
    root = Frontier().extend(leaves).root()
    assert [root.hex()] == told("root")
    assert [base64.b64encode(root).decode()] == told("base64")
    assert f"    {told('base64')[0]} " in DOCUMENT  # in the checkpoint, too
    erased = leaf_hashes(read_lines("x", f"{ERASED}\n".encode()))
    assert erased[0].tobytes().hex() == told("leaf")[0]


@dataclass
class Auditor:
    """Somebody with the document's programs, a key, and a folder."""

    url: str
    key: str
    folder: Path

    def run(self, program: str, *given: str) -> str:
        place = self.folder / "program.py"
        place.write_text(program, encoding="utf-8")
        command = [sys.executable, "-I", str(place), *given]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout + done.stderr

    def prove(self, seq: int) -> str:
        return self.run(PROVE, self.url, MARKET, self.key, str(seq))

    @property
    def kept(self) -> Path:
        return self.folder / f"{MARKET}.checkpoint"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = made(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    put(engine, MARKET, [a_company(number) for number in range(21)])
    return engine


@pytest.fixture
def auditor(engine: Engine, tmp_path: Path) -> Iterator[Auditor]:
    folder = tmp_path / "auditor"
    folder.mkdir()
    with listening(application(engine)) as url:
        yield Auditor(url, a_key(engine), folder)


def test_the_program_proves_entries_and_that_the_stream_goes_on(
    engine: Engine, auditor: Auditor
) -> None:
    assert auditor.prove(5) == "√ entry 5 is in the tree of 21 entries\n"
    for before, now in pairwise((21, 22, 23, 24, 31, 32, 33)):
        put(engine, MARKET, [a_company(number) for number in range(before, now)])
        said = auditor.prove(now)
        assert f"√ entry {now} is in the tree of {now} entries\n" in said
        assert f"√ the tree goes on from that of {before} entries\n" in said
    assert "goes on from that of 33" in auditor.prove(1)


def test_the_program_tells_a_past_that_was_rewritten(engine: Engine, auditor: Auditor) -> None:
    auditor.prove(1)
    note = auditor.kept.read_text("utf-8")
    lines = note.split("\n")
    other = base64.b64encode(b"\1" * 32).decode()
    forged = note.replace(lines[2], other)
    auditor.kept.write_text(forged, encoding="utf-8")
    assert "× the past before 21 was written anew" in auditor.prove(1)
    put(engine, MARKET, [a_company(number) for number in range(21, 30)])
    assert "× the past before 21 was written anew" in auditor.prove(1)
    auditor.kept.write_text(forged.replace("\n21\n", "\n16\n"), encoding="utf-8")
    assert "× the past before 16 was written anew" in auditor.prove(1)


def test_the_signature(engine: Engine, auditor: Auditor) -> None:
    auditor.prove(1)
    keys = json.loads((site_of(engine).releases / "keys.json").read_text("utf-8"))
    public_key = keys["keys"][0]["public_key"]
    assert auditor.run(SIGNED, str(auditor.kept), public_key) == "√ signed\n"
    stranger = base64.b64encode(b"\2" * 32).decode()
    assert "× not signed" in auditor.run(SIGNED, str(auditor.kept), stranger)
    text = auditor.kept.read_text("utf-8").replace("\n21\n", "\n20\n")
    auditor.kept.write_text(text, encoding="utf-8")
    assert "InvalidSignature" in auditor.run(SIGNED, str(auditor.kept), public_key)
