"""Signs of life of a job while it waits for somebody else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from exchange_schemas.errors import HubError
from hub.jobs import lease_seconds

logger = logging.getLogger(__name__)


@contextmanager
def heartbeat(renew: Callable[[], None]) -> Iterator[None]:
    """Calls `renew` four times in each lease, from a thread, until the block ends.

    A pull may take longer than a lease, and then nothing happens between batches. Once the lease is
    lost there is nobody to tell: the commit finds it out by the fencing number.
    """
    stopping = threading.Event()

    def beat() -> None:
        while not stopping.wait(lease_seconds() / 4):
            try:
                renew()
            except HubError:
                return
            except OperationalError as error:  # the database is away; it may be back in time
                logger.warning("sign of life: %s", type(error).__name__)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
