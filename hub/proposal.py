"""A proposed version of a standard: what it changes, and whom it would affect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, select

from adapters.feed import Feed
from adapters.feed_check import check_feed
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import ERRORS, Issue, issues_of
from exchange_schemas.loading import load_standard
from exchange_schemas.record import parse_records
from exchange_schemas.standard import Standard
from exchange_schemas.validate import Checked, check
from exchange_schemas.version_diff import BREAKING, COMPATIBLE, READERS, Change, diff
from hub import ledger
from hub.bulk import select_frame
from hub.dependents import broken_dependents
from hub.progress import Progress
from hub.snapshot import snapshot
from hub.tables import dataset, head, run
from hub.translated import records_as, with_versions

SAMPLES = 5  # failing values that are shown of each field and kind of issue
HIDDEN = "●●●"  # in place of a value that not everybody may see


@dataclass(frozen=True, slots=True)
class Proposal:
    """`new` in `folder` beside what the site uses; `catalogue` is the site's (`before`) with it in
    place."""

    old: Standard
    new: Standard
    folder: Path
    catalogue: Catalogue
    before: Catalogue

    @property
    def changes(self) -> list[Change]:
        """What changes, the breaking changes first."""
        return diff(self.old, self.new)

    @property
    def verdict(self) -> str:
        """The gravest verdict of its changes."""
        found = {change.verdict for change in self.changes}
        return next((v for v in (BREAKING, READERS) if v in found), COMPATIBLE)


def propose(catalogue: Catalogue, name: str, told: str) -> Proposal:
    """`told` is a version in the dataset's folder, or the folder of a proposed standard.

    Raises Misdeclared: dataset_unknown, proposal_wrong, standard_invalid, version_unknown.
    """
    old = catalogue.get(name)
    path = Path(told)
    if path.is_dir():
        new, folder = load_standard(path.resolve(), None), path.resolve()
    elif told.isdigit():
        new, folder = catalogue.get(name, told), catalogue.folder(name)
    else:
        raise _wrong(name, told)
    if new.dataset != name:
        raise _wrong(name, told)
    folders = {**catalogue.folders, name: folder}
    return Proposal(old, new, folder, replace(catalogue, packaged=folders, own=None), catalogue)


def _wrong(name: str, told: str) -> Misdeclared:
    return Misdeclared(Issue("proposal_wrong", value=told, params={"dataset": name}))


@dataclass(slots=True)
class Impact:
    """What a proposed version would do to what is there, up to the ledger's entry `seq`.

    `fields` counts failing records by (field, code); `samples` has a few values of each. `feeds`
    gives the issues of every feed of the dataset that would have to change, `dependents` those of
    other standards that take fields from this one, and `lost` the versions of recorded entries that
    the proposal doesn't have any more.
    """

    seq: int = 0
    records: int = 0
    failing: int = 0
    fields: dict[tuple[str, str], int] = field(default_factory=dict)
    samples: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    feeds: dict[str, list[Issue]] = field(default_factory=dict)
    dependents: dict[str, list[Issue]] = field(default_factory=dict)
    lost: list[Issue] = field(default_factory=list)


def impact(engine: Engine, proposal: Proposal, feeds: list[Feed], progress: Progress) -> Impact:
    """Check every current record of the ledger, and every feed, against a proposed version."""
    name = proposal.new.dataset
    progress.step("checking current records")
    with snapshot(engine) as connection:
        found = Impact(seq=ledger.head_seq(connection, name))
        heads = _heads(connection, name)
        found.lost = list(_lost(connection, proposal))
    if not found.lost:
        # Outside the snapshot, which mustn't stay open for long: segments never change.
        with engine.connect() as connection:
            for frame in ledger.content_frames(connection, name, 0, found.seq):
                rows = heads.join(frame, on="seq", how="inner")
                if rows.height:
                    _count(found, proposal, rows, _as_new(proposal, rows))
                    progress.rows(found.records)
    for feed in feeds:
        if feed.standard == name and (issues := _of_feed(proposal, feed)):
            found.feeds[feed.name] = issues
    found.dependents = dict(broken_dependents(proposal.catalogue, proposal.new))
    return found


def _of_feed(proposal: Proposal, feed: Feed) -> list[Issue]:
    """What would be wrong with a feed and isn't yet."""
    already = {(i.code, i.field, i.value) for i in check_feed(feed, proposal.before)}
    issues = check_feed(feed, proposal.catalogue)
    return [
        i for i in issues if i.severity == "error" and (i.code, i.field, i.value) not in already
    ]


