"""When what was approved goes out by itself: some minutes later, so that a morning's approvals make one release."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, exists, select

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import jobs
from hub.instant import instant_of
from hub.states import APPROVED
from hub.tables import dataset, job
from hub.tables_of_review import disclosure

SETTING = "HUB_SCHEDULE_PUBLISH_MINUTES"
USUAL = 10  # minutes between two releases of a dataset; 0: only `hub publish` makes them


def minutes(environ: Mapping[str, str]) -> int:
    """The site's setting; raises Misdeclared (console_setting_wrong)."""
    told = environ.get(SETTING) or str(USUAL)
    if not told.isascii() or not told.isdecimal():
        raise Misdeclared(Issue("console_setting_wrong", value=told, params={"name": SETTING}))
    return int(told)


def enqueue(connection: Connection) -> list[int]:
    """A job for each dataset that has something approved and no release was tried of just now."""
    every = minutes(os.environ)
    if not every:
        return []
    waits = exists().where(disclosure.c.dataset_id == dataset.c.id, disclosure.c.state == APPROVED)
    names = list(connection.scalars(select(dataset.c.name).where(waits).order_by(dataset.c.name)))
    return [
        jobs.submit(connection, "publish", {"datasets": [name]}, _topic(name))
        for name in names
        if not _was_tried(connection, _topic(name), every)
    ]


def _topic(name: str) -> str:
    return f"publish:{name}"


def _was_tried(connection: Connection, topic: str, every: int) -> bool:
    recent = job.c.created_at > instant_of(datetime.now(UTC) - timedelta(minutes=every))
    here = exists().where(job.c.topic == topic, recent)
    return jobs.waiting(connection, topic) or bool(connection.scalar(select(here)))
