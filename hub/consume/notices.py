"""Notices: which records a consumer has to stop using, or to erase, kept and then confirmed.

A notice is on the disk before it is acted on, and acted on before it is confirmed. So a crash at any
moment leaves it to be confirmed, and none is confirmed that isn't kept. In files a notice is
`notices/<id>.json`, and `<id>.confirmed.json` after that; whoever uses what was received looks there
for the keys that are not to be shown any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import orjson

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.consume.asker import Bearer
from hub.consume.asking import Hub
from hub.consume.file_store import FileStore
from hub.consume.receipts import send_receipts
from hub.consume.received import Received, write_whole
from hub.consume.store import Store

FOLDER = "notices"  # beside the datasets' folders
DIGITS = 10  # names sort as numbers
DONE = ".confirmed.json"
BUSY = "receiving_busy"
ERASE = "erase"  # the act that wants content gone, not only unshown

Notice = dict[str, Any]
#: The stores that hold a dataset's entries.
StoresOf = Callable[[str], Iterator[Store]]


class NoticeBook(Protocol):
    """Where notices are kept."""

    def receiving(self) -> AbstractContextManager[None]:
        """Keep other processes out; raises Refused (receiving_busy)."""

    def last(self) -> int:
        """The highest id, 0 at first."""

    def keep(self, notice: Notice) -> None:
        """Add a notice; the record isn't shown from now on."""

    def unconfirmed(self) -> list[Notice]:
        """Those that the hub wasn't told of, in order."""

    def confirmed(self, number: int) -> None:
        """The hub was told."""


def take_notices(url: str, directory: Path, key: str) -> dict[str, int]:
    """As `take`, with a store of files and a bearer key."""
    with Hub(url, Bearer(key)) as hub:
        return take(hub, NoticeFiles(directory), stores_in(directory))


def take(hub: Hub, book: NoticeBook, stores_of: StoresOf) -> dict[str, int]:
    """Fetch, keep, follow and confirm what is new; returns {notices, confirmed}.

    Nothing is done where another process does it now. Raises as `pull.consume`, and Corrupt
    (notice_unreadable).
    """
    try:
        with book.receiving():
            kept = _fetch(hub, book)
            return {"notices": kept, "confirmed": _follow(hub, book, stores_of)}
    except Refused as error:
        if error.issue.code != BUSY:
            raise
        return {"notices": 0, "confirmed": 0}


def _fetch(hub: Hub, book: NoticeBook) -> int:
    after, count = book.last(), 0
    while True:
        told = _read(hub.get("notices", {"after": after}).content, after)
        if not told:
            return count
        for one in told:
            book.keep(one)
            after, count = one["id"], count + 1


def _read(content: bytes, after: int) -> list[Notice]:
    """The notices of an answer, whose ids rise; raises Corrupt (notice_unreadable)."""
    try:
        told: list[Notice] = orjson.loads(content)["notices"]
        ids = [one["id"] for one in told]
        named = all(_names_a_record(one) for one in told)
        right = named and all(type(number) is int for number in ids)
        right = right and ids == sorted(set(ids)) and (not ids or ids[0] > after)
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise Corrupt(Issue("notice_unreadable", value=str(after)))
    return told


def _names_a_record(one: Notice) -> bool:
    numbered = one["act"] == ERASE and type(one.get("seq")) is int
    return isinstance(one["dataset"], str) and (numbered or isinstance(one["key"], str))


def _follow(hub: Hub, book: NoticeBook, stores_of: StoresOf) -> int:
    waiting = book.unconfirmed()
    erased = _erase([one for one in waiting if one.get("act") == ERASE], stores_of)
    for one in waiting:
        hub.post(f"notices/{one['id']}/confirmation")
        book.confirmed(one["id"])
    for dataset, store in erased:
        send_receipts(hub, dataset, store.waiting(), store.acknowledged)
    return len(waiting)


def _erase(notices: list[Notice], stores_of: StoresOf) -> list[tuple[str, Store]]:
    """Erase what these name, each dataset's at once: single entries, or all of a record where a
    notice gives no number. Returns the stores, with their datasets."""
    done: list[tuple[str, Store]] = []
    for dataset in sorted({one["dataset"] for one in notices}):
        mine = [one for one in notices if one["dataset"] == dataset]
        seqs = [one["seq"] for one in mine if one.get("seq") is not None]
        keys = [one["key"] for one in mine if one.get("seq") is None]
        for store in stores_of(dataset):
            with store.receiving():
                store.erase(mine[0]["id"], keys, seqs)
            done.append((dataset, store))
    return done


def stores_in(directory: Path) -> StoresOf:
    """The stores of files in a folder: the dataset's own, and those of versions of its standard."""

    def of(dataset: str) -> Iterator[Store]:
        for folder in sorted(directory.glob(f"{dataset}*")):
            name, _, version = folder.name.partition("@")
            if name == dataset and folder.is_dir():
                yield FileStore(directory, dataset, version or None)

    return of


def kept_notices(directory: Path) -> list[Notice]:
    """The notices that were kept, in order, each as the hub gave it."""
    return [orjson.loads(path.read_bytes()) for path in _files(directory / FOLDER)]


class NoticeFiles:
    """Notices beside the datasets' folders."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / FOLDER

    def receiving(self) -> AbstractContextManager[None]:
        """As `NoticeBook.receiving`."""
        return Received(self._folder).receiving()

    def last(self) -> int:
        """As `NoticeBook.last`."""
        files = _files(self._folder)
        return _number(files[-1]) if files else 0

    def keep(self, notice: Notice) -> None:
        """As `NoticeBook.keep`."""
        body = orjson.dumps(notice, option=orjson.OPT_INDENT_2)
        write_whole(self._folder / f"{notice['id']:0{DIGITS}d}.json", [body])

    def unconfirmed(self) -> list[Notice]:
        """As `NoticeBook.unconfirmed`."""
        waiting = [path for path in _files(self._folder) if not path.name.endswith(DONE)]
        return [orjson.loads(path.read_bytes()) for path in waiting]

    def confirmed(self, number: int) -> None:
        """As `NoticeBook.confirmed`."""
        name = f"{number:0{DIGITS}d}"
        (self._folder / f"{name}.json").rename(self._folder / f"{name}{DONE}")


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.json"))


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0])
