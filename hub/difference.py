"""What a run changes, record by record and field by field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, func, select

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub import ledger
from hub.bulk import select_frame
from hub.tables import DELETE, dataset, revision, run
from hub.tables_of_runs import held

LOOKED_AT = 5_000  # changed records whose fields are compared; more would only be counted
SHOWN = 50  # records that are shown of each operation

OPERATIONS = ("added", "changed", "gone")
_ENTRIES = pl.Schema({"seq": pl.Int64, "key": pl.String, "operation": pl.Int64})


def difference(connection: Connection, name: str, first: int, last: int) -> dict[str, Any]:
    """What the revisions first ≤ seq ≤ last of dataset `name` change.

    {dataset, added, changed, gone, fields: {field: how many records differ in it}, looked_at,
    records: [{operation, key, fields: {field: [before, after]}}]}. Of each operation the first 50
    records are shown; `fields` counts over the first 5,000 changed ones.
    """
    number = ledger.dataset_id(connection, name)
    frame = _compared(connection, number, first, last)
    counts = Counter(frame["operation"].to_list())
    shown = frame.filter(pl.int_range(pl.len()).over("operation") < SHOWN)
    changed = frame.filter(pl.col("operation") == "changed").head(LOOKED_AT)
    taken = pl.concat([shown, changed]).unique("seq").sort("seq")
    content = _contents(connection, name, taken)
    records, fields = [], Counter[str]()
    wanted = set(shown["seq"])
    for row in taken.iter_rows(named=True):
        differing = _fields(content.get(row["before"]), content.get(row["seq"]))
        if row["operation"] == "changed":
            fields.update(list(differing))
        if row["seq"] in wanted:
            told = {"operation": row["operation"], "key": row["key"], "fields": differing}
            records.append(told)
    return {
        "dataset": name,
        **{operation: counts[operation] for operation in OPERATIONS},
        "fields": dict(fields.most_common()),
        "looked_at": changed.height,
        "records": records,
    }


def changes_of(connection: Connection, run_id: int) -> list[dict[str, Any]]:
    """What a run changed, or would change while it is held; raises Refused (run_unknown)."""
    found = connection.execute(select(run).where(run.c.id == run_id)).mappings().one_or_none()
    if found is None:
        raise Refused(Issue("run_unknown", value=str(run_id)))
    if found["state"] == "held":
        kept = connection.scalar(select(held.c.difference).where(held.c.run_id == run_id))
        return list(json.loads(kept or "[]"))
    if found["first_seq"] is None:
        return []
    name = connection.scalar(select(dataset.c.name).where(dataset.c.id == found["dataset_id"]))
    return [difference(connection, str(name), found["first_seq"], found["last_seq"])]


def _compared(connection: Connection, number: int, first: int, last: int) -> pl.DataFrame:
    """seq, key, before (seq of the record's last revision, 0: none), operation; in order of seq."""
    own = select(revision.c.seq, revision.c.key, revision.c.operation).where(
        revision.c.dataset_id == number, revision.c.seq.between(first, last)
    )
    mine = own.subquery()
    earlier = (
        select(revision.c.key, func.max(revision.c.seq).label("before"))
        .where(revision.c.dataset_id == number, revision.c.seq < first)
        .where(revision.c.key.in_(select(mine.c.key)))
        .group_by(revision.c.key)
        .subquery()
    )
    deleted = select(earlier.c.key, earlier.c.before, revision.c.operation).join(
        revision,
        (revision.c.dataset_id == number) & (revision.c.seq == earlier.c.before),
    )
    known = {"key": pl.String, "before": pl.Int64, "was": pl.Int64}
    rows = select_frame(connection, own, _ENTRIES)
    stood = select_frame(connection, deleted, known).filter(pl.col("was") != DELETE)
    added = pl.col("before").is_null()
    gone = pl.col("operation") == DELETE
    told = pl.when(gone).then(pl.lit("gone")).when(added).then(pl.lit("added"))
    return (
        rows.join(stood, on="key", how="left")
        .with_columns(
            operation=told.otherwise(pl.lit("changed")), before=pl.col("before").fill_null(0)
        )
        .sort("seq")
    )


def _contents(connection: Connection, name: str, taken: pl.DataFrame) -> dict[int, dict[str, Any]]:
    """seq → record, of the revisions in `taken` and of those before them."""
    seqs = pl.concat([taken["seq"], taken["before"]]).unique()
    seqs = seqs.filter(seqs > 0)
    if seqs.is_empty():
        return {}
    least, most = int(seqs.min() or 0), int(seqs.max() or 0)  # type: ignore[arg-type]
    found = {}
    for block in ledger.content_frames(connection, name, least - 1, most):
        chosen = block.filter(pl.col("seq").is_in(seqs.implode()), pl.col("json") != "")
        found.update({seq: orjson.loads(json) for seq, json in chosen.iter_rows()})
    return found


def _fields(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> dict[str, list[Any]]:
    """Field → [before, after], where they differ."""
    before, after = before or {}, after or {}
    names = dict.fromkeys([*before, *after])
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if before.get(name) != after.get(name)
    }
