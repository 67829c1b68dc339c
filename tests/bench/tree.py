"""Trees: python -m tests.bench.tree hash | plant FOLDER LEAVES | prove FOLDER.

`hash` beside a plain loop over hashlib; `plant` makes the files and rows of a stream of random leaves,
sealed and with a long tail; `prove` asks it for proofs, each in a transaction of its own, and
verifies them. Cold: the pages of all files, the database among them, were dropped from memory before.
The processor's time is told beside, because a machine that does other things as well only adds waits.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import Engine

from hub.database import connect, create_tables
from hub.exchange import proofs, reading
from hub.exchange.segments import extent, folder_of
from hub.exchange.views import SEGMENT_ENTRIES, View, find_view
from hub.site import Site
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes, leaf_hashes
from hub.tree.proofs import verify_consistency, verify_inclusion
from tests.bench.memory import peak_megabytes
from tests.exchange.planted_stream import planted

SEGMENT = SEGMENT_ENTRIES
NAME = "planted"
COLD, WARM = 40, 400
COUNT = 1_000_000  # entries that are hashed


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result


def some_entries(count: int) -> pl.DataFrame:
    """As `leaf_hashes` takes them, with records of about 400 bytes."""
    number = pl.col("seq").cast(pl.String)
    text = "生产经营标签不符合规定的预包装食品，依据食品安全法第一百二十五条，处以罚款" * 3
    record = pl.concat_str(
        pl.lit('{"document_number":"茂市监处罚〔2026〕'), number, pl.lit(f'号","facts":"{text}"}}')
    )
    return pl.DataFrame({"seq": pl.int_range(1, count + 1, eager=True)}).with_columns(
        pl.lit("upsert").alias("operation"),
        pl.concat_str(pl.lit("key|"), number).alias("key"),
        pl.lit("2026-03-01T00:00:00.000Z").alias("recorded_at"),
        pl.lit("administrative_penalty@1").alias("standard"),
        number.str.zfill(32).alias("salt"),
        record.alias("record"),
    )  # fmt: skip


def loop_over_leaves(entries: pl.DataFrame) -> list[bytes]:
    found = []
    for seq, operation, key, at, standard, salt, record in entries.iter_rows():
        commitment = hashlib.sha256(f"{salt}\n{key}\n{record}".encode()).hexdigest()
        text = f"\0{seq}\n{operation}\n{at}\n{standard}\n{commitment}"
        found.append(hashlib.sha256(text.encode()).digest())
    return found


def loop_over_nodes(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [
            hashlib.sha256(b"\1" + row[at] + row[at + 1]).digest()
            for at in range(0, len(row) - 1, 2)
        ] + row[len(row) - len(row) % 2 :]
    return row[0]


def all_nodes(leaves: Hashes) -> bytes:
    return Frontier().extend(leaves).root()


def hashing() -> dict[str, Any]:
    """Leaves and nodes of a million entries: ours, and one by one."""
    entries = some_entries(COUNT)
    leaf_hashes(entries.head(100_000))  # loads the plugin
    ours, leaves = timed(lambda: leaf_hashes(entries))
    plain, looped = timed(lambda: loop_over_leaves(entries))
    assert leaves[-1].tobytes() == looped[-1]
    ours_nodes, root = timed(lambda: all_nodes(leaves))
    plain_nodes, loop_root = timed(lambda: loop_over_nodes(looped))
    assert root == loop_root
    return {
        "entries": COUNT,
        "leaves": {"seconds": ours, "hashlib": plain},
        "nodes": {"seconds": ours_nodes, "hashlib": plain_nodes},
        "peak_mb": peak_megabytes(),
    }


def plant(folder: Path, count: int) -> dict[str, Any]:
    """A stream of `count` random leaves."""
    engine = connect(f"sqlite:///{folder / 'hub.sqlite'}")
    create_tables(engine)
    random_bytes = np.random.default_rng(1)

    def parts() -> Iterator[Hashes]:
        for first in range(0, count, SEGMENT):
            width = min(SEGMENT, count - first)
            yield random_bytes.integers(0, 256, (width, 32), dtype=np.uint8)

    begun = time.perf_counter()
    planted(Site(folder), engine, parts(), SEGMENT, NAME)
    return {"leaves": count, "seconds": time.perf_counter() - begun, "peak_mb": peak_megabytes()}


def forget(folder: Path) -> None:
    """Drop the files' pages from the machine's memory."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


def inclusion(site: Site, engine: Engine, view: View, seq: int, size: int) -> list[bytes]:
    with engine.connect() as connection:
        return proofs.inclusion(site, connection, view, seq, size)


def percentiles(found: list[tuple[float, float]]) -> dict[str, float]:
    """Milliseconds of (seconds, seconds of the processor)."""
    told = {}
    for place, name in enumerate(("", "processor ")):
        ordered = sorted(1000 * one[place] for one in found)
        told[f"{name}p50"] = ordered[len(ordered) // 2]
        told[f"{name}p99"] = ordered[len(ordered) * 99 // 100]
    return told


def measured(act: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    worked = time.process_time()
    seconds, result = timed(act)
    return (seconds, time.process_time() - worked), result


class Asked:
    """Proofs of one planted stream."""

    def __init__(self, folder: Path) -> None:
        self.site, self.url = Site(folder), f"sqlite:///{folder / 'hub.sqlite'}"
        self.engine = connect(self.url)
        with self.engine.connect() as connection:
            self.view = find_view(connection, NAME, "government")
            self.size, self.sealed = extent(connection, self.view)
            self.root = proofs.root_at(self.site, connection, self.view, self.size)
        self.chance = random.Random(1)

    def times(self, count: int, first: int, last: int, cold: bool = False) -> dict[str, float]:
        """Inclusion of random entries of a range, each verified outside the time."""
        found = []
        for _ in range(count):
            seq = self.chance.randint(first, last)
            if cold:
                forget(folder_of(self.site, self.view).parent.parent.parent)
            ask = lambda seq=seq: inclusion(self.site, self.engine, self.view, seq, self.size)  # noqa: E731
            seconds, path = measured(ask)
            with self.engine.connect() as connection:
                leaf = reading.leaves(self.site, connection, self.view, seq, seq)
            assert verify_inclusion(leaf, seq - 1, self.size, path, self.root)
            found.append(seconds)
        return percentiles(found)

    def consistency(self, count: int) -> dict[str, float]:
        """From random sizes to all."""
        found = []
        for _ in range(count):
            old = self.chance.randint(1, self.sealed)
            with self.engine.connect() as connection:
                before = proofs.root_at(self.site, connection, self.view, old)
                ask = lambda old=old, c=connection: proofs.consistency(  # noqa: E731
                    self.site, c, self.view, old, self.size
                )
                seconds, path = measured(ask)
            assert verify_consistency(old, self.size, before, self.root, path)
            found.append(seconds)
        return percentiles(found)


def prove(folder: Path) -> dict[str, Any]:
    """Milliseconds of a proof."""
    asked = Asked(folder)
    return {
        "size": asked.size,
        "tail": asked.size - asked.sealed,
        "cold": asked.times(COLD, 1, asked.sealed, cold=True),
        "warm": asked.times(WARM, 1, asked.sealed),
        "in the tail": asked.times(WARM // 4, asked.sealed + 1, asked.size),
        "consistency": asked.consistency(WARM // 4),
        "peak_mb": peak_megabytes(),
    }


def main(step: str, *given: str) -> None:
    if step == "hash":
        told = hashing()
    elif step == "plant":
        told = plant(Path(given[0]), int(given[1]))
    else:
        told = prove(Path(given[0]))
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
