"""A store of files: one for each page or segment, whose names are the cursor.

<folder>/<first>-<last>.ndjson   entries as they were received (see `hub.consume.received`)
<folder>/0…-<last>.ndjson        a snapshot, if it was begun with one, and …
<folder>/rest.leaves             … the leaves of the entries that it leaves out
<folder>/tree.json               the tree over them; computed anew where it is lost or behind
<folder>/checkpoint              the signed note that they were last found to agree with
<folder>/receipts/               what the hub is to be told, and (.sent.json) was
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume import older_files
from hub.consume.batch import Batch
from hub.consume.changed_lines import about, erased_body, replaced_body
from hub.consume.entry_lines import read_lines
from hub.consume.files import drop_unfinished
from hub.consume.held_lines import held_leaves, held_lines
from hub.consume.receipt_files import ReceiptFiles
from hub.consume.receipts import ERASED, TAKEN, Receipt, Waiting
from hub.consume.received import Received, page_range, write_whole
from hub.consume.store import Place, Snapshot
from hub.tree.frontier import Frontier
from hub.tree.hashing import HASH, Hashes, hashes_of

TREE, CHECKPOINT, KEYS = "tree.json", "checkpoint", "hub_keys.json"
REST = "rest.leaves"
_THREADS = 2  # files that are read, or put right, at a time: memory is that of so many


def folder_of(directory: Path, dataset: str, version: str | None) -> Path:
    """Where a dataset's entries go; those of one version have a folder, and so a cursor, of their own."""
    return directory / (f"{dataset}@{version}" if version else dataset)


