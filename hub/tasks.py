"""Celery: carries job ids to workers. The only module that knows of it.

The queue is a hint and the job table is the truth: a message that is lost, late, doubled or kept
by a dead worker changes nothing, because `hub.jobs` decides who may commit a job.
"""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import sys
import threading
from typing import Any

from celery import Celery
from celery.beat import ScheduleEntry, Scheduler, Service
from kombu.exceptions import OperationalError
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import jobs
from hub.keeping_schedule import ScheduleKeeper, queue_due
from hub.leader import SCHEDULE, Term
from hub.site import Site
from hub.storage.pushing import push_by_the_way
from hub.worker import do_job

logger = logging.getLogger(__name__)

TASK = "hub.work"
TICK = "hub.tick"  # queue what is due


def create_celery(site: Site) -> Celery:
    """The application of one site; `HUB_BROKER_URL` must be set."""
    app = Celery("hub", broker=site.broker_url)
    app.conf.update(
        accept_content=["json"],  # no pickle: who writes to the broker mustn't run code here
        task_serializer="json",
        task_ignore_result=True,  # results stand in the job table
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,  # lines of the log would come back as events
        task_default_queue=_queue(site),
        broker_connection_retry_on_startup=True,
    )
    return app


def enqueue(site: Site, job_id: int) -> None:
    """Tell a worker of a job. Without a broker, or while it is down, workers find it by themselves."""
    if site.broker_url is None:
        return
    try:
        create_celery(site).send_task(TASK, (job_id,), retry=False)
    except OperationalError as error:
        logger.warning("broker not reached (%s); a worker will find job %s", error, job_id)


def run_worker(site: Site, engine: Engine, every: float, *, scheduling: bool = False) -> None:
    """A Celery worker and a sweeper, until SIGTERM or Ctrl-C; the job under way may end.

    One job at a time in a thread: SIGKILL then ends the job with the process, and nobody goes on
    working unseen. For more at a time start more workers.
    """
    app = create_celery(site)

    @app.task(name=TASK)
    def run_job(job_id: int) -> None:
        do_job(site, engine, int(job_id))

    @app.task(name=TICK)
    def tick(fence: int) -> None:
        hint(app, queue_due(site, engine, Term(SCHEDULE, int(fence))))

    stopping = threading.Event()
    keeper = ScheduleKeeper(site, engine) if scheduling else None
    sweeper = threading.Thread(
        target=_sweep, args=(app, site, keeper, engine, every, stopping), daemon=True
    )
    sweeper.start()
    worker = app.Worker(
        pool_cls="threads",
        concurrency=1,
        loglevel="WARNING",
        hostname=f"hub-{os.getpid()}@%h",
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    try:
        worker.start()
    finally:
        stopping.set()
        if keeper is not None:
            keeper.stop()


def run_beat(site: Site, engine: Engine, every: float) -> None:
    """Celery's beat, until SIGTERM or Ctrl-C. Of several one leads, and sends a message each `every`
    seconds: a worker queues what is due. Raises Misdeclared (beat_without_broker)."""
    if site.broker_url is None:
        raise Misdeclared(Issue("beat_without_broker"))
    keeper = ScheduleKeeper(site, engine)

    class Leading(Scheduler):
        """Beat's own loop, for who leads. Its fencing number goes with the message."""

        producer = None  # each message has its own connection: a broker that is away stops nothing

        def setup_schedule(self) -> None:
            self.merge_inplace({SCHEDULE: {"task": TICK, "schedule": every}})

        def tick(self, *_: Any, **__: Any) -> float:
            return float(super().tick()) if keeper.lead() else every

        def apply_async(self, entry: ScheduleEntry, *_: Any, **__: Any) -> None:
            _send_tick(self.app, keeper, every)

    service = Service(
        create_celery(site), max_interval=every, scheduler_cls=Leading, remote_control=False
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())  # beat ends its loop on it
    service.start()
    keeper.stop()


def _send_tick(app: Celery, keeper: ScheduleKeeper, every: float) -> None:
    """Tell a worker to queue what is due; while the broker is away it is done here."""
    if keeper.term is None:
        return
    try:
        app.send_task(TICK, (keeper.term.fence,), retry=False, expires=2 * every)
    except OperationalError as error:
        logger.warning("broker not reached (%s); what is due is queued here", error)
        queue_due(keeper.site, keeper.engine, keeper.term)


def _sweep(
    app: Celery,
    site: Site,
    keeper: ScheduleKeeper | None,
    engine: Engine,
    every: float,
    stopping: threading.Event,
) -> None:
    """Requeue the jobs of dead workers, keep the schedule if this process leads, and hint at queued
    jobs whose message was lost."""
    while not stopping.wait(every):
        try:
            if keeper is not None:
                keeper.keep()
            hint(app, jobs.sweep(engine))
            push_by_the_way(site)
        except Exception as error:  # noqa: BLE001 - the next sweep tries again
            logger.warning("sweep: %s", type(error).__name__)


def hint(app: Celery, job_ids: list[int]) -> int:
    """Send a message for each job, unless messages are waiting already; returns how many."""
    if not job_ids or _waiting(app):
        return 0
    for job_id in job_ids:
        app.send_task(TASK, (job_id,))
    return len(job_ids)


def _waiting(app: Celery) -> int:
    with app.connection_for_read() as connection:
        try:
            declared = connection.default_channel.queue_declare(
                app.conf.task_default_queue, passive=True
            )
        except connection.channel_errors:  # no such queue: nothing was ever sent, or all is taken
            return 0
        return int(declared.message_count)


def _queue(site: Site) -> str:
    """One queue for each database: job ids of two hubs on one broker mustn't mix."""
    name = make_url(site.database_url).render_as_string(hide_password=True)
    return "hub." + hashlib.sha256(name.encode()).hexdigest()[:12]
