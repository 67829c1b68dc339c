"""Finding the file that a department delivered."""

from __future__ import annotations

import pytest

from adapters.artefact import Store
from adapters.environment import expand
from adapters.pull import pull
from exchange_schemas.errors import Misdeclared, SourceUnavailable
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
