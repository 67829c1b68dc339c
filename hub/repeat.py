"""Deliveries that were taken before: the same bytes, declared in the same way, nothing since.

Most feeds are pulled far more often than they change. Their bytes are known by SHA-256, so a run
that would find every row unchanged is recorded without reading them again.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, RowMapping, select

import adapters
import exchange_schemas
import hub
import publisher
from adapters.feed import Feed
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.codes import OWN
from exchange_schemas.issue import ISSUE_COLUMNS
from hub.bulk import select_frame
from hub.stream import Stream
from hub.tables import dataset, issue, issue_count, run

# Where the code and data stand that turn bytes into records, and records into what is shown of them.
PROGRAM = tuple(Path(package.__path__[0]) for package in (adapters, exchange_schemas, hub))
SHOWING = tuple(Path(package.__path__[0]) for package in (exchange_schemas, publisher))


def declaration_digest(feed: Feed, catalogue: Catalogue) -> str:
    """SHA-256 (hex) of all but the bytes that decides what becomes of a delivery.

    That is the feed's declaration, the standards, and this program: a converter that was mended
    may read the same bytes otherwise, and so may a code list that has grown.
    """
    told = hashlib.sha256(feed.path.read_bytes())
    # What a site activated stands in folders of its own, whose content never changes.
    standards = sorted({folder.parents[1] for folder in catalogue.folders.values()})
    for root in (*PROGRAM, *standards, *_own_codes()):
        told.update(_tree_digest(root))
    return told.hexdigest()


def views_digest(catalogue: Catalogue, dataset: str) -> str:
    """SHA-256 (hex) of all but the records that decides what a dataset's public views are."""
    told = hashlib.sha256()
    for root in (*SHOWING, catalogue.folder(dataset).parents[1], *_own_codes()):
        told.update(_tree_digest(root))
    told.update(catalogue.law().digest.encode())
    return told.hexdigest()


def _own_codes() -> list[Path]:
    """The folder of the site's own code lists, if it has one."""
    named = os.environ.get(OWN)
    return [Path(named).resolve()] if named else []


@cache
def _tree_digest(root: Path) -> bytes:
    """SHA-256 over the names and contents of a folder's files; it doesn't change while we run."""
    told = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            told.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
            told.update(path.read_bytes())
    return told.digest()


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
        .where(
            run.c.feed_id == feed_id,
            run.c.dataset_id == number,
            run.c.state == "committed",
            run.c.kind != "correction",
        )
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
