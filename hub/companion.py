"""The server's own worker: a process beside it, begun with it, begun again when it dies, ended with it.

A process and not a thread: a run keeps Python busy, and pages would wait for it. It holds the other end of
a pipe, so that it notices when the server is killed: it ends its job, and then itself.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

logger = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds before it is begun again; twice as long each time
STEADY = 60.0  # seconds after which it counts as having been well
GRACE = 30.0  # seconds that its job is given to end
_COMMAND = "from hub.cli.main import hub; hub()"


class Companion:
    """`begin` and `end` the worker of the site in `site`."""

    def __init__(self, site: Path, every: float) -> None:
        arguments = ["--site", str(site), "worker", "--every", str(every), "--until-closed"]
        self._command = [sys.executable, "-c", _COMMAND, *arguments]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def begin(self) -> None:
        """Begin it, and keep it alive."""
        self._keeper.start()

    def end(self) -> None:
        """Let its job end, for a while, and end it. Its pipe is closed by that, too."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:  # the job is done anew by the next worker
                process.kill()
        if self._keeper.is_alive():
            self._keeper.join(GRACE)

    def _keep(self) -> None:
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                self._command, stdin=subprocess.PIPE, start_new_session=True
            )
            if self._stopping.is_set():
                self._process.terminate()
            code = self._process.wait()
            if self._stopping.is_set():
                return
            wait = FIRST_WAIT if time.monotonic() - began > STEADY else wait
            logger.warning("the worker ended (%s); begun again in %.0f s", code, wait)
            self._stopping.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)


def end_when_closed() -> None:
    """End this process as SIGTERM would, once the other end of standard input is closed: whoever began
    it is gone."""

    def listen() -> None:
        while os.read(0, 4096):  # not by `sys.stdin`, whose lock a thread may not hold at the end
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=listen, daemon=True).start()
