"""A tap as a process: what it may know, how long it may take, and what it says when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread, Timer

from adapters.discreet import discreet
from adapters.source import Ask
from exchange_schemas.errors import Misdeclared, SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

LONGEST = 16 << 20  # bytes of one line, as many as JSON Lines may have
TAIL = 20  # lines of what it says on stderr that are kept
LINE = 300  # bytes of each

# The hub's own variables have secrets of others; a tap gets these, and those that the feed names.
PASSED = ("PATH", "LANG", "LC_ALL", "HOME", "TZ")


@dataclass(slots=True)
class Tap:
    """A running tap."""

    name: str
    process: subprocess.Popen[bytes]
    ask: Ask
    said: deque[bytes] = field(default_factory=lambda: deque(maxlen=TAIL))
    overdue: Event = field(default_factory=Event)
    listener: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.listener = Thread(target=self._listen, daemon=True)
        self.listener.start()

    def lines(self) -> Iterator[bytes]:
        """The lines that it writes, until it has ended well.

        Raises SourceUnavailable (tap_failed, tap_slow) where it ends otherwise, SourceUnreadable
        (tap_message_wrong) for a line that is too long.
        """
        output = self.process.stdout
        assert output is not None  # noqa: S101 - it is a pipe
        number = 0
        while line := output.readline(LONGEST):
            number += 1
            if not line.endswith(b"\n"):
                if len(line) == LONGEST:
                    words = {"reason": f"it is longer than {LONGEST >> 20} MB"}
                    issue = Issue("tap_message_wrong", number, value=self.name, params=words)
                    raise SourceUnreadable(issue)
                self._check_end()  # before anybody wonders about half a line
            if line.strip():
                yield line
        self._check_end()

    def end(self) -> None:
        """Ends it and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def expire(self) -> None:
        """Ends it because its time is over."""
        self.overdue.set()
        self.end()

    def _listen(self) -> None:
        errors = self.process.stderr
        assert errors is not None  # noqa: S101 - it is a pipe
        while line := errors.readline(1 << 16):
            self.said.append(line[:LINE].strip())

    def _check_end(self) -> None:
        status = self.process.wait()
        if self.overdue.is_set():
            words = {"seconds": str(self.ask.limits.seconds)}
            raise SourceUnavailable(Issue("tap_slow", value=self.name, params=words))
        if status:
            self.listener.join(5)  # not for ever: what the tap has started may still hold the pipe
            words = {"status": str(status), "reason": self._last_words()}
            raise SourceUnavailable(Issue("tap_failed", value=self.name, params=words))

    def _last_words(self) -> str:
        text = "\n".join(line.decode(errors="replace") for line in self.said if line)
        named = (os.environ.get(name, "") for name in self.ask.options.get("env", []))
        return discreet(text, [value for value in named if value])


@contextmanager
def running(command: Sequence[str], ask: Ask) -> Iterator[Tap]:
    """Runs `command` without a shell until the block ends; raises Misdeclared (tap_missing)."""
    name = Path(command[0]).name
    passed = (*PASSED, *ask.options.get("env", []))
    try:
        process = subprocess.Popen(  # noqa: S603 - the feed's command is what is to be run
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={one: os.environ[one] for one in passed if one in os.environ},
            cwd=ask.folder,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError, OSError) as error:
        raise Misdeclared(Issue("tap_missing", value=command[0])) from error
    tap = Tap(name, process, ask)
    watch = Timer(ask.limits.seconds, tap.expire)
    watch.start()
    try:
        with process:
            try:
                yield tap
            finally:
                tap.end()
    finally:
        watch.cancel()
