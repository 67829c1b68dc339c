"""Streams that wait for what is new in a dataset: the job that brings them up to date."""

from __future__ import annotations

from sqlalchemy import Connection, exists, select

from hub import jobs
from hub.exchange.tables import exchange_view
from hub.tables import dataset, job

KIND = "exchange"  # of the job


def topic(name: str) -> str:
    """What two jobs of a dataset's streams have in common: they aren't done at the same time."""
    return f"{KIND}:{name}"


def streams_wait(connection: Connection, name: str) -> None:
    """Queue a job for the dataset's streams in the caller's transaction, if it has any and no job waits
    already. One that runs may have read before what is new, so it doesn't count."""
    streams = exists().where(exchange_view.c.dataset_id == dataset.c.id, dataset.c.name == name)
    waiting = exists().where(job.c.topic == topic(name), job.c.state == "queued")
    if connection.scalar(select(streams)) and not connection.scalar(select(waiting)):
        jobs.submit(connection, KIND, {"dataset": name}, topic(name))
