"""One record's way through the house.

    pull       the source's bytes, kept by their SHA-256                        adapters
    normalise  source columns → fields of the standard, batch by batch          adapters
    validate   the standard's rules; rows that break one go to quarantine       exchange_schemas
    compare    against the ledger's heads: added, changed, unchanged, gone      hub.changes
    append     the change set as revisions, in one transaction with the run     hub.ledger
    review     the law's say, then two people on the public view of each        hub.review
    release    the approved views as numbered files and search index            hub.publishing
    exchange   ledger entries → a stream for each view, sealed and signed       hub.exchange
    deliver    … pulled by consumers, or sent as the province accepts it        hub.outbound

The files of a large delivery are read, normalised and validated by several workers (`hub.file_parts`).

`run_feed` goes from pull to append, in the steps of `STEPS`; the others wait for people and
consumers. From the second step on everything happens in one transaction that holds the lock of the
datasets: it is committed whole, or, where the breaker holds the run, where a process is killed or
anything fails, not at all. The raw artefact stays, and doing it again gives the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, RowMapping

from adapters.artefact import Store
from adapters.feed import Feed
from adapters.feed_check import check_feed
from adapters.pull import pull
from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, SourceUnreadable
from exchange_schemas.standard import Standard
from hub import corrections, file_parts, jobs, ledger, notices, reading, runs
from hub.background import Background
from hub.changes import ChangeSet
from hub.database import write
from hub.delivery import Delivery
from hub.derive import derive, withheld
from hub.difference import difference
from hub.drift import keep_profile
from hub.exchange.waiting import streams_wait
from hub.feed_confining import confined, is_of_console
from hub.heads import no_heads
from hub.held import RELEASED, decide, hold
from hub.judging import judge
from hub.monitoring.running import watched
from hub.named import Named, name_rows
from hub.repeat import declaration_digest, recall, source_of, taken_before
from hub.sealed_columns import sealed_columns
from hub.site import Site
from hub.storage.artefacts import keep_raw
from hub.stream import Stream
from hub.supply import check_supply


def pull_source(delivery: Delivery) -> None:
    """Keep the delivery as it came, and in the storage, if there is one; one that is read again is there
    already."""
    if delivery.delivered is None:
        _pull(delivery)
    if delivery.artefact is not None:
        with delivery.stage("pull"), delivery.while_pulling():
            keep_raw(delivery.site, delivery.artefact)


def _pull(delivery: Delivery) -> None:
    cursor = None if delivery.restart else known_cursor(delivery)
    with delivery.stage("pull"), delivery.while_pulling():
        store = Store(delivery.site.raw)
        say = delivery.progress.step
        delivery.take(pull(delivery.feed, store, cursor, delivery.upload, say))


def read_parts(delivery: Delivery) -> None:
    """Let others read the files of a large delivery, each one; unless it is known already."""
    if not file_parts.splits(delivery):
        return
    with write(delivery.engine) as connection:
        standards = sorted(delivery.standards, key=lambda standard: standard.dataset)
        if find_repeats(delivery, connection, standards) is not None:
            return
    with delivery.stage("read"), delivery.while_pulling():
        file_parts.read_parts(delivery)


def known_cursor(delivery: Delivery) -> str | None:
    """Where the feed's last committed run left off."""
    with delivery.engine.connect() as connection:
        return runs.cursor(connection, runs.feed_id(connection, delivery.feed.name))


def open_courses(delivery: Delivery, connection: Connection) -> None:
    """Begin a run into the feed's dataset and into those derived from it."""
    # Locks are taken in the order of names, so that no two runs wait for each other.
    in_order = sorted(delivery.standards, key=lambda standard: standard.dataset)
    with delivery.stage("compare"):
        delivery.repeats = find_repeats(delivery, connection, in_order)
        opened = {s.dataset: delivery.open(connection, s) for s in in_order}
    delivery.courses = [opened[standard.dataset] for standard in delivery.standards]


def find_repeats(
    delivery: Delivery, connection: Connection, standards: list[Standard]
) -> dict[str, RowMapping] | None:
    """The runs that this one would repeat without a change; None where it has to be read."""
    if delivery.reread or delivery.artefact is None:
        return None
    feed_id = runs.feed_id(connection, delivery.feed.name)
    found = {}
    for standard in standards:
        number = ledger.dataset_id(connection, standard.dataset)
        ledger.lock(connection, number)
        earlier = taken_before(
            connection, feed_id, number, delivery.artefact.sha256, delivery.declaration
        )
        if earlier is None:
            return None
        found[standard.dataset] = earlier
    return found


def read_through(delivery: Delivery, connection: Connection) -> None:
    """Normalise, validate and compare batch by batch; what differs is appended beside that."""
    if delivery.repeats is not None:
        for course in delivery.courses:
            recall(connection, course.stream, delivery.repeats[course.dataset])
        return
    checked = file_parts.batches(delivery) if delivery.parts else reading.batches(delivery)
    delivery.drift.closed = sealed_columns(delivery.feed, delivery.standard)
    with Background() as background:
        for raw, named in checked:
            delivery.drift.take(raw)
            take_batch(delivery, named, raw, background)
            delivery.progress.rows(delivery.main.read)
            delivery.alive()
        with delivery.stage("append"):
            background.wait()


