"""What a run found, judged: what is gone, what looks otherwise, and whether it may be committed."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection

from hub import corrections, ledger, notices, runs
from hub.breaker import RUNS, find_gone, trips
from hub.delivery import Delivery
from hub.drift import load_profile
from hub.source_keys import SourceKeys, read_keys


def judge(delivery: Delivery, connection: Connection) -> None:
    """Find what is gone, and let the breaker decide whether this may be committed."""
    if delivery.repeats is not None:
        return
    with delivery.stage("compare"):
        known = pl.concat([course.rejected_before for course in delivery.courses])
        corrected = corrections.of_feed(connection, delivery.feed.name)
        short = "total_differs" in delivery.main.findings.by_code
        keys = known_keys(delivery)
        for course in delivery.courses if delivery.kind != "correction" else ():
            told = keys.get(course.dataset)
            find_gone(delivery.feed, course.stream, known, told, corrected, short)
    note_drift(delivery, connection)
    number = runs.feed_id(connection, delivery.feed.name)
    dataset_id = ledger.dataset_id(connection, delivery.standard.dataset)
    usual = runs.history(connection, number, dataset_id, RUNS) if delivery.kind == "pull" else []
    issue = trips(delivery.feed, delivery.main, usual)
    if issue is not None and not delivery.accept:
        delivery.main.findings.add_issue(issue)
        delivery.why_held, delivery.held = [issue], True


def known_keys(delivery: Delivery) -> dict[str, SourceKeys]:
    """What an incremental source says that it holds, by dataset."""
    if (
        delivery.artefact is None
        or delivery.kind == "correction"
        or delivery.feed.mode == "snapshot"
    ):
        return {}
    return read_keys(delivery.feed, delivery.artefact, delivery.standards)


def note_drift(delivery: Delivery, connection: Connection) -> None:
    """Tell what looks otherwise than in the feed's last run."""
    if delivery.kind != "pull":
        return
    number = runs.feed_id(connection, delivery.feed.name)
    for issue in delivery.drift.against(load_profile(connection, number)):
        delivery.main.findings.add_issue(issue)
        notices.tell(connection, delivery.feed, issue, delivery.courses[0].run_id)
