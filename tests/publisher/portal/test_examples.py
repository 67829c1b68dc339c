"""The examples for programs do what they say, against a served portal."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.publisher.portal.conftest import PENALTIES
from tests.services.needs import NeedMissing, require
from tests.services.power_query import problem

DATASET = "administrative_penalty"


def example(site: str, name: str) -> str:
    """As a reader takes it."""
    answer = httpx.get(f"{site}/programs/{name}", params={"dataset": DATASET})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    assert "{base}" not in answer.text and "{table}" not in answer.text
    return answer.text


def run(program: list[str], text: str, folder: Path) -> str:
    (folder / "example").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [*program, "example"], capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(*packages: str) -> None:
    try:
        require(packages)
    except NeedMissing as error:
        pytest.skip(str(error))


def test_curl(site: str, tmp_path: Path) -> None:
    needs("curl")
    assert "records.csv: OK" in run(["sh"], example(site, "curl"), tmp_path)
    with (tmp_path / "records.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(PENALTIES)
    found = json.loads((tmp_path / "found.json").read_bytes())
    assert found["success"] and found["result"]["total"] == 1
    (tmp_path / "records.csv").write_text("altered", encoding="utf-8")
    text = example(site, "curl").replace("latest/records.csv", "latest/dictionary.csv")
    (tmp_path / "wrong").write_text(text, encoding="utf-8")
    assert subprocess.run(
        ["sh", "wrong"], check=False, cwd=tmp_path, capture_output=True
    ).returncode


def test_python(site: str, tmp_path: Path) -> None:
    said = run([sys.executable, "-I"], example(site, "python"), tmp_path)
    assert f"{len(PENALTIES)} records in release 2" in said
    assert f"{site}/datasets/{DATASET}/records/p1" in said
    with pytest.raises(AssertionError, match="isn't the file"):
        text = example(site, "python").replace('records.csv").read', 'dictionary.csv").read')
        run([sys.executable, "-I"], text, tmp_path)


def test_r(site: str, tmp_path: Path) -> None:
    needs("r-base-core", "r-cran-jsonlite")
    said = run(["Rscript", "--vanilla"], example(site, "r"), tmp_path)
    assert f"{len(PENALTIES)} records in release 2" in said
    assert "1 records have the word" in said


def test_power_query(site: str) -> None:
    """It can be read, and its one address gives a table with titles; nothing here can run it."""
    text = example(site, "power_query")
    assert problem(text) is None
    assert problem(text.replace("in\n    Texts", "in in")) is not None
    found = re.search(r'Web\.Contents\("([^"]+)", \[RelativePath = "([^"]+)"\]\)', text)
    assert found is not None
    answer = httpx.get(f"{found[1]}/{found[2]}", follow_redirects=True)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8"), newline="")))
    assert rows[0][0] == "record_id" and len(rows) == 1 + len(PENALTIES)
    assert "Encoding = 65001" in text and 'Delimiter = ","' in text


def test_the_page_has_them_with_the_datasets_own_addresses(site: str) -> None:
    for page in (f"{site}/programs?dataset={DATASET}", f"{site}/datasets/{DATASET}"):
        text = httpx.get(page).text
        for name in ("curl", "python", "r", "power_query"):
            assert f"/programs/{name}?dataset={DATASET}" in text
        assert f"base={site}\n" in text and f"/datasets/{DATASET}/latest/" in text
    assert httpx.get(f"{site}/programs/perl?dataset={DATASET}").status_code == 404
    assert httpx.get(f"{site}/programs/curl?dataset=nothing").status_code == 404
