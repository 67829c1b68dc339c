"""Reading in a child process, for formats whose parsers can be led to eat memory or time.

A workbook, a page or a database file of somebody else goes through large parsers written in C. In a
child their worst is the child's end: it has no more memory and time than it is given, and what it
did is told as an issue of the file. Batches come back through a pipe, one ahead, so that a child
also works while its parent does.

Children are forked from a server process that has imported the libraries and done nothing else:
that takes milliseconds, and no thread or lock of the hub is in them.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import polars as pl

from adapters.limits import Limits, limits_from_environment
from adapters.plugins import FORMATS
from exchange_schemas.batch import Batch
from exchange_schemas.errors import HubError, SourceUnreadable
from exchange_schemas.issue import Issue

if TYPE_CHECKING:
    from adapters.artefact import Artefact
    from adapters.feed import Feed

Read = Callable[["Feed", "Artefact"], Iterator[Batch]]

LOOK = 0.02  # seconds between two looks at a child's memory
PAGE = resource.getpagesize()
_STARTING = threading.Lock()
BATCH, ERROR, END = b"B", b"E", b"."


def read_in_child(read: Read, feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """What `read` (a `Reader.read`, so a function of a module) gives, read in a child.

    Raises what it raises, and SourceUnreadable: child_limit (more memory or time than
    `Limits` allow), child_died.
    """
    limits = limits_from_environment()
    receiving, sending = _context().Pipe(duplex=False)
    told = (read, feed, artefact, dict(os.environ), sending)
    child = _context().Process(target=_serve, args=told, daemon=True)
    with _without_main():
        child.start()
    sending.close()
    watch = _Watch(child, limits)
    try:
        yield from _received(receiving, watch, artefact.name)
    finally:
        receiving.close()
        child.kill()  # what was given up, or has said all that it has to say
        child.join()
        watch.join()


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    readers = [target.partition(":")[0] for target in FORMATS.values()]
    # what isn't loaded before would be loaded by every child anew
    context.set_forkserver_preload(["adapters.child", *readers])
    return context


@contextmanager
def _without_main() -> Iterator[None]:
    """A child would run the program's main module again to find what it was sent from there. What
    we send is elsewhere, and a main module may be anything, a pipe or a notebook."""
    with _STARTING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


class _Watch(threading.Thread):
    """Ends a child that takes more memory than it may."""

    def __init__(self, child: ForkServerProcess, limits: Limits) -> None:
        super().__init__(name="watch", daemon=True)
        self._child, self.limits = child, limits
        self.tripped = False
        self.start()

    def run(self) -> None:
        memory = Path(f"/proc/{self._child.pid}/statm")
        while self._child.is_alive():
            try:
                resident = int(memory.read_text().split()[1]) * PAGE
            except (OSError, IndexError):  # it has just ended
                return
            if resident > self.limits.child_bytes:
                self.tripped = True
                self._child.kill()
                return
            time.sleep(LOOK)

    def fault(self, file: str) -> SourceUnreadable:
        """Why nothing more comes."""
        if self.tripped:
            return _over(file, f"{self.limits.child_bytes >> 20} MB")
        self._child.join(1)
        words = {"reason": f"exit {self._child.exitcode}"}
        return SourceUnreadable(Issue("child_died", file=file, params=words))


def _received(connection: Connection, watch: _Watch, file: str) -> Iterator[Batch]:
    while True:
        try:
            if not connection.poll(watch.limits.child_seconds):
                raise _over(file, f"{watch.limits.child_seconds} s")
            message = connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise watch.fault(file) from error
        kind, content = message[:1], memoryview(message)[1:]
        if kind == END:
            return
        if kind == ERROR:
            kind_of_error, issue = pickle.loads(content)  # noqa: S301 - our own child's
            raise kind_of_error(issue)
        yield _unpacked(content)


def _over(file: str, what: str) -> SourceUnreadable:
    return SourceUnreadable(Issue("child_limit", file=file, value=what))


def _serve(
    read: Read,
    feed: Feed,
    artefact: Artefact,
    environment: Mapping[str, str],
    connection: Connection,
) -> None:
    """In the child: send every batch, then the end, or what went wrong."""
    os.environ.update(environment)  # its server was started with that of another moment
    limits = limits_from_environment()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    try:
        for batch in read(feed, artefact):
            connection.send_bytes(BATCH + _packed(batch))
        connection.send_bytes(END)
    except HubError as error:
        # without its causes, which needn't be picklable
        connection.send_bytes(ERROR + pickle.dumps((type(error), error.issue)))
    except (MemoryError, RecursionError) as error:
        issue = Issue("child_died", file=artefact.name, params={"reason": type(error).__name__})
        connection.send_bytes(ERROR + pickle.dumps((SourceUnreadable, issue)))


def _packed(batch: Batch) -> bytes:
    """rows and issues as Arrow streams, behind their lengths and `unreadable`."""
    rows, issues = (_stream(frame) for frame in (batch.rows, batch.issues))
    head = [len(rows), len(issues), batch.unreadable]
    return b"".join([*(number.to_bytes(8, "big") for number in head), rows, issues])


def _stream(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer, compat_level=pl.CompatLevel.newest())
    return buffer.getvalue()


def _unpacked(content: memoryview) -> Batch:
    rows, issues, unreadable = (
        int.from_bytes(content[place : place + 8], "big") for place in (0, 8, 16)
    )
    start = 24
    return Batch(
        pl.read_ipc_stream(io.BytesIO(content[start : start + rows])),
        pl.read_ipc_stream(io.BytesIO(content[start + rows : start + rows + issues])),
        unreadable,
    )
