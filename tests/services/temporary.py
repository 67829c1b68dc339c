"""Where a run of the tests keeps what nobody needs afterwards: in memory, where the machine has plenty.

Tests end processes and never the machine, so nothing that they write has to survive on a disk; the files of
thousands of small databases are a fifth of the time that the tests take.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.installed import KEPT

MEMORY = Path("/dev/shm")  # Linux's file system in memory # noqa: S108
ROOM = 10 * 2**30  # bytes that it and the memory must have left; a run takes some two of them


@contextmanager
def temporary(*, in_memory: bool) -> Iterator[dict[str, str]]:
    """The variables that send a process's temporary files into a folder of this run, and the compiled
    modules, which this way aren't written beside the sources. `in_memory`: where there is room."""
    usual = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(
        prefix="exchange-hub-tests-",
        dir=place() if in_memory else None,
        ignore_cleanup_errors=True,
    ) as name:
        Path(name).chmod(0o1777)  # as a system's own: servers are run as other users
        yield {
            "TMPDIR": name,
            KEPT: os.environ.get(KEPT, usual),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": f"{name}/modules",
        }


def place() -> str | None:
    """Where to keep them in memory; None where there is no room, or the caller said another place."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return None
    enough = shutil.disk_usage(MEMORY).free >= ROOM and _available() >= ROOM
    return str(MEMORY) if enough else None


def _available() -> int:
    """Bytes of memory that may be taken without anything being moved out of it; 0 where nobody knows."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    told = dict(line.split(":", 1) for line in lines)
    return int(told.get("MemAvailable", "0 kB").split()[0]) * 1024
