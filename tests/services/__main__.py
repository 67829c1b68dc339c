"""Runs a command with the servers that the tests need; `--on-disk` for what is measured."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from types import FrameType

from tests.services.needs import NeedMissing, install_missing
from tests.services.postgres_server import postgres_server
from tests.services.redis_server import redis_server
from tests.services.server import STOP_SECONDS, ServerFailed
from tests.services.temporary import temporary

ON_DISK = "--on-disk"


def main(command: list[str]) -> int:
    """Exit code of `command`; 1 where the servers can't be had."""
    on_disk = command[:1] == [ON_DISK]
    command = command[on_disk:]
    if not command:
        print(f"usage: python -m tests.services [{ON_DISK}] COMMAND…", file=sys.stderr)
        return 2
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _leave)
    try:
        install_missing()
        with ExitStack() as servers:
            places = servers.enter_context(temporary(in_memory=not on_disk))
            tempfile.tempdir = places["TMPDIR"]  # that of the servers, too
            environment = {
                **os.environ,
                **places,
                "HUB_TEST_POSTGRES_URL": servers.enter_context(postgres_server()),
                "HUB_TEST_REDIS_URL": servers.enter_context(redis_server()),
            }
            return _run(command, environment)
    except (NeedMissing, ServerFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _leave(signum: int, _frame: FrameType | None) -> None:
    """Turned into an exception, so that the servers are stopped on the way out."""
    sys.exit(128 + signum)


def _run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)
    try:
        return _exit_code(process.wait())
    except KeyboardInterrupt:
        # Ctrl-C reached the command as well: its own closing lines come first.
        process.wait(STOP_SECONDS)
        raise
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _exit_code(returned: int) -> int:
    """As a shell gives it: 128 + the number of the signal that ended the command."""
    return returned if returned >= 0 else 128 - returned


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
