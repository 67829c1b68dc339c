"""Celery: carries job ids to workers. The only module that knows of it.

The queue is a hint and the job table is the truth: a message that is lost, late, doubled or kept
by a dead worker changes nothing, because `hub.jobs` decides who may commit a job.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading

from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from hub import jobs
from hub.schedule import enqueue_due
from hub.site import Site
from hub.worker import do_job

logger = logging.getLogger(__name__)

TASK = "hub.work"


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

    stopping = threading.Event()
    sweeper = threading.Thread(
        target=_sweep,
        args=(app, site if scheduling else None, engine, every, stopping),
        daemon=True,
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


def _sweep(
    app: Celery, due_at: Site | None, engine: Engine, every: float, stopping: threading.Event
) -> None:
    """Requeue the jobs of dead workers, queue the feeds that are due at a site, and hint at queued
    jobs whose message was lost."""
    while not stopping.wait(every):
        try:
            if due_at is not None:
                enqueue_due(due_at, engine)
            hint(app, jobs.sweep(engine))
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
