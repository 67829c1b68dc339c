"""A server as a child process that never outlives this one."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 30.0
STOP_SECONDS = 20.0


class ServerFailed(RuntimeError):
    """A server stopped while starting, or didn't answer in time; the message has its log."""


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(
    command: list[str],
    answers: Callable[[], bool],
    log: Path,
    stop: signal.Signals = signal.SIGTERM,
    user: str | None = None,
    seconds: float = START_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `command`, as `user` where given, until the block ends; raises ServerFailed.

    A session of its own keeps Ctrl-C for the tests: they end first, then their servers. The
    kernel ends the server too when this process is killed (`setpriv --pdeathsig`).
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_bound_to_parent(stop, user), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=log.parent,
        )
    try:
        _wait_until(answers, process, log, seconds)
        yield process
    finally:
        _stop(process, stop)


def _bound_to_parent(stop: signal.Signals, user: str | None) -> list[str]:
    identity = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    return ["setpriv", *identity, f"--pdeathsig={stop.name.removeprefix('SIG')}"]


def _wait_until(
    answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    deadline = time.monotonic() + seconds
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:]
            raise ServerFailed(f"{process.args!r} didn't start:\n{said}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    if process.poll() is not None:
        return
    process.send_signal(stop)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
