"""`hub …` as real processes that a test starts, kills and waits for."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.source_tree import ROOT

WAITS = (0.05, 0.2)  # seconds before a consumer's second and third try: the hub is back soon here
LONG = 120.0  # seconds after which a process is taken for stuck


@dataclass
class Started:
    """One process."""

    nursery: Nursery
    pid: int
    output: Path
    code: int | None = None

    def ended(self) -> bool:
        """Whether it has."""
        if self.code is None:
            self.code = self.nursery.ask({"ask": self.pid})
        return self.code is not None

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Now, unless it has ended."""
        if not self.ended():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, seconds: float = LONG) -> int:
        """Its exit code, -9 where it was killed; one that is stuck fails the test."""
        deadline = time.monotonic() + seconds
        while not self.ended():
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"a process is stuck: {self.errors()[-2000:]}")
            time.sleep(0.01)
        assert "Traceback" not in self.errors(), self.errors()
        return int(self.code or 0)

    def told(self) -> Any:
        """What it printed as JSON; None where that isn't whole."""
        try:
            return json.loads(self.output.read_text())
        except (OSError, ValueError):
            return None

    def errors(self) -> str:
        """What it said on standard error."""
        path = Path(f"{self.output}.err")
        return path.read_text(errors="replace") if path.exists() else ""


@dataclass
class Nursery:
    """Asks `tests.exchange.faults.nursery`; may be used from several threads."""

    process: subprocess.Popen[str]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _one: threading.Lock = field(default_factory=threading.Lock)
    _living: list[Started] = field(default_factory=list)

    def ask(self, told: Mapping[str, Any]) -> Any:
        """One line, and its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self._one:
            self.process.stdin.write(json.dumps(told) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def start(
        self, *arguments: str, hours: float = 0, waits: Sequence[float] = WAITS, **more: str
    ) -> Started:
        """`hub` with these arguments; `more` are variables of its environment. Its clock is `hours`
        ahead."""
        output = self.folder / f"process-{next(self._numbers)}"
        told = {
            "start": arguments, "output": str(output), "hours": hours, "waits": waits,
            "environment": {**self.environment, **more},
        }  # fmt: skip
        found = Started(self, self.ask(told), output)
        self._living = [one for one in self._living if one.code is None] + [found]
        return found

    def run(self, *arguments: str, **more: Any) -> Any:
        """What a command that must succeed prints as JSON."""
        found = self.start(*arguments, "--json", **more)
        assert found.wait() == 0, found.errors() + found.output.read_text()
        return found.told()

    def end(self) -> None:
        """Kill what still runs."""
        for one in self._living:
            one.kill()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


@contextmanager
def nursery(folder: Path, **environment: str) -> Iterator[Nursery]:
    """A nursery until the block ends, and no process of it after that."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", sys.executable, "-m", "tests.exchange.faults.nursery"],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, **environment},
    )  # fmt: skip
    found = Nursery(process, folder, environment)
    try:
        yield found
    finally:
        found.end()
