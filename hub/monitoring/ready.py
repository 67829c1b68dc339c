"""Whether the hub can work: its database answers and has the right schema, the disk takes files, the broker is there.

Only the name of what fails is told to who asks; why stands in the log and in `hub status`.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine, text

from hub.migrations.revisions import HEAD, told_version
from hub.monitoring.bounded import bounded
from hub.site import Site

SECONDS = 1.0  # that every part may take
KEPT = 1.0  # seconds for which an answer is given again, so that asking costs nothing
LEAST = 64 << 20  # bytes that have to be free
_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}

logger = logging.getLogger(__name__)


class NotReadyError(Exception):
    """Raised by a check of a part, with the reason, which only the log has."""


class Readiness:
    """`failing` names what fails. Each part is asked in a thread of its own: one that hangs is failing, and
    isn't asked a second time before it has come back."""

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self._checks = checks
        self._pool = ThreadPoolExecutor(max(len(checks), 1), thread_name_prefix="ready")
        self._asked: dict[str, Future[None]] = {}
        self._known: tuple[float, list[str]] = (0.0, [])

    def failing(self) -> list[str]:
        """The parts that fail, in their order; at most `KEPT` seconds old."""
        until, found = self._known
        if time.monotonic() < until:
            return found
        found = [name for name, future in self._ask() if not _good(name, future)]
        self._known = (time.monotonic() + KEPT, found)
        return found

    def _ask(self) -> list[tuple[str, Future[None]]]:
        for name, check in self._checks.items():
            before = self._asked.get(name)
            if before is None or before.done():
                self._asked[name] = self._pool.submit(check)
        return list(self._asked.items())


def _good(name: str, future: Future[None]) -> bool:
    try:
        future.result(SECONDS)
    except TooLate:
        logger.warning("not ready: %s gave no answer within %s s", name, SECONDS)
    except NotReadyError as error:
        logger.warning("not ready: %s: %s", name, str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the part doesn't work
        logger.warning("not ready: %s: %s", name, error)
    else:
        return True
    return False


def of_hub(site: Site, engine: Engine) -> Readiness:
    """A hub with its database, and its broker where there is one."""
    checks = {
        "database": lambda: check_database(engine),
        "schema": lambda: check_schema(engine),
        "disk": lambda: check_disk(site.path),
    }
    if site.broker_url:
        checks["broker"] = lambda: check_broker(str(site.broker_url))
    return Readiness(checks)


def of_portal(site: Site) -> Readiness:
    """The portal alone: its releases can be read."""
    return Readiness({"releases": lambda: check_folder(site.releases)})


def check_database(engine: Engine) -> None:
    """Raises OperationalError where it doesn't answer."""
    with bounded(engine, SECONDS) as connection:
        connection.execute(text("SELECT 1"))


def check_schema(engine: Engine) -> None:
    """Raises NotReadyError for a schema of another program."""
    with bounded(engine, SECONDS) as connection:
        told = told_version(connection)
    if told not in (None, HEAD):
        raise NotReadyError(f"the schema is {told}, needed is {HEAD}")


def check_disk(folder: Path) -> None:
    """Raises OSError where nothing can be written, NotReadyError where the disk is full."""
    if shutil.disk_usage(folder).free < LEAST:
        raise NotReadyError("the disk is full")
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"ready")
        file.flush()
        os.fsync(file.fileno())


def check_folder(folder: Path) -> None:
    """Raises OSError where it can't be read."""
    with os.scandir(folder) as found:
        next(found, None)


def check_broker(url: str) -> None:
    """Raises OSError where nobody listens there."""
    told = urlsplit(url)
    port = told.port or _PORTS.get(told.scheme, 0)
    with socket.create_connection((told.hostname or "", port), timeout=SECONDS):
        pass
