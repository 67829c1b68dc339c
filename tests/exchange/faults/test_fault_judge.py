"""The judge of the fault tests finds every kind of wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.exchange.faults.history import Entry, Holding, issued, judge

Change = Callable[[Holding], Holding]


def ok(first: int, **said: str | None) -> dict[str, Any]:
    last = first + len(said) - 1
    return {
        "act": "say",
        "type": "ok",
        "process": "city",
        "first": first,
        "last": last,
        "said": said,
    }


def pulled(last: int) -> dict[str, Any]:
    return {"act": "pull", "type": "ok", "process": "p", "last": last}


EVENTS = [ok(1, a="1", b="2"), pulled(2), ok(3, a="3"), ok(4, b=None, c="4"), pulled(5)]
STORED = [Entry(1, "a", "1"), Entry(2, "b", "2"), Entry(3, "a", "3"), Entry(4, "b", None),
          Entry(5, "c", "4")]  # fmt: skip
RIGHT = Holding("p", STORED, {"a": "3", "c": "4"}, [(1, 5)], b"root")


def stored(*entries: Entry) -> Change:
    return lambda held: replace(held, entries=list(entries))


def without(place: int) -> Change:
    return stored(*STORED[:place], *STORED[place + 1 :])


WRONG: dict[str, Change] = {
    "one lost in the middle": without(2),
    "the last lost": without(4),
    "one twice": stored(*STORED, STORED[4]),
    "another digest": stored(*STORED[:4], Entry(5, "c", "5")),
    "another key": stored(*STORED[:4], Entry(5, "d", "4")),
    "one that was never issued": stored(*STORED, Entry(6, "x", "9")),
    "two of a record in the wrong order": stored(
        Entry(1, "a", "3"), STORED[1], Entry(3, "a", "1"), *STORED[3:]
    ),
    "what was deleted is shown": lambda held: replace(held, shown={"a": "3", "b": "2", "c": "4"}),
    "an older one is shown": lambda held: replace(held, shown={"a": "1", "c": "4"}),
    "more acknowledged than stored": lambda held: replace(held, acknowledged=[(1, 6)]),
    "not all acknowledged": lambda held: replace(held, acknowledged=[(1, 2), (4, 5)]),
    "acknowledged twice": lambda held: replace(held, acknowledged=[(1, 5), (5, 5)]),
    "another root": lambda held: replace(held, root=b"other"),
}


def test_what_is_right_is_found_right() -> None:
    assert judge(EVENTS, RIGHT, b"root") == 5


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    with pytest.raises(AssertionError):
        judge(EVENTS, WRONG[name](RIGHT), b"root")


def test_a_consumer_that_went_back_is_found() -> None:
    with pytest.raises(AssertionError, match="went back"):
        judge([*EVENTS, pulled(4)], RIGHT, b"root")


def test_a_run_of_which_nobody_knows_has_its_place_or_none() -> None:
    unknown = {"act": "say", "type": "info", "process": "city", "said": {"a": "7", "b": "8"}}
    assert issued([ok(1, a="1"), unknown, ok(4, c="9")])[2] == {"a": "7", "b": "8"}
    assert 2 in issued([ok(1, a="1"), unknown, ok(2, c="9")])
    with pytest.raises(AssertionError, match="never issued"):
        issued([ok(1, a="1"), unknown, ok(3, c="9")])
    with pytest.raises(AssertionError, match="once more"):
        issued([ok(1, a="1"), unknown])
