"""The newest entries as the province would get them, ours beside theirs; writes and sends nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.sealed import sealed_names, without_sealed
from hub.outbound import entry_source
from hub.outbound.desk import Desk
from hub.outbound.mapping import PART
from hub.outbound.written import map_entries
from hub.sealed_columns import hidden


@dataclass(frozen=True, slots=True)
class Shown:
    """`ours` maps fields to values, `theirs` columns of the province to texts."""

    seq: int
    part: str
    ours: dict[str, object]
    theirs: dict[str, str | None]
    issues: list[Issue] = field(default_factory=list)


def preview(desk: Desk, count: int, after: int | None = None) -> list[Shown]:
    """The last `count` upserts of the stream, or the first behind `after`."""
    size = entry_source.extend(desk)
    with desk.engine.connect() as connection:
        start = max(size - count * 3, 0) if after is None else after
        entries = entry_source.after(desk, connection, start, count * 3)
    alive = entries.filter(pl.col("operation") == "upsert")
    alive = alive.tail(count) if after is None else alive.head(count)
    mapped = map_entries(desk, alive)
    found = issues_of(without_sealed(mapped.issues, desk.standard.fields))
    names = sealed_names(desk.standard.fields)
    theirs = {row[LINE]: row for row in mapped.rows.to_dicts()}
    return [
        Shown(
            seq,
            str(theirs.get(seq, {}).get(PART) or ""),
            hidden(json.loads(record), names),
            {name: theirs.get(seq, {}).get(name) for name in desk.target.table.names},
            [_unplaced(one) for one in found if one.line == seq],
        )
        for seq, record in alive.select("seq", "record").iter_rows()
    ]


def _unplaced(issue: Issue) -> Issue:
    """The seq isn't a line of any file."""
    return Issue(issue.code, None, issue.field, issue.value, params=issue.params)
