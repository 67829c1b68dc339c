"""A worker without a broker: takes queued jobs from the job table, one after another."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from exchange_schemas.errors import HubError
from hub import jobs
from hub.keeping_schedule import ScheduleKeeper
from hub.monitoring.bound import bound
from hub.site import Site
from hub.storage.pushing import push_by_the_way
from hub.work import work

logger = logging.getLogger(__name__)


def do_job(site: Site, engine: Engine, job_id: int) -> bool:
    """Do a job, whatever comes of it: a job that fails must not end the worker.

    Whether it was done here and now. Why it wasn't stands in the job's row; the log has only the
    code, because messages may quote a record.
    """
    with bound(job=job_id):
        try:
            return work(site, engine, job_id) is not None
        except HubError as error:
            logger.warning("job %s: %s", job_id, error.issue.code)
        except Exception as error:  # noqa: BLE001 - any fault of one job is that job's
            logger.error("job %s: %s", job_id, type(error).__name__)  # noqa: TRY400 - see above
        return False


@dataclass(slots=True)
class Worker:
    """`run` until `stop`, which lets the job under way end."""

    site: Site
    engine: Engine
    every: float  # seconds between two looks at the job table
    scheduling: bool = True  # whether it queues feeds that are due, while it leads
    _stopping: threading.Event = field(default_factory=threading.Event)
    _keeper: ScheduleKeeper = field(init=False)

    def __post_init__(self) -> None:
        self._keeper = ScheduleKeeper(self.site, self.engine)

    def stop(self) -> None:
        """Make `run` return after the present job; from a signal or another thread."""
        self._stopping.set()

    def run(self) -> None:
        """Do queued and lost jobs until stopped."""
        while not self._stopping.is_set():
            if self.scheduling:
                self._keeper.keep()
            self.work_off(self._queued())
            push_by_the_way(self.site)
            self._stopping.wait(self.every)
        self._keeper.stop()

    def run_once(self) -> int:
        """Do what is queued and what these jobs queue, each job once; returns how many were done."""
        done, tried = 0, set[int]()
        while fresh := [i for i in jobs.sweep(self.engine) if i not in tried]:
            tried.update(fresh)
            done += self.work_off(fresh)
        return done

    def _queued(self) -> list[int]:
        try:
            return jobs.sweep(self.engine)
        except OperationalError as error:  # locked by a long run, or the database is away
            logger.warning("job table not reached: %s", type(error.orig).__name__)
            return []

    def work_off(self, job_ids: list[int]) -> int:
        """Do these jobs in order; returns how many were done here."""
        return sum(
            do_job(self.site, self.engine, job_id)
            for job_id in job_ids
            if not self._stopping.is_set()
        )
