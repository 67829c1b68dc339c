"""Files on another machine: which of them a feed takes, and each of them whole or not at all."""

from __future__ import annotations

import codecs
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from glob import has_magic
from typing import IO, Any, Protocol, TypeVar

from adapters.source import Ask, Part
from adapters.steadily import steadily
from exchange_schemas.errors import (
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

T = TypeVar("T")

BLOCK = 1 << 18
# What WinSCP, FileZilla and careful scripts call a file that they haven't done with.
UNFINISHED = (".tmp", ".part", ".filepart")

FILES_OPTIONS: Mapping[str, Any] = {
    "host": {"type": "string", "minLength": 1},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "user": {"type": "string", "minLength": 1},
    "encoding": {"type": "string", "minLength": 1},
    # wildcards in the file's name only: one folder is listed, and never a tree
    "path": {"type": "string", "pattern": r"^([^*?\[]*/)?[^/]+$"},
    "take": {"enum": ["last", "all", "new"]},
    "by": {"enum": ["name", "time"]},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as its server tells it: `size` in bytes, `time` of its last change in Unix seconds.

    `tag` stands for its content, where a server has such a thing (ETag).
    """

    name: str
    size: int
    time: float
    tag: str = ""


class Remote(Protocol):
    """A connection to the folder of `path`; names are of files in it.

    Every call raises SourceFaltering where the connection breaks off, and SourceUnavailable
    (file_missing) where there is nothing.
    """

    def entries(self) -> Iterable[Entry]:
        """Every file in the folder."""

    def look(self, name: str) -> Entry:
        """One file as it is now."""

    def blocks(self, name: str, size: int) -> Iterator[bytes]:
        """The file's bytes; `size` is how many are to be expected."""

    def close(self) -> None:
        """Ends the connection; never raises."""


def split(path: str) -> tuple[str, str]:
    """Folder and name of a remote path, e.g. ("/out", "*.csv"); "" is where a login starts."""
    folder, slash, name = path.rpartition("/")
    return (folder or slash), name


def address(ask: Ask, usual: int) -> tuple[str, int]:
    """Host and port that the feed names; `usual` is the port of its protocol."""
    return str(ask.options["host"]), int(ask.options.get("port", usual))


def encoding_of(ask: Ask) -> str:
    """The encoding of the server's names; raises Misdeclared (file_encoding_unknown)."""
    encoding = str(ask.options.get("encoding", "utf-8"))
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise Misdeclared(Issue("file_encoding_unknown", value=encoding)) from error
    return encoding


def pull_files(ask: Ask, scheme: str, place: str, connect: Callable[[], Remote]) -> Iterator[Part]:
    """The files that the feed takes, each read to its end before any of it is handed on.

    The cursor of `take: new` comes with the last one; without a new file there is no part, and the
    cursor stays where it is. Raises as `connect` and its `Remote`, and SourceUnavailable
    (file_missing, files_slow), SourceFaltering (file_changing), SourceUnreadable
    (delivery_too_large).
    """
    folder, pattern = split(ask.options["path"])
    line = _Line(ask, f"{scheme}://{place}/{folder.lstrip('/')}".rstrip("/"), connect)
    try:
        found = steadily(lambda: line.call(lambda remote: _matching(remote, pattern)))
        if not found and ask.options.get("take") != "new":
            raise SourceUnavailable(Issue("file_missing", value=line.origin(pattern)))
        chosen = choose(found, ask.options, ask.cursor)
        for entry in chosen:
            ask.progress(entry.name)
            read, kept = _fetch(line, entry.name)
            cursor = next_cursor(chosen, ask) if entry is chosen[-1] else None
            origin = line.origin(entry.name)
            yield Part(entry.name, _blocks(kept), origin, headers_of(read), cursor)
    finally:
        line.close()


def choose(found: Iterable[Entry], options: Mapping[str, Any], cursor: str | None) -> list[Entry]:
    """Those of `found` that `take` asks for, in the order of `by`.

    By time, what is new has a later time than the last file, or its time and another name or size:
    several files are often written within the one second that servers tell.
    """
    by_time = options.get("by") == "time"
    ordered = sorted(found, key=lambda e: (e.time, e.name) if by_time else (0, e.name))
    if options.get("take") == "all":
        return ordered
    if options.get("take") != "new":
        return ordered[-1:]
    last, taken = read_cursor(cursor)
    if not taken:
        return ordered
    if not by_time:
        return [e for e in ordered if e.name > max(taken)]
    return [
        e for e in ordered if e.time > last or (e.time == last and taken.get(e.name) != e.size)
    ]


def write_cursor(entries: Iterable[Entry], before: str | None = None) -> str:
    """JSON of the last time, and of name and size of the files of that time.

    `before` is the cursor that they follow: files of the same time are added to its own.
    """
    entries = list(entries)
    last = max(e.time for e in entries)
    earlier, taken = read_cursor(before)
    files = dict(taken) if earlier == last else {}
    files.update({e.name: e.size for e in entries if e.time == last})
    return json.dumps({"time": last, "files": files}, ensure_ascii=False)


def read_cursor(cursor: str | None) -> tuple[float, dict[str, int]]:
    """Time and files of a cursor.

    Another kind of source may have left it before the feed was changed: then everything is new,
    and what the ledger has already counts as unchanged.
    """
    try:
        told = json.loads(cursor or "{}")
        return float(told["time"]), {str(name): int(size) for name, size in told["files"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0.0, {}


def headers_of(entry: Entry) -> dict[str, str]:
    """What is told of a file: Last-Modified in UTC, and its ETag where it has one."""
    changed = datetime.fromtimestamp(entry.time, UTC).isoformat(timespec="seconds")
    return {"Last-Modified": changed} | ({"ETag": entry.tag} if entry.tag else {})


def next_cursor(chosen: list[Entry], ask: Ask) -> str | None:
    """Where `take: new` goes on after `chosen`; None for what else `take` may be."""
    if ask.options.get("take") != "new":
        return None
    if ask.options.get("by") == "time":
        return write_cursor(chosen, ask.cursor)
    return write_cursor(chosen[-1:])


def _matching(remote: Remote, pattern: str) -> list[Entry]:
    if not has_magic(pattern):
        return [remote.look(pattern)]
    return [e for e in remote.entries() if fnmatchcase(e.name, pattern) and finished(e.name)]


def finished(name: str) -> bool:
    """Whether a file's name is that of one that its writer has done with."""
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def _fetch(line: _Line, name: str) -> tuple[Entry, IO[bytes]]:
    return steadily(lambda: line.call(lambda remote: _read_whole(line, remote, name)))


def _read_whole(line: _Line, remote: Remote, name: str) -> tuple[Entry, IO[bytes]]:
    """The file as it was read, its bytes in a temporary file; refused where it changed meanwhile."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - who is given it closes it
    try:
        read = _copy(line, remote, name, kept)
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return read, kept


def _copy(line: _Line, remote: Remote, name: str, kept: IO[bytes]) -> Entry:
    before, size = remote.look(name), 0
    for block in remote.blocks(name, before.size):
        size += kept.write(block)
        line.check(name, size)
        if size > before.size:  # it grows, perhaps as fast as it is read
            break
    if size != before.size or remote.look(name) != before:
        raise SourceFaltering(Issue("file_changing", value=line.origin(name)))
    return before


def _blocks(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        while block := kept.read(BLOCK):
            yield block


@dataclass(slots=True)
class _Line:
    """One connection for all files, made anew after it faltered: a login is dear, and many in a
    row look like an attack."""

    ask: Ask
    place: str
    connect: Callable[[], Remote]
    remote: Remote | None = None
    until: float = field(init=False)

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.ask.limits.seconds

    def call(self, what: Callable[[Remote], T]) -> T:
        self.remote = self.remote or self.connect()
        try:
            return what(self.remote)
        except SourceFaltering:
            self.close()
            raise

    def close(self) -> None:
        remote, self.remote = self.remote, None
        if remote is not None:
            remote.close()

    def origin(self, name: str) -> str:
        return f"{self.place}/{name}"

    def check(self, name: str, size: int) -> None:
        """Raises where a file is too large, or the pull takes too long."""
        limits = self.ask.limits
        if size > limits.bytes:
            raise SourceUnreadable(
                Issue("delivery_too_large", file=name, value=f"{limits.bytes >> 20} MB")
            )
        if time.monotonic() > self.until:
            words = {"seconds": str(limits.seconds)}
            raise SourceUnavailable(Issue("files_slow", value=self.origin(name), params=words))
