"""What records are called in lists: the name and the document that the standard's roles show of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, or_, select

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.standard import Standard
from hub import ledger
from hub.segment import unpack
from hub.tables import segment
from hub.translated import fields_as, with_versions


@dataclass(frozen=True, slots=True)
class Called:
    """None where the standard says nothing, or the record has nothing."""

    name: str | None = None
    document: str | None = None


def names_of(
    connection: Connection, catalogue: Catalogue, rows: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, int], Called]:
    """(dataset, seq) → what the record is called, of a page's rows (dataset, dataset_id, seq)."""
    by_dataset: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        by_dataset.setdefault((row["dataset"], row["dataset_id"]), []).append(int(row["seq"]))
    found = {}
    for (name, number), seqs in by_dataset.items():
        if name in catalogue.datasets():
            standard = catalogue.get(name)
            told = _called(connection, catalogue, standard, lines_of(connection, number, seqs))
            found.update({(name, seq): called for seq, called in told.items()})
    return found


def lines_of(connection: Connection, number: int, seqs: Iterable[int]) -> dict[int, str]:
    """seq → the revision's canonical JSON, "" for a delete; each segment is opened once."""
    wanted = sorted(set(seqs))
    if not wanted:
        return {}
    query = select(segment.c.first_seq, segment.c.last_seq, segment.c.content).where(
        segment.c.dataset_id == number, or_(*(ledger.within(seq - 1, seq) for seq in wanted))
    )
    found = {}
    for first, last, content in connection.execute(query):
        lines = unpack(content).split(b"\n")
        mine = [seq for seq in wanted if first <= seq <= last]
        found.update({seq: lines[seq - first].decode() for seq in mine})
    return found


def _called(
    connection: Connection, catalogue: Catalogue, standard: Standard, lines: Mapping[int, str]
) -> dict[int, Called]:
    roles = {"name": standard.roles.name, "document": standard.roles.document}
    open_fields = {n for n, field in standard.fields.items() if field.tier != "sealed"}
    shown = {role: field for role, field in roles.items() if field in open_fields}
    alive = {seq: line for seq, line in lines.items() if line}
    if not shown or not alive:
        return {}
    frame = pl.DataFrame({"seq": list(alive), "json": list(alive.values())})
    versions = with_versions(connection, standard.dataset, frame)
    told = fields_as(catalogue, standard, versions, sorted({str(f) for f in shown.values()}))
    return {
        row[LINE]: Called(**{role: _text(row[str(field)]) for role, field in shown.items()})
        for row in told.to_dicts()
    }


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return "；".join(map(str, value)) or None
    return None if value is None else str(value)