class FileStore:
    """The folder of one dataset in `directory`; see the module."""

    def __init__(self, directory: Path, dataset: str, version: str | None = None) -> None:
        self.folder = folder_of(directory, dataset, version)
        self.name = str(self.folder)
        self.received = Received(self.folder)
        self._dataset = dataset
        self._native = version is None
        self._receipts = ReceiptFiles(self.folder / "receipts")

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """As `Store.receiving`; what a crash left half done is taken away."""
        with self.received.receiving():
            self._receipts.drop_behind(self.received.last())
            yield

    def place(self) -> Place:
        """As `Store.place`; raises Corrupt (received_gap)."""
        pages = self.received.pages()
        last = page_range(pages[-1])[1] if pages else 0
        known = self._tree()
        frontier = known if known.size <= last else Frontier()
        for path in pages:
            first, end = page_range(path)
            if end > frontier.size:
                leaves = self._held(path)  # what is damaged is for `reconcile`
                frontier = frontier.extend(leaves[frontier.size - max(first, 1) + 1 :])
        return Place(frontier, self._note())

    def _tree(self) -> Frontier:
        try:
            return Frontier.from_json(orjson.loads((self.folder / TREE).read_bytes()))
        except (OSError, ValueError):
            return Frontier()

    def _note(self) -> str | None:
        with suppress(FileNotFoundError):
            return (self.folder / CHECKPOINT).read_text("utf-8")
        return None

    def _entries(self, path: Path) -> pl.DataFrame:
        return read_lines(self._dataset, path.read_bytes())

    def is_old(self) -> bool:
        """Whether it is from before there were salts (see `hub.consume.older_files`)."""
        return older_files.is_old(self.received)

    def take_over(self, fetch: older_files.Fetch) -> None:
        """Put proven entries in the place of the old ones; raises Corrupt (received_differs)."""
        older_files.take_over(self._dataset, self.received, fetch)
        last = self.received.last()
        self._receipts.add(f"{1:015d}-{last:015d}", [Receipt(1, last, TAKEN)])

    def keep(self, batch: Batch, frontier: Frontier, receipts: Sequence[Receipt]) -> None:
        """As `Store.keep`: the file's name makes it count, so it comes between the others."""
        self._receipts.add(f"{batch.first:015d}-{batch.last:015d}", receipts)
        self.received.keep(batch.first, batch.last, batch.body)
        self._keep_tree(frontier)

    def begin(self, snapshot: Snapshot, receipts: Sequence[Receipt]) -> None:
        """As `Store.begin`: the snapshot's own file comes last."""
        self._receipts.add(f"{0:015d}-{snapshot.seq:015d}", receipts)
        write_whole(self.folder / REST, [snapshot.rest.tobytes()])
        self.received.keep(0, snapshot.seq, snapshot.body)
        self._keep_tree(snapshot.frontier)

    def confirm(self, note: str) -> None:
        """As `Store.confirm`."""
        write_whole(self.folder / CHECKPOINT, [note.encode()])

    def waiting(self) -> list[Waiting]:
        """As `Store.waiting`."""
        return self._receipts.waiting()

    def acknowledged(self, places: Iterable[str]) -> None:
        """As `Store.acknowledged`."""
        self._receipts.acknowledged(places)

    def leaves(self) -> Hashes:
        """As `Store.leaves`."""
        with ThreadPoolExecutor(_THREADS) as pool:
            parts = list(pool.map(self._held, self.received.pages()))
        return np.concatenate([np.empty((0, HASH), np.uint8), *parts])

    def leaves_near(self, seqs: Sequence[int]) -> Iterator[tuple[int, Hashes]]:
        """As `Store.leaves_near`: of just these, read from the disk."""
        numbers = np.asarray(seqs)
        for path in self.received.pages():
            first, last = page_range(path)
            mine = numbers[slice(*np.searchsorted(numbers, [first, last + 1]))]
            if len(mine):
                lines = held_lines(path.read_bytes(), max(first, 1), last)
                leaves = held_leaves(lines.gather(mine - max(first, 1)), native=self._native)
                for place, seq in enumerate(mine.tolist()):
                    yield seq, leaves[place : place + 1]

    def _held(self, path: Path) -> Hashes:
        first, last = page_range(path)
        lines = held_lines(path.read_bytes(), max(first, 1), last)
        if first:
            return held_leaves(lines, native=self._native)
        try:
            found = hashes_of((self.folder / REST).read_bytes()).copy()
        except (OSError, ValueError):
            found = np.empty((0, HASH), np.uint8)
        if len(found) != last:  # all is to be fetched
            found = np.zeros((last, HASH), np.uint8)
        there = lines.is_not_null().to_numpy()
        found[there] = held_leaves(lines.drop_nulls(), native=self._native)
        return found

    def replace(self, body: bytes) -> None:
        """As `Store.replace`, file by file."""
        entries = read_lines(self._dataset, body)

        def put(path: Path) -> None:
            first, last = page_range(path)
            mine = entries.filter(entries["seq"].is_between(first, last))
            if not mine.is_empty():
                write_whole(path, [replaced_body(path.read_bytes(), first, last, mine)])

        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(put, self.received.pages()))

    def settle(self, frontier: Frontier) -> None:
        """As `Store.settle`: nothing but the tree is kept that follows from the files."""
        self._keep_tree(frontier)

    def _keep_tree(self, frontier: Frontier) -> None:
        write_whole(self.folder / TREE, [orjson.dumps(frontier.to_json())])

    def erase(self, notice: int, keys: Sequence[str], seqs: Sequence[int]) -> list[int]:
        """As `Store.erase`. The receipt comes first: where the rest is interrupted, it is done again."""
        drop_unfinished(self.folder)
        paths = self.received.pages()
        found = {seq for path in paths for seq in about(self._entries(path), keys, seqs)}
        numbers = sorted(found | set(self._receipts.of(f"erased-{notice}")))
        if numbers:
            told = [Receipt(number, number, ERASED) for number in numbers]
            self._receipts.add(f"erased-{notice}", told)
        for path in paths:
            first, last = page_range(path)
            mine = [n for n in numbers if first <= n <= last]
            if mine:
                write_whole(path, [erased_body(path.read_bytes(), mine)])
        return numbers

    def current(self) -> Path:
        """As `Received.current`, without what the consumer's own check refused."""
        return self.received.current(self._receipts.refused())


class RememberedKeys:
    """The hub's keys, beside the datasets' folders."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / KEYS

    def keys(self) -> list[dict[str, Any]]:
        """As `KeyStore.keys`; raises Corrupt (received_damaged)."""
        try:
            found: list[dict[str, Any]] = orjson.loads(self._path.read_bytes())["keys"]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as error:
            raise Corrupt(Issue("received_damaged", value=str(self._path))) from error
        return found

    def keep_keys(self, keys: list[dict[str, Any]]) -> None:
        """As `KeyStore.keep_keys`."""
        write_whole(self._path, [orjson.dumps({"keys": keys}, option=orjson.OPT_INDENT_2)])
