"""Reading ahead: the same items, the same error at its turn, and never waiting when given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from adapters.prefetch import prefetch


def numbers(fail_at: int | None = None) -> Iterator[int]:
    for number in range(1, 6):
        if number == fail_at:
            raise ValueError(number)
        yield number


def test_the_same_items_in_order() -> None:
    assert list(prefetch(numbers())) == [1, 2, 3, 4, 5]


def test_an_error_comes_at_its_turn() -> None:
    ahead = prefetch(numbers(fail_at=3))
    assert [next(ahead), next(ahead)] == [1, 2]
    with pytest.raises(ValueError, match="3"):
        next(ahead)


def test_giving_up_does_not_wait_for_the_item_under_way() -> None:
    """Given-up readers are closed by the garbage collector, in whatever thread; waiting there for
    the reading thread has stopped a whole process."""
    go_on = threading.Event()

    def slow() -> Iterator[int]:
        yield 1
        go_on.wait(60)
        yield 2

    ahead = prefetch(slow())
    assert next(ahead) == 1
    closing = threading.Thread(target=ahead.close)  # type: ignore[attr-defined]
    closing.start()
    closing.join(10)
    waited = closing.is_alive()
    go_on.set()
    closing.join()
    assert not waited
