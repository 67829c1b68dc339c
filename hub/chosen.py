"""Disclosures that a person chooses: by name, or by a condition on what the records say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, select

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.conditions import fields_named, holds
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import ledger
from hub.bulk import select_frame
from hub.tables_of_review import disclosure
from hub.translated import fields_as, with_versions

CHOSEN = pl.Schema({"record_id": pl.String, "seq": pl.Int64, "view_digest": pl.Binary})


@dataclass(frozen=True, slots=True)
class Chosen:
    """`records` by name, or all that meet `condition`. With one record, `digest` (hex) is the view
    that was looked at: another one isn't decided on."""

    records: tuple[str, ...] = ()
    condition: Mapping[str, Any] | None = None
    digest: str | None = None

    def among(self, number: int) -> ColumnElement[bool]:
        """The condition on `disclosure` that names the records of dataset `number`."""
        found = disclosure.c.dataset_id == number
        if self.records:
            found &= disclosure.c.record_id.in_(self.records)
        if self.digest is not None:
            found &= disclosure.c.view_digest == bytes.fromhex(self.digest)
        return found


def check_named(
    connection: Connection, name: str, number: int, chosen: Chosen, states: Sequence[str]
) -> None:
    """Raises Refused where a named record can't be decided on: record_unknown, state_wrong,
    digest_changed, on_hold."""
    columns = (disclosure.c.record_id, disclosure.c.state, disclosure.c.view_digest)
    query = select(*columns, disclosure.c.hold).where(
        disclosure.c.dataset_id == number, disclosure.c.record_id.in_(chosen.records)
    )
    found = {row.record_id: row for row in connection.execute(query)}
    for record in chosen.records:
        if record not in found:
            raise Refused(Issue("record_unknown", value=record, params={"dataset": name}))
        row = found[record]
        if row.state not in states:
            words = {"state": row.state, "expected": ", ".join(states), "act": "decided"}
            raise Refused(Issue("state_wrong", value=record, params=words))
        if chosen.digest is not None and bytes(row.view_digest).hex() != chosen.digest:
            raise Refused(Issue("digest_changed", value=record))
        if row.hold is not None:
            raise Refused(Issue("on_hold", value=record, params={"reason": row.hold}))


def matching(
    connection: Connection,
    catalogue: Catalogue,
    standard: Standard,
    among: ColumnElement[bool],
    condition: Mapping[str, Any] | None,
) -> pl.DataFrame:
    """The disclosures (`CHOSEN`) under `among` whose records meet the condition, in order of seq.

    The condition may speak of every field of the standard, not only of public ones: it is asked by
    the department's own staff. Raises Misdeclared (condition_invalid).
    """
    query = select(*(disclosure.c[name] for name in CHOSEN)).where(among)
    rows = select_frame(connection, query, CHOSEN).sort("seq")
    if not condition or rows.is_empty():
        return rows
    wanted = holds(condition, standard.fields)
    named = sorted(fields_named(condition))
    seqs = with_versions(connection, standard.dataset, rows.select("seq"))
    first, last = int(rows["seq"][0]) - 1, int(rows["seq"][-1])
    met = [pl.Series(LINE, [], dtype=pl.Int64)]
    for frame in ledger.content_frames(connection, standard.dataset, first, last):
        part = seqs.join(frame, on="seq", maintain_order="left").filter(pl.col("json") != "")
        met.append(fields_as(catalogue, standard, part, named).filter(wanted)[LINE])
    return rows.filter(pl.col("seq").is_in(pl.concat(met).implode()))
