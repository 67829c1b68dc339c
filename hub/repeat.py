"""Deliveries that were taken before: the same bytes, declared in the same way, nothing since.

Most feeds are pulled far more often than they change. Their bytes are known by SHA-256, so a run
that would find every row unchanged is recorded without reading them again.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from sqlalchemy import Connection, RowMapping, select

from adapters.feed import Feed
from exchange_schemas.issue import ISSUE_COLUMNS
from exchange_schemas.standard import Standard
from hub.bulk import select_frame
from hub.stream import Stream
from hub.tables import dataset, issue, issue_count, run


def declaration_digest(feed: Feed, standards: list[Standard]) -> str:
    """SHA-256 (hex) of all that decides what becomes of a delivery's bytes: the feed, the
    standards it flows into, and the version of this program."""
    schemas = [[s.dataset, s.version, dict(s.schema)] for s in standards]
    told = json.dumps([version("exchange-hub"), schemas], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(feed.path.read_bytes() + told.encode()).hexdigest()


def taken_before(
    connection: Connection, feed_id: int, number: int, sha256: str, declaration: str
) -> RowMapping | None:
    """The feed's last committed run into the dataset, if repeating it would change nothing.

    That is so where bytes and declaration are the same and the ledger ends where that run left
    it. A run that left missing records standing isn't repeated so: the next one may remove them.
    """
    query = (
        select(run, dataset.c.seq)
        .join(dataset, dataset.c.id == run.c.dataset_id)
        .where(run.c.feed_id == feed_id, run.c.dataset_id == number, run.c.state == "committed")
        .order_by(run.c.id.desc())
        .limit(1)
    )
    last = connection.execute(query).mappings().one_or_none()
    if last is None or (last["sha256"], last["declaration"]) != (sha256, declaration):
        return None
    left_standing = select(issue_count.c.code).where(
        issue_count.c.run_id == source_of(last), issue_count.c.code == "gone_not_applied"
    )
    if last["ledger_seq"] != last["seq"] or connection.scalar(left_standing):
        return None
    return last


def source_of(earlier: RowMapping) -> int:
    """The run that read the bytes and keeps the issues and rejected rows."""
    return int(earlier["same_as"] or earlier["id"])


def recall(connection: Connection, stream: Stream, earlier: RowMapping) -> None:
    """Give `stream` the counts and findings of the earlier run, with every record unchanged."""
    stream.read, stream.accepted = earlier["read"], earlier["accepted"]
    stream.changes.unchanged = earlier["accepted"]
    of_it = issue_count.c.run_id == source_of(earlier)
    counts = select(issue_count.c.code, issue_count.c.field, issue_count.c.count).where(of_it)
    for code, name, count in connection.execute(counts):
        stream.findings.counts[code, name] = count
    whole = select(issue.c.line, issue.c.field, issue.c.code, issue.c.value, issue.c.params).where(
        issue.c.run_id == source_of(earlier), issue.c.line.is_(None)
    )
    stream.findings.kept = [select_frame(connection, whole, ISSUE_COLUMNS)]
