"""How fast entries are verified: parsed, digests, commitments, leaves, root; a tenth in the normal suite."""

from __future__ import annotations

import time

import polars as pl
import polars_hash  # noqa: F401  # registers .chash
import pytest

from hub.consume.batch import checked_batch
from hub.tree.frontier import Frontier

SEGMENT = 65_536
LEAST = 5_000  # entries/s; so slow it is only on a machine that does ten other things


def a_body(first: int, count: int) -> bytes:
    """Entries like those of administrative penalties, about 880 bytes each."""
    seq = pl.int_range(first, first + count, eager=True).cast(pl.String)
    facts = "销售不合格产品" * 20
    record = pl.concat_str(
        pl.lit('{"content":"罚款二万元","doc_no":"茂市监罚〔2026〕'), "seq",
        pl.lit('号","facts":"' + facts + '","name":"第'), "seq", pl.lit('号商行"}'),
    )  # fmt: skip
    rows = pl.DataFrame({"seq": seq}).with_columns(record=record)
    rows = rows.with_columns(digest=pl.col("record").chash.sha2_256())  # type: ignore[attr-defined]
    line = pl.concat_str(
        pl.lit('{"seq":'), "seq", pl.lit(',"operation":"upsert","key":"11440900000000019J|'), "seq",
        pl.lit('","digest":"'), "digest",
        pl.lit('","recorded_at":"2026-11-30T05:00:00.000Z","standard":"administrative_penalty@1","salt":"'),
        pl.lit("5f" * 16), pl.lit('","record":'), "record", pl.lit("}\n"),
    )  # fmt: skip
    return str(rows.select(line.str.join("")).item()).encode()


def verified(segments: int) -> float:
    """Entries per second."""
    frontier, seconds = Frontier(), 0.0
    for number in range(segments):
        after = number * SEGMENT
        body = a_body(after + 1, SEGMENT)
        start = time.perf_counter()
        batch = checked_batch("administrative_penalty", body, after, after + SEGMENT)
        frontier = frontier.extend(batch.leaves)
        seconds += time.perf_counter() - start
    assert frontier.size == segments * SEGMENT
    return frontier.size / seconds


def test_verification_is_columnar(figures: dict[str, int | float]) -> None:
    speed = verified(1)
    figures["consumer: entries verified a second"] = round(speed)
    assert speed > LEAST


@pytest.mark.slow
def test_a_million_entries_are_verified(figures: dict[str, int | float]) -> None:
    speed = verified(16)
    figures["consumer: entries verified a second (1,048,576)"] = round(speed)
    assert speed > LEAST
