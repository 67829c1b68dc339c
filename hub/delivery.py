"""One run of one feed while it is under way."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, RowMapping

from adapters.artefact import Artefact
from adapters.delivered import Delivered
from adapters.feed import Feed
from adapters.members import is_archive, member_names
from exchange_schemas.batch import Batch
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.place import Places
from exchange_schemas.sealed import without_sealed
from exchange_schemas.standard import Standard
from exchange_schemas.titles import with_titles
from hub import ledger, runs
from hub.changes import ChangeSet
from hub.corrections import Correction
from hub.drift import Drift
from hub.heads import no_heads
from hub.instant import utc_now
from hub.jobs import Lease
from hub.ledger import Appending
from hub.monitoring.traces import span
from hub.named import Named
from hub.progress import Progress, Silent
from hub.references import References, open_references
from hub.site import Site
from hub.stream import Stream


@dataclass(slots=True)
class Course:
    """One dataset that a delivery flows into: its rows, its run and its place in the ledger."""

    stream: Stream
    run_id: int
    appending: Appending
    rejected_before: pl.Series  # contents of the rows that the feed's last run rejected
    references: References

    @property
    def dataset(self) -> str:
        """The dataset's name."""
        return self.stream.standard.dataset

    def take(self, named: Named, source: pl.DataFrame) -> pl.DataFrame:
        """`Stream.take`, and the references of the accepted rows looked up."""
        kept = self.stream.take(named, source)
        issues = self.references.issues(kept)
        fields = self.stream.standard.fields
        self.stream.findings.add(without_sealed(with_titles(issues, fields), fields))
        return kept


@dataclass(frozen=True, slots=True)
class Release:
    """Who lets the held run `run_id` in, and why."""

    run_id: int
    actor: str
    reason: str


@dataclass(slots=True)
class Delivery:
    """Grows from step to step of `pipeline`.

    `courses` has the feed's own dataset first, then those derived from it. `alive` is called
    between batches; a worker renews its lease there. `seconds` adds up by stage.
    """

    site: Site
    engine: Engine
    catalogue: Catalogue
    feed: Feed
    standard: Standard
    declaration: str  # digest of all but the bytes that decides what becomes of them
    accept: bool = False
    kind: str = "pull"  # pull · replay · correction
    dry: bool = False  # find out what would change, and change nothing
    upload: Path | None = None  # a file that a person hands in
    restart: bool = False  # pull an incremental source from its beginning
    release: Release | None = None
    actor: str | None = None  # who corrected the rows
    #: the rows of a delivery that isn't read from its artefact by the feed's format
    batches: Callable[[], Iterator[Batch]] | None = None
    corrected: list[Correction] = field(default_factory=list)  # by `_line` - 1
    accepted: list[pl.DataFrame] = field(default_factory=list)  # _line, _key of corrected rows
    lease: Lease | None = None
    progress: Progress = field(default_factory=Silent)
    alive: Callable[[], None] = lambda: None
    while_pulling: Callable[[], AbstractContextManager[None]] = nullcontext
    artefact: Artefact | None = None
    delivered: Delivered | None = None
    places: Places = field(default_factory=lambda: Places([]))
    parts: list[Path] = field(default_factory=list)  # its files, where several workers read them
    reread: bool = False  # read the delivery even where it was taken before
    #: dataset → the run that this one repeats; None: the delivery has to be read
    repeats: dict[str, RowMapping] | None = None
    courses: list[Course] = field(default_factory=list)
    held: bool = False
    why_held: list[Issue] = field(default_factory=list)
    drift: Drift = field(default_factory=Drift)
    differences: list[dict[str, Any]] = field(default_factory=list)
    started_at: str = field(default_factory=utc_now)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def take(self, delivered: Delivered) -> None:
        """What was fetched."""
        self.delivered, self.artefact = delivered, delivered.artefact
        self.places = Places(member_names(delivered.artefact, self.feed.format.members))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the block's seconds to `seconds[name]`."""
        start = time.perf_counter()
        try:
            with span(name, feed=self.feed.name):
                yield
        finally:
            self.seconds[name] += time.perf_counter() - start

    @property
    def standards(self) -> list[Standard]:
        """The feed's own standard, then those whose records follow from it."""
        return [self.standard, *self.catalogue.derived_from(self.standard.dataset)]

    @property
    def main(self) -> Stream:
        """The rows of the feed's own dataset."""
        return self.courses[0].stream

    def begin(self, connection: Connection, standard: Standard, state: str) -> int:
        """Record that a run into one dataset begins; returns its id."""
        number = ledger.dataset_id(connection, standard.dataset)
        feed_id = runs.feed_id(connection, self.feed.name)
        return runs.begin(connection, self._words(standard, feed_id, number, state))

    def open(self, connection: Connection, standard: Standard) -> Course:
        """Begin a run into one dataset: take its lock, then load what the ledger holds of it."""
        number = ledger.dataset_id(connection, standard.dataset)
        feed_id = runs.feed_id(connection, self.feed.name)
        known, rejected = no_heads(), pl.Series([], dtype=pl.String)
        references = References()
        before = runs.last_run(connection, feed_id, number)
        run_id = self.begin(connection, standard, "committed")
        appending = Appending(connection, number, run_id, feed_id)
        if self.repeats is None:
            known = ledger.heads(connection, number, feed_id)
            rejected = runs.rejected_in(connection, before)
            references = open_references(connection, self.catalogue, standard)
        stream = Stream(standard, ChangeSet(known, feed_id))
        return Course(stream, run_id, appending, rejected, references)

    def _words(self, standard: Standard, feed_id: int, number: int, state: str) -> dict[str, Any]:
        return {
            "feed_id": feed_id,
            "dataset_id": number,
            "job_id": self.lease.job_id if self.lease else None,
            "standard_version": standard.version,
            "department": self.feed.department or standard.department,
            "actor": self.actor,
            "source": self.artefact.name if self.artefact else "",
            "sha256": self.artefact.sha256 if self.artefact else "",
            "declaration": self.declaration,
            "state": state,
            "started_at": self.started_at,
            "kind": self.kind,
            **self._fetched(),
        }

    def _fetched(self) -> dict[str, Any]:
        """Where the delivery came from, as columns of `tables.run`."""
        if self.delivered is None:
            return {}
        names = list(self.places.files)
        several = (
            json.dumps(names, ensure_ascii=False) if is_archive(self.delivered.artefact) else None
        )
        told = [asdict(part) for part in self.delivered.parts]
        return {
            "members": several,
            "told": json.dumps(told, ensure_ascii=False),
            "fetched_at": self.delivered.fetched_at,
            "cursor": self.delivered.cursor if self.kind == "pull" else None,
        }

    def result(self) -> dict[str, Any]:
        """{feed, dataset, run, read, accepted, rejected, added, changed, unchanged, gone, held, …}.

        `issues` counts by code; `notes` are issues of the delivery as a whole, {code, message,
        message_en}; `derived` has the same for datasets that follow from this one.
        """
        first, *others = [
            {
                "dataset": course.dataset,
                "run": course.run_id,
                **runs.counts(course.stream),
                "issues": course.stream.findings.by_code,
            }
            for course in self.courses
        ]
        return {
            "feed": self.feed.name,
            **first,
            "held": self.held,
            "differences": self.differences,
            "notes": self._notes(),
            "derived": others,
        }

    def _notes(self) -> list[dict[str, str]]:
        found = self.main.findings.frame
        whole = issues_of(found.filter(pl.col("line").is_null()), self.places)
        return [
            {"code": i.code, "message": i.message("zh_CN"), "message_en": i.message("en")}
            for i in whole
        ]
