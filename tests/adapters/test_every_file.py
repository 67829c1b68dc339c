"""Every file of the shared folder is read as it is declared, or refused with the right issue.

`every_file.yml` declares them, `every_file.json` has what comes of each: `12+1 row_blank` are twelve
rows, one line that is none, and a note; `refused code` a file that isn't taken. To see the whole table:
pytest -s tests/adapters/test_every_file.py
"""

from __future__ import annotations

import json
from collections import Counter
from fnmatch import fnmatch
from glob import escape
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.feed import Feed
from adapters.pull import pull, read
from exchange_schemas.errors import SourceUnreadable

HERE = Path(__file__).parent
FORMATS = yaml.safe_load((HERE / "every_file.yml").read_text(encoding="utf-8"))
LEAST = 400  # files that the folder has at least

Outcomes = dict[str, str]


def format_of(name: str) -> dict[str, Any] | None:
    """What the file is declared as; raises StopIteration where nobody thought of it."""
    found: dict[str, Any] | None = next(
        f for pattern, f in FORMATS.items() if fnmatch(name, pattern)
    )
    return found


def feed_of(path: Path, format_: dict[str, Any], folder: Path) -> Feed:
    told = {
        "feed": "every_file",
        "title": {"zh": "各种文件", "en": "Every file"},
        "standard": "market_entity",
        "source": {"kind": "file", "path": escape(str(path))},
        "format": format_,
        "mode": "snapshot",
        "fields": {"subject_name": {"from": "@no such column", "optional": True}},
    }
    target = folder / "every_file.yml"
    target.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return load_feed(target)


def outcome(path: Path, format_: dict[str, Any], folder: Path) -> str:
    feed = feed_of(path, format_, folder)
    rows, lost, notes = 0, 0, set[str]()
    try:
        for batch in read(feed, pull(feed, Store(folder / "raw")).artefact):
            rows += batch.rows.height
            lost += batch.unreadable
            notes |= set(batch.issues["code"])
    except SourceUnreadable as error:
        assert error.issue.message("en") != error.issue.message("zh_CN")
        return f"refused {error.issue.code}"
    return " ".join([f"{rows}+{lost}", *sorted(notes - {"column_unknown"})])


@pytest.fixture(scope="module")
def outcomes(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    folder, data = tmp_path_factory.mktemp("every"), shared / "data"
    names = sorted(p.relative_to(data).as_posix() for p in data.rglob("*") if p.is_file())
    declared = {name: format_of(name) for name in names}
    return {
        name: outcome(data / name, format_, folder)
        for name, format_ in declared.items()
        if format_ is not None
    }


def test_each_comes_out_as_it_should(
    outcomes: Outcomes, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = json.loads((HERE / "every_file.json").read_text(encoding="utf-8"))
    with capsys.disabled():
        show(outcomes)
    print("\n".join(f"{name}: {told}" for name, told in outcomes.items()))
    assert outcomes == expected
    assert len(outcomes) >= LEAST


def show(outcomes: Outcomes) -> None:
    """A line for each folder: how many files were read and refused, and why."""
    folders: dict[str, Counter[str]] = {}
    for name, told in outcomes.items():
        kind = told if told.startswith("refused") else "read"
        folders.setdefault(name.split("/")[0], Counter())[kind] += 1
    print()
    for folder, counts in folders.items():
        why = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        print(f"  {folder:<24}{why}")


def test_legal_json_is_read_and_illegal_is_not(outcomes: Outcomes) -> None:
    """A legal document that isn't a list of records is refused for that, and for nothing else."""
    told = {
        name.rpartition("/")[2]: one for name, one in outcomes.items() if "json-parsing" in name
    }
    twice = "y_object_duplicated_key"  # of two values for one key nobody can tell which is meant
    for name, one in told.items():
        wrong = one in ("refused json_invalid", "refused bytes_invalid", "refused byte_nul",
                        "refused file_empty")  # fmt: skip
        if name.startswith("n_"):
            assert wrong, name
        if name.startswith("y_") and not name.startswith(twice):
            assert not wrong, (name, one)
