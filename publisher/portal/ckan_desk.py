"""What one request for CKAN's API works with: what is released, and where the portal is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from flask import current_app

from publisher.ckan_view.parameters import Parameters
from publisher.ckan_view.shelf import Shelf, shelf
from publisher.library import Library
from publisher.portal.addresses import home_address, settings

_SHELVES = 4  # one for each address by which readers call the portal
_ANSWERS = 16 << 20  # bytes of answers that are kept
_LARGEST = 4 << 20  # bytes of one of them


@dataclass(frozen=True, slots=True)
class Desk:
    """`path` is the action's, for links to go on with."""

    library: Library
    shelf: Shelf
    asked: Parameters
    path: str = ""


class Kept:
    """The shelves of the present state, and answers that were given in it. Safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._moment: Hashable = None
        self._shelves: OrderedDict[Hashable, Shelf] = OrderedDict()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._size = 0

    def shelf(self, library: Library, moment: Hashable) -> Shelf:
        """What is released; made anew when the moment is another. Raises Corrupt."""
        address = home_address()
        with self._lock:
            self._begin(moment)
            found = self._shelves.get(address)
        if found is None:
            own = settings()
            found = shelf(library, address, own, own.base_url)
            with self._lock:
                self._begin(moment)
                self._shelves[address] = found
                while len(self._shelves) > _SHELVES:
                    self._shelves.popitem(last=False)
        return found

    def _begin(self, moment: Hashable) -> None:
        """Forget what was said of another moment: records may have been taken back since."""
        if moment != self._moment:
            self._moment, self._size = moment, 0
            self._shelves.clear()
            self._answers.clear()

    def answer(self, moment: Hashable, key: Hashable) -> tuple[bytes, str] | None:
        """The body and the tag of an answer; None: not kept."""
        with self._lock:
            self._begin(moment)
            found: tuple[bytes, str] | None = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def keep(self, moment: Hashable, key: Hashable, body: bytes, tag: str) -> None:
        """Keep an answer unless it is large; the longest unused ones make room."""
        if len(body) > _LARGEST:
            return
        with self._lock:
            if moment != self._moment:
                return
            if key not in self._answers:
                self._answers[key] = (body, tag)
                self._size += len(body)
            while self._size > _ANSWERS:
                _, (dropped, _) = self._answers.popitem(last=False)
                self._size -= len(dropped)


def library() -> Library:
    """What was released."""
    found: Library = current_app.config["LIBRARY"]
    return found


def kept() -> Kept:
    """What this process keeps."""
    found: Kept = current_app.extensions.setdefault("ckan_api", Kept())
    return found


def moment_of(known: Library) -> Hashable:
    """Changes with the day, with each release and with what the catalogue says is public.

    Each current.json is replaced by its successor, so it needn't be read.
    """
    own = known.catalogue.own
    activated = own.stat().st_mtime_ns if own is not None and own.is_dir() else 0
    try:
        pointers = _pointers(known.releases, known.releases.stat().st_mtime_ns)
    except FileNotFoundError:
        pointers = ()
    return (known.today(), activated, pointers, tuple(map(_changed, pointers)))


@lru_cache(maxsize=8)
def _pointers(releases: Path, _changed_at: int) -> tuple[Path, ...]:
    """Each dataset's current.json; the folder of releases changes when a dataset comes."""
    return tuple(folder / "current.json" for folder in sorted(releases.iterdir()))


def _changed(pointer: Path) -> tuple[int, int]:
    try:
        now = pointer.stat()
    except (FileNotFoundError, NotADirectoryError):
        return (0, 0)
    return (now.st_mtime_ns, now.st_ino)


def desk(asked: Parameters, path: str = "", moment: Hashable = None) -> Desk:
    """The desk of this request. Raises Corrupt."""
    known = library()
    return Desk(known, kept().shelf(known, moment or moment_of(known)), asked, path)
