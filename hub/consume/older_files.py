"""Folders of consumers from before there were salts: taken over in place, page by page.

Their lines lack what a leaf is made of, so they can't be proven. Each page is fetched again, proven,
compared with what was received then, and put in its place under the same name. A crash leaves some
pages old; they are the rest of the work.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume.batch import Batch
from hub.consume.entry_lines import ERASED, read_lines
from hub.consume.received import Received, page_range, write_whole

SAME = ("operation", "key", "digest")  # what an entry says, in whatever form its line has

#: Gives the proven entries after a number up to another.
Fetch = Callable[[int, int], Batch]


def is_old(received: Received) -> bool:
    """Whether the last page, and so perhaps others, has neither salts nor leaves."""
    pages = received.pages()
    return bool(pages) and _is_old(pages[-1])


def _is_old(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline()
    return not any(mark in first for mark in (b',"salt":"', b',"leaf":"', b'"operation":"erased"'))


def take_over(dataset: str, received: Received, fetch: Fetch) -> None:
    """Put what `fetch` gives in the place of every old page, in order, each checked to be the same.

    Raises Corrupt (received_differs), and what `fetch` raises.
    """
    for path in received.pages():
        first, last = page_range(path)
        batch = fetch(first - 1, last)
        if _is_old(path):
            _check_same(path, read_lines(dataset, path.read_bytes()), batch.entries)
            write_whole(path, [batch.body])


def _check_same(path: Path, before: pl.DataFrame, now: pl.DataFrame) -> None:
    both = before.join(now, on="seq", how="full", suffix="_now", coalesce=True)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_now")) for name in SAME)
    erased = pl.col("operation_now") == ERASED  # the law has its way, and this copy follows
    wrong = both.filter(~(same | erased.fill_null(value=False)))
    if not wrong.is_empty():
        words = {"seq": str(wrong["seq"][0])}
        raise Corrupt(Issue("received_differs", value=str(path), params=words))
