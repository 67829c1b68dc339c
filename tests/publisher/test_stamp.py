"""What all releases are at a moment: another value as soon as one is put in place."""

from __future__ import annotations

import time
from pathlib import Path

from publisher.stamp import briefly, stamp_of


def place(root: Path, dataset: str) -> None:
    (root / dataset).mkdir(exist_ok=True)
    (root / dataset / "coming").write_text("{}", encoding="utf-8")
    (root / dataset / "coming").replace(root / dataset / "current.json")


def test_each_release_gives_another_stamp(tmp_path: Path) -> None:
    root = tmp_path / "releases"
    assert stamp_of(root) == ()
    root.mkdir()
    seen = {stamp_of(root)}
    (root / "keys.json").touch()
    for dataset in ("penalties", "licences", "penalties"):
        place(root, dataset)
        assert stamp_of(root) == stamp_of(root)
        assert stamp_of(root) not in seen
        seen.add(stamp_of(root))


def test_a_brief_stamp_is_looked_at_again_after_a_moment(tmp_path: Path) -> None:
    place(tmp_path, "penalties")
    asked: list[int] = []

    def stamp() -> object:
        asked.append(1)
        return stamp_of(tmp_path)

    told = briefly(stamp, seconds=0.05)
    before = told()
    assert (told(), len(asked)) == (before, 1)
    place(tmp_path, "penalties")
    time.sleep(0.06)
    assert told() != before
