"""Finding the file that a department delivered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.artefact import Store
from adapters.environment import expand
from adapters.pull import pull
from adapters.source import Ask
from adapters.source_file import FileSource
from exchange_schemas.errors import Misdeclared, SourceFaltering, SourceUnavailable
from tests.adapters.conftest import Desk


def pulled(desk: Desk, path: str) -> str:
    feed = desk.declare(source={"kind": "file", "path": path})
    return pull(feed, Store(desk.folder / "raw")).artefact.name


def test_relative_to_the_declaration_and_by_variable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "in").mkdir()
    (desk.folder / "in" / "a.csv").write_text("a\n1\n")
    monkeypatch.setenv("INBOX", str(desk.folder / "in"))
    assert pulled(desk, "in/a.csv") == pulled(desk, "${INBOX}/a.csv") == "a.csv"


def test_of_dated_exports_the_last_one_counts(desk: Desk) -> None:
    for day in ("20261101", "20261123", "20260930"):
        (desk.folder / f"export_{day}.csv").write_text(day)
    assert pulled(desk, "export_*.csv") == "export_20261123.csv"


@pytest.mark.parametrize("path", ["none.csv", "none_*.csv", "."])
def test_no_file(desk: Desk, path: str) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        pulled(desk, path)
    issue = caught.value.issue
    assert issue.code == "file_missing"
    assert str(desk.folder) in issue.message("zh_CN")


def test_a_variable_without_value(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOX", "")
    with pytest.raises(Misdeclared) as caught:
        pulled(desk, "${INBOX}/a.csv")
    assert caught.value.issue.value == "INBOX"


def test_only_braces_refer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "x")
    assert expand("$A/${A}/$${A}") == "$A/x/$x"


def take_new(folder: Path, cursor: str | None = None, **told: str) -> tuple[list[str], str | None]:
    """Names of the new files, and the cursor that the last of them leaves."""
    options = {"path": "*.csv", "take": "new"} | told
    parts = list(FileSource().pull(Ask(options, folder, cursor=cursor)))
    for part in parts:
        list(part.blocks)
    assert [part.cursor for part in parts[:-1]] == [None] * len(parts[:-1])
    return [part.name for part in parts], parts[-1].cursor if parts else None


def lay(folder: Path, name: str, changed: int) -> None:
    (folder / name).write_text(name)
    os.utime(folder / name, (changed, changed))


def test_only_what_is_new_by_name(tmp_path: Path) -> None:
    for name in ("2.csv", "1.csv", "3.csv.part", ".4.csv"):
        lay(tmp_path, name, 1_700_000_000)
    assert take_new(tmp_path, path="*csv*")[0] == ["1.csv", "2.csv"]
    names, cursor = take_new(tmp_path)
    assert names == ["1.csv", "2.csv"]
    assert take_new(tmp_path, cursor) == ([], None)
    lay(tmp_path, "3.csv", 1_600_000_000)
    assert take_new(tmp_path, cursor)[0] == ["3.csv"]


def test_only_what_is_new_by_time(tmp_path: Path) -> None:
    lay(tmp_path, "9.csv", 1_700_000_000)
    _, cursor = take_new(tmp_path, by="time")
    lay(tmp_path, "1.csv", 1_700_000_001)
    lay(tmp_path, "2.csv", 1_600_000_000)
    names, cursor = take_new(tmp_path, cursor, by="time")
    assert names == ["1.csv"]
    assert take_new(tmp_path, cursor, by="time") == ([], None)


def test_nothing_new_is_no_fault_but_a_missing_folder_is(tmp_path: Path) -> None:
    assert take_new(tmp_path) == ([], None)
    with pytest.raises(SourceUnavailable) as caught:
        take_new(tmp_path, path="none/*.csv")
    assert caught.value.issue.code == "file_missing"


def test_a_new_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    lay(tmp_path, "1.csv", 1_700_000_000)
    (part,) = FileSource().pull(Ask({"path": "*.csv", "take": "new"}, tmp_path))
    (tmp_path / "1.csv").write_text("1.csv and more")
    with pytest.raises(SourceFaltering) as caught:
        list(part.blocks)
    assert caught.value.issue.code == "file_changing"


@pytest.mark.parametrize(
    "wrong", [{"path": "*/a.csv", "take": "new"}, {"path": "*.csv", "take": "all", "by": "time"}]
)
def test_declarations_that_are_refused(desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(Misdeclared) as caught:
        desk.declare(source={"kind": "file"} | wrong)
    assert caught.value.issue.code == "feed_invalid"