def _heads(connection: Connection, name: str) -> pl.DataFrame:
    """seq and version of every current record."""
    query = (
        select(head.c.seq)
        .join(dataset, dataset.c.id == head.c.dataset_id)
        .where(dataset.c.name == name)
    )
    return with_versions(connection, name, select_frame(connection, query, {"seq": pl.Int64}))


def _lost(connection: Connection, proposal: Proposal) -> Iterator[Issue]:
    """Versions that entries of the ledger say, and that couldn't be read any more."""
    name = proposal.new.dataset
    query = (
        select(run.c.standard_version)
        .distinct()
        .join(dataset, dataset.c.id == run.c.dataset_id)
        .where(dataset.c.name == name, run.c.first_seq.is_not(None))
    )
    for version in sorted(set(connection.scalars(query)) - set(proposal.new.versions)):
        yield Issue("version_in_use", value=version, params={"dataset": name})


def _as_new(proposal: Proposal, rows: pl.DataFrame) -> Checked:
    """The records as the proposed version's; a record of another version goes the declared way."""
    new = proposal.new
    same = pl.col("version") == new.version
    told = {v for v in rows["version"].unique() if _has_way(proposal, v)}
    moved = rows.filter(~same & pl.col("version").is_in(list(told)))
    kept = rows.filter(same | ~pl.col("version").is_in(list(told)))
    parts = [records_as(proposal.catalogue, new, moved)] if moved.height else []
    parts += [
        _as_it_stands(proposal, str(version), part)
        for (version,), part in kept.group_by("version")
    ]
    return Checked(
        pl.concat([part.rows.select(LINE) for part in parts]),
        pl.concat([part.issues for part in parts]),
    )


def _has_way(proposal: Proposal, version: str) -> bool:
    try:
        proposal.catalogue.migration(proposal.new.dataset, version, proposal.new.version)
    except Misdeclared:
        return False
    return True


def _as_it_stands(proposal: Proposal, version: str, rows: pl.DataFrame) -> Checked:
    """Records as their department would send them again: with fields that may be gone by now."""
    new, old = proposal.new, proposal.old
    if version in old.versions and version != old.version:
        old = proposal.before.get(new.dataset, version)
    records = parse_records(rows["json"], old.dtypes).with_columns(rows["seq"].alias(LINE))
    fits = [n for n, t in new.dtypes.items() if n in old.fields and old.fields[n].dtype == t]
    made = [
        (pl.col(n) if n in fits else pl.lit(None)).cast(t).alias(n) for n, t in new.dtypes.items()
    ]
    checked = check(new, Batch(records.select(LINE, *made)))
    vanished = [
        records.filter(pl.col(n).is_not_null()).select(
            line=LINE,
            field=pl.lit(n),
            code=pl.lit("type" if n in new.fields else "field_unknown"),
            value=pl.lit(None, pl.String),
            params=pl.lit("{}"),
        )
        for n in old.fields
        if n not in fits
    ]
    issues = pl.concat([checked.issues, *vanished])
    bad = issues.filter(pl.col("code").is_in(ERRORS))["line"].unique().implode()
    return Checked(checked.rows.filter(~pl.col(LINE).is_in(bad)), issues)


def _count(found: Impact, proposal: Proposal, rows: pl.DataFrame, judged: Checked) -> None:
    found.records += rows.height
    found.failing += rows.height - judged.rows.height
    errors = judged.issues.filter(pl.col("code").is_in(ERRORS))
    for (name, code), part in errors.group_by("field", "code", maintain_order=True):
        place = (str(name or ""), str(code))
        found.fields[place] = found.fields.get(place, 0) + part["line"].n_unique()
        shown = found.samples.setdefault(place, [])
        shown += [_sample(proposal, issue) for issue in issues_of(part.head(SAMPLES - len(shown)))]


def _sample(proposal: Proposal, issue: Issue) -> dict[str, Any]:
    """A failing value, unless not everybody may see it now, and then too."""
    told = [one.fields.get(issue.field or "") for one in (proposal.old, proposal.new)]
    open_to_all = any(told) and all(
        field.tier == "public" and not field.masks for field in told if field
    )
    value = issue.value if open_to_all or not issue.value else HIDDEN
    return {"seq": issue.line, "value": value}
