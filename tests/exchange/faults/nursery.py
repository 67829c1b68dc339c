"""Starts `hub …` as processes that can be killed at any moment: `python -m tests.exchange.faults.nursery`.

Everything is loaded once, and a child is forked for each line on standard input that asks for one, so
that a process is at work within milliseconds. A child ends with the nursery.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
import traceback
from typing import Any

import time_machine

import hub.cli.consume
import hub.consume.sql_place
import hub.tasks
import hub.web.server  # noqa: F401 - as the others: so that no child has to load it
from hub.cli.main import hub as command
from hub.consume import asking

_PR_SET_PDEATHSIG = 1


def _child(told: dict[str, Any]) -> int:
    """The exit code of `hub` with these arguments, in this process."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, name in ((0, os.devnull), (1, told["output"]), (2, told["output"] + ".err")):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(name, flags), number)
    os.environ.update(told["environment"])
    asking.WAITS = tuple(told["waits"])
    if told["hours"]:
        # The clock of this process alone is wrong.
        time_machine.travel(time.time() + told["hours"] * 3600, tick=True).start()
    try:
        command(told["start"], prog_name="hub")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
        return 70
    return 0


def _start(told: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    code = 71
    try:
        code = _child(told)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        told = json.loads(line)
        if "start" in told:
            print(_start(told), flush=True)
        else:
            ended, status = os.waitpid(told["ask"], os.WNOHANG)
            print(json.dumps(os.waitstatus_to_exitcode(status) if ended else None), flush=True)


if __name__ == "__main__":
    main()
