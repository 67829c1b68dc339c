"""One step of reading ahead: the next item is made while the present one is used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetch(items: Iterator[T]) -> Iterator[T]:
    """`items`, the next one being made in a thread; at most two are alive at any time.

    It pays where making an item releases the GIL, as parsing in pyarrow and unpacking in lzma do.
    What raises in the thread raises here, at the item's turn.
    """
    thread = ThreadPoolExecutor(1, "prefetch")
    try:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
    finally:
        # A generator that is given up is closed by the garbage collector, in any thread, even one
        # that is just starting and holds the interpreter's lock on threads: waiting for ours there
        # would wait for ever.
        thread.shutdown(wait=False, cancel_futures=True)
