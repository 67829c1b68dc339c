"""A delivery that was taken before isn't read again, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import reading, repeat
from tests.flow.conftest import Desk, counts, row


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of deliveries as they are read."""
    names: list[str] = []
    real = reading.read

    def noted(feed: Any, artefact: Any) -> Iterator[Any]:
        names.append(feed.name)
        yield from real(feed, artefact)

    monkeypatch.setattr(reading, "read", noted)
    return names


def test_the_same_bytes_are_read_once(desk: Desk, reads: list[str]) -> None:
    desk.write(row(1), row(2), row(3, 成立日期="错"))
    first = desk.run()
    for _ in range(2):
        again = desk.run()
        assert counts(again) == (3, 2, 1, 0, 0, 2, 0)
        assert again["issues"] == first["issues"]
    assert len(reads) == 1
    assert desk.count("run") == 3
    assert desk.count("quarantine") == 1  # kept once, with the run that read it
    assert counts(desk.run(reread=True)) == (3, 2, 1, 0, 0, 2, 0)
    assert len(reads) == 2


def test_other_bytes_are_read(desk: Desk, reads: list[str]) -> None:
    desk.write(row(1))
    desk.run()
    desk.write(row(1), row(2))
    assert desk.run()["added"] == 1
    desk.write(row(1))
    assert desk.run(accept=True)["gone"] == 1
    assert len(reads) == 3


def test_another_declaration_is_read(desk: Desk, reads: list[str]) -> None:
    desk.write(row(1))
    desk.run()
    fields = {"subject_name": "名称", "uscc": "代码", "established_on": "成立日期"}
    told = {"fields": fields, "ignore": {"资本": "x", "地址": "x"}}
    assert desk.run(desk.feed(**told))["changed"] == 1
    assert len(reads) == 2


def test_another_feeds_run_in_between_is_noticed(desk: Desk, reads: list[str]) -> None:
    desk.write(row(1))
    desk.run()
    other = desk.feed(feed="other", source={"kind": "file", "path": "other.csv"})
    (desk.folder / "other.csv").write_bytes(
        (desk.folder / "delivery.csv").read_bytes().replace("茂南区".encode(), "电白区".encode())
    )
    assert desk.run(other)["changed"] == 1
    assert desk.run()["changed"] == 1  # it says again what the other has changed
    assert reads == ["desk", "other", "desk"]


def test_a_held_delivery_is_judged_again(desk: Desk, reads: list[str]) -> None:
    desk.write(*(row(n) for n in range(10)))
    desk.run()
    desk.write(row(1))
    assert desk.run()["held"]
    assert desk.run()["held"]
    assert len(reads) == 3


@pytest.mark.parametrize("name", ["codes/kinds.csv", "converter.py", "standards/standard.yml"])
def test_a_changed_program_or_standard_is_another_declaration(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("one")
    before = repeat._tree_digest(tmp_path)
    repeat._tree_digest.cache_clear()
    assert repeat._tree_digest(tmp_path) == before
    path.write_text("two")
    repeat._tree_digest.cache_clear()
    assert repeat._tree_digest(tmp_path) != before
