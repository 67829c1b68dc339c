"""A derived dataset through the whole pipeline: its records live as long as what they follow from."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from adapters.declaration import load_feed
from adapters.feed import Feed
from tests.flow.conftest import FEEDS, Desk, counts

CONDITION = ",不合格,"


def food(desk: Desk) -> Feed:
    for name in ("sample_food.yml", "food.csv"):
        shutil.copy(FEEDS / "samples" / name, desk.folder / name)
    return load_feed(desk.folder / "sample_food.yml")


def edit_first_failed(desk: Desk, change: Callable[[str], str]) -> None:
    """Change the first line of the delivery that a derived record follows from."""
    path = desk.folder / "food.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if CONDITION in line)
    lines[place] = change(lines[place])
    path.write_text("\n".join(line for line in lines if line) + "\n", encoding="utf-8")


def test_a_row_that_is_rejected_takes_no_derived_record_back(desk: Desk) -> None:
    feed = food(desk)
    before = desk.run(feed)["derived"][0]["accepted"]
    edit_first_failed(desk, lambda line: line.replace(CONDITION, f"{CONDITION}昨天"))
    for reread in (False, True):  # also where the same bad row was there before
        result = desk.run(feed, reread=reread)
        assert result["gone"] == 0
        assert counts(result["derived"][0]) == (before - 1, before - 1, 0, 0, 0, before - 1, 0)


def test_nor_does_one_whose_columns_are_lost(desk: Desk) -> None:
    feed = food(desk)
    desk.run(feed)
    edit_first_failed(desk, lambda line: line.split(",", 2)[0] + ",x")
    result = desk.run(feed)
    assert (result["gone"], result["derived"][0]["gone"]) == (0, 0)
    assert "gone_not_applied" in result["derived"][0]["issues"]


def test_a_row_that_passes_now_or_is_left_out_does(desk: Desk) -> None:
    feed = food(desk)
    desk.run(feed)
    edit_first_failed(desk, lambda line: line.replace(CONDITION, ",合格,"))
    passed = desk.run(feed)
    assert (passed["changed"], passed["gone"], passed["derived"][0]["gone"]) == (1, 0, 1)
    edit_first_failed(desk, lambda _: "")
    left_out = desk.run(feed)
    assert (left_out["gone"], left_out["derived"][0]["gone"]) == (1, 1)
