"""The row that a record was made of, as its department delivered it.

The ledger keeps which run a revision came with, and the run which delivery it read; which line it was
isn't kept. So the kept delivery is read once more, with the feed as it is declared now, until the row
with the record's key comes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from adapters.feed import Feed
from adapters.mapping import Normaliser
from adapters.members import member_names
from adapters.pull import read
from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.place import Places
from exchange_schemas.record import key_expr, with_digest
from exchange_schemas.sealed import HIDDEN, sealed_names
from exchange_schemas.standard import Standard
from hub.analysis.results import KIND as ANALYSIS
from hub.derive import derive
from hub.feeds import find_feed
from hub.replay import kept_delivery
from hub.sealed_columns import hidden, sealed_columns
from hub.site import Site
from hub.tables import feed, revision, run
from hub.tables_of_runs import correction


@dataclass(frozen=True, slots=True)
class SourceRow:
    """`cells` maps source columns to cells as written, but for what sealed fields are made of.

    `file` and `line` say where it stands in the delivery; of a row that a person corrected they are
    None, and `before` are the cells as they had come. `columns` says which of them a field of the
    standard is made of. `same` says whether the row gives the very
    revision: not, where the feed's declaration or the standard is another now.
    """

    cells: Mapping[str, str | None]
    file: str | None = None
    line: int | None = None
    before: Mapping[str, str | None] | None = None
    corrected_by: str | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: bool = True

    @property
    def unused(self) -> set[str]:
        """The columns that no field is made of."""
        return set(self.cells) - {name for names in self.columns.values() for name in names}


def delivery_of(connection: Connection, number: int, seq: int) -> dict[str, Any] | None:
    """The run that a revision of dataset `number` came with: id, feed, feed_id, source, sha256, kind,
    actor, department, started_at, fetched_at, key and digest of the revision."""
    query = (
        select(
            run.c.id, feed.c.name.label("feed"), run.c.feed_id, run.c.source, run.c.sha256,
            run.c.kind, run.c.actor, run.c.department, run.c.started_at, run.c.fetched_at,
            revision.c.key, revision.c.digest,
        )
        .join(run, run.c.id == revision.c.run_id)
        .join(feed, feed.c.id == run.c.feed_id)
        .where(revision.c.dataset_id == number, revision.c.seq == seq)
    )  # fmt: skip
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else {str(name): value for name, value in row.items()}


def source_row(
    connection: Connection,
    site: Site,
    catalogue: Catalogue,
    standard: Standard,
    told: Mapping[str, Any],
) -> SourceRow | None:
    """The row of a revision, `told` as `delivery_of` gives it; None where the delivery has none of its
    key as the feed is declared now.

    Raises as `find_feed`, `kept_delivery` and `read` do: Misdeclared (feed_unknown, feed_invalid),
    Refused (run_unknown), Corrupt (artefact_missing), SourceUnreadable; and Refused (record_computed).
    """
    if told["kind"] == ANALYSIS:
        raise Refused(Issue("record_computed", value=told["feed"]))
    declared = find_feed(site.feeds, told["feed"])
    if told["kind"] == "correction":
        return _corrected(connection, catalogue, declared, standard, told)
    _, delivered = kept_delivery(connection, site, told["feed"], _pulled(connection, told))
    places = Places(member_names(delivered.artefact, declared.format.members))
    found: SourceRow | None = None
    source = catalogue.get(declared.standard, declared.version)
    normaliser = Normaliser(declared, source)
    for raw in read(declared, delivered.artefact):
        rows = normaliser.normalise(raw).rows
        one = _match(standard, source, rows, told)
        if one is None:
            continue
        line, same = one
        if same or found is None:
            cells = raw.rows.filter(pl.col(LINE) == line).drop(LINE).row(0, named=True)
            file, there = places.of(line)
            shown = hidden(cells, closed_columns(declared, source, standard))
            made_of = columns_of(declared, standard)
            found = SourceRow(shown, file or told["source"], there, columns=made_of, same=same)
        if same:
            break
    return found


def closed_columns(declared: Feed, source: Standard, standard: Standard) -> frozenset[str]:
    """The columns that a sealed field is made of, of the feed's standard or of one derived from it."""
    columns = sealed_columns(declared, source)
    if standard.derivation is None:
        return columns
    sealed = sealed_names(standard.fields)
    taken = standard.derivation.fields.items()
    from_here = {source for name, source in taken if name in sealed and isinstance(source, str)}
    more = (rule.columns for name, rule in declared.fields.items() if name in from_here)
    return columns.union(*more)


def columns_of(declared: Feed, standard: Standard) -> dict[str, tuple[str, ...]]:
    """Field of the standard → the source columns that it is made of, also by way of the standard that it
    is derived from."""
    own = {name: tuple(rule.columns) for name, rule in declared.fields.items()}
    if standard.derivation is None or declared.standard == standard.dataset:
        return own
    taken = standard.derivation.fields.items()
    return {
        name: own[source] for name, source in taken if isinstance(source, str) and source in own
    }


def _match(
    standard: Standard, source: Standard, rows: pl.DataFrame, told: Mapping[str, Any]
) -> tuple[int, bool] | None:
    """(line, whether it gives the very revision) of the row with the key; the very one first."""
    if standard.derivation is not None and standard.dataset != source.dataset:
        rows, made = derive(standard, rows).rows, standard
    else:
        made = source
    mine = rows.filter(key_expr(made) == told["key"])
    if mine.is_empty():
        return None
    digests = with_digest(mine, made.dtypes)
    same = digests.filter(pl.col("_digest") == bytes(told["digest"]))
    return (int(same[LINE][0]), True) if same.height else (int(mine[LINE][0]), False)


def _pulled(connection: Connection, told: Mapping[str, Any]) -> int:
    """The run that fetched the delivery: one that read it again has it from there."""
    if told["kind"] == "pull":
        return int(told["id"])
    query = select(func.max(run.c.id)).where(
        run.c.feed_id == told["feed_id"], run.c.sha256 == told["sha256"], run.c.kind == "pull"
    )
    return int(connection.scalar(query) or told["id"])


def _corrected(
    connection: Connection,
    catalogue: Catalogue,
    declared: Feed,
    standard: Standard,
    told: Mapping[str, Any],
) -> SourceRow | None:
    mine = (correction.c.run_id == told["id"]) & (correction.c.key == told["key"])
    row = connection.execute(select(correction).where(mine).limit(1)).mappings().one_or_none()
    if row is None:
        return None
    closed = closed_columns(declared, catalogue.get(declared.standard, declared.version), standard)
    before, after = (_cells(row[name], closed) for name in ("before", "after"))
    made_of = columns_of(declared, standard)
    return SourceRow(after, before=before, columns=made_of, corrected_by=row["actor"])


def _cells(content: str, columns: frozenset[str]) -> dict[str, str | None]:
    """Of a row that couldn't be taken apart nothing is shown where anything in it is sealed."""
    cells = json.loads(content)
    if columns and not columns & cells.keys():
        return dict.fromkeys(cells, HIDDEN)
    return hidden(cells, columns)
