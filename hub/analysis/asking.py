"""Asks for a computing after something that no ledger tells of: a decision, a step, an erasure."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from hub import jobs
from hub.analysis.work import KIND
from hub.tables import job


def ask_for(connection: Connection, name: str) -> int:
    """Queue the computing of an analysis, in the transaction of what it is for; returns the job.

    One that waits for just this is enough, and nobody begins it before that transaction is over. One that
    runs isn't: it may have read what was before.
    """
    arguments = {"names": [name]}
    text = json.dumps(arguments, ensure_ascii=False)
    waits = (job.c.kind == KIND, job.c.state == "queued", job.c.arguments == text)
    known = connection.scalar(select(job.c.id).where(*waits).limit(1).with_for_update())
    return int(known) if known is not None else jobs.submit(connection, KIND, arguments, KIND)