def take_batch(
    delivery: Delivery, named: Named, raw: pl.DataFrame, background: Background
) -> None:
    """One batch into the feed's dataset, and what follows from it into the derived ones."""
    with delivery.stage("check"):
        earlier = len(delivery.main.rejects)
        kept = delivery.courses[0].take(named, raw)
        if delivery.kind == "correction":
            delivery.accepted.append(kept.select(LINE, "_key"))
        for course in delivery.courses[1:]:
            standard = course.stream.standard
            derived = derive(standard, kept)
            course.take(name_rows(standard, derived), derived.rows)
            rejected = delivery.main.rejects[earlier:]
            rows = named.batch.rows
            course.stream.withheld += [withheld(standard, part, rows) for part in rejected]
    with delivery.stage("append"):
        for course in delivery.courses:
            while course.stream.changes.parts:
                background.give(course.appending.write, course.stream.changes.parts.pop(0))


def append(delivery: Delivery, connection: Connection) -> None:
    """Complete the revisions, the run's counts, issues and quarantine, and the job's state."""
    with delivery.stage("append"):
        for course in delivery.courses:
            first, last = course.appending.finish(course.stream.changes.gone)
            words = {"ledger_seq": last}
            if last >= first:
                words |= {"first_seq": first, "last_seq": last}
                streams_wait(connection, course.dataset)
            if delivery.repeats is not None:
                words["same_as"] = source_of(delivery.repeats[course.dataset])
            runs.complete(connection, course.run_id, course.stream, **words)
            if (delivery.held or delivery.dry) and last >= first:
                delivery.differences.append(difference(connection, course.dataset, first, last))
        if delivery.kind == "pull" and delivery.repeats is None:
            number = runs.feed_id(connection, delivery.feed.name)
            keep_profile(connection, number, delivery.courses[0].run_id, delivery.drift.profile)
        note_decisions(delivery, connection)
        finish_job(delivery, connection)


def note_decisions(delivery: Delivery, connection: Connection) -> None:
    """Keep who corrected which rows, and who let a held run in."""
    if delivery.corrected:
        run_id, name = delivery.courses[0].run_id, delivery.feed.name
        made = corrections.with_keys(delivery.corrected, delivery.accepted)
        corrections.keep(connection, name, run_id, str(delivery.actor), made)
    if delivery.release is not None:
        one = delivery.release
        decide(connection, one.run_id, RELEASED, one.actor, one.reason)


def finish_job(delivery: Delivery, connection: Connection) -> None:
    """Mark the job done in the same transaction, if this is somebody's job."""
    if delivery.lease is not None:
        jobs.finish(connection, delivery.lease, delivery.result())


#: The way from the kept delivery into the ledger, in one transaction.
STEPS: tuple[tuple[str, Callable[[Delivery, Connection], None]], ...] = (
    ("open", open_courses),
    ("check", read_through),
    ("judge", judge),
    ("append", append),
)


class NotTakenError(Exception):
    """Raised when the breaker trips or the run is a dry one, so that the transaction is rolled back."""


def run_feed(delivery: Delivery) -> dict[str, Any]:
    """Take one feed from its source into the ledger; returns `Delivery.result` and `seconds`.

    Raises SourceUnavailable, SourceUnreadable or Misdeclared where the delivery as a whole can't
    be used; a run that read something is recorded as failed. The ledger is untouched then.
    """
    start = time.perf_counter()
    with watched(delivery):
        _run(delivery)
    return {**delivery.result(), "seconds": round(time.perf_counter() - start, 3)}


def _run(delivery: Delivery) -> None:
    delivery.progress.step("pull")
    try:
        pull_source(delivery)
        read_parts(delivery)
        _take_in(delivery)
    except NotTakenError:
        if delivery.held and not delivery.dry:
            record_held(delivery)
    except SourceUnreadable as error:
        record_failure(delivery, error)
        raise
    finally:
        file_parts.forget(delivery)


def _take_in(delivery: Delivery) -> None:
    with write(delivery.engine) as connection:
        for name, step in STEPS:
            delivery.progress.step(name)
            step(delivery, connection)
        if delivery.held or delivery.dry:
            raise NotTakenError
        commit = time.perf_counter()
    delivery.seconds["append"] += time.perf_counter() - commit


def record_held(delivery: Delivery) -> None:
    """Keep a run that the breaker held, with all that it found."""
    with write(delivery.engine) as connection:
        for course in delivery.courses:
            course.run_id = delivery.begin(connection, course.stream.standard, "held")
            runs.complete(connection, course.run_id, course.stream)
        run_id = delivery.courses[0].run_id
        hold(connection, run_id, delivery.differences)
        for issue in delivery.why_held:
            notices.tell(connection, delivery.feed, issue, run_id)
        finish_job(delivery, connection)


def record_failure(delivery: Delivery, error: SourceUnreadable) -> None:
    """Keep a failed run with the one issue that stopped it."""
    with write(delivery.engine) as connection:
        nothing = ChangeSet(no_heads(), feed_id=0)
        stream = Stream(delivery.standard, nothing)
        stream.findings.add_issue(error.issue)
        run_id = delivery.begin(connection, delivery.standard, "failed")
        runs.complete(connection, run_id, stream)


def deliver(
    site: Site, engine: Engine, catalogue: Catalogue, feed: Feed, **options: Any
) -> Delivery:
    """A delivery of `feed`, ready for `run_feed`.

    Raises Misdeclared for what is wrong with the feed (`check_feed`, and `confined` where it was
    declared in the console), and for a version of its standard that isn't taken any more.
    """
    standard = catalogue.get(feed.standard, feed.version)
    for issue in check_feed(feed, catalogue):
        raise Misdeclared(issue)
    for issue in confined(feed) if is_of_console(site.feeds, feed) else ():
        raise Misdeclared(issue)
    check_supply(catalogue, standard, today())
    digest = declaration_digest(feed, catalogue)
    return Delivery(site, engine, catalogue, feed, standard, digest, **options)
