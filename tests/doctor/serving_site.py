"""Processes of the program on one site, as an operator starts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from click.testing import CliRunner

from hub.cli.main import hub as command

Found = TypeVar("Found")
COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]


def at_once(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command, in English, in this process; what nothing caught is told as a Traceback."""
    done = CliRunner().invoke(command, ["--site", str(site), "--lang", "en", *words])
    broken = done.exception is not None and not isinstance(done.exception, SystemExit)
    told = "".join(traceback.format_exception(done.exception)) if broken else ""
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr + told)


@contextmanager
def running(site: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed at the end, unless it has ended."""
    process = subprocess.Popen(
        [*COMMAND, "--site", str(site), "--lang", "en", *words],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def served(site: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`hub serve`, listening, and its address."""
    with running(site, "serve", "--port", "0", *words) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().removeprefix("Portal: ").strip().rstrip("/")


def until(look: Callable[[], Found | Literal[False] | None], seconds: float = 30) -> Found:
    """What `look` gives, once it is true; fails where that takes longer."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
    return found
