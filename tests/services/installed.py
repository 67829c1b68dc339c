"""Programs that only tests need and that no Debian package brings, installed once for a user of this machine."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT = "HUB_TEST_KEPT"  # the folder that outlives a run of the tests


def installed_once(name: str, install: Callable[[Path], None]) -> Path:
    """The folder `name` beside other temporary things, which `install` has filled; another run of the tests
    may be doing it. Raises RuntimeError where the folder is somebody else's."""
    kept = Path(os.environ.get(KEPT) or tempfile.gettempdir())
    folder = kept / f"exchange-hub-{name}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise RuntimeError(f"{folder} is somebody else's, and programs in it aren't run")
    with alone_in(folder):
        if not (folder / "done").is_file():
            install(folder)
            (folder / "done").touch()
    return folder


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """While nobody else installs anything there."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
