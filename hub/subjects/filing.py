"""A subject's file: what is known of it, and its records of all datasets, as one audience sees them.

Three faces: the public's has only what is published, the industry's what is for the industry and its own
association, the government's everything but what is sealed. Every field obeys its tier and mask
(`publisher.view`). Numbers of identity documents are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, select

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub.record_names import lines_of
from hub.site import Site
from hub.states import PUBLIC
from hub.subjects import index
from hub.subjects.gathering import records_of
from hub.subjects.identity import has_identity, without_identity
from hub.subjects.looking import subject_of
from hub.subjects.seeing import Viewer, note_looks, seen
from hub.tables import dataset, head
from hub.tables_of_review import disclosure
from hub.transfers.case import DATASET as CASES
from hub.translated import records_as, with_versions
from publisher.view import view_frame, visible

PUBLIC_FACE, INDUSTRY_FACE, GOVERNMENT_FACE = FACES = ("public", "industry", "government")
MOST = 1_000  # records of one subject that are shown


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: `parts` are the fields that name the subject, `how` what it was found by, `record` the
    fields that the face shows; `record_id` None where nothing was decided on its publication."""

    dataset: str
    key: str
    parts: tuple[str, ...]
    how: str
    date: str | None
    record: Mapping[str, Any]
    record_id: str | None


@dataclass(frozen=True, slots=True)
class File:
    """`facts` are fields of market_subject; in other faces than the government's only id and name, and None
    where the face shows nothing. `total` counts the viewer's records, also those that the face doesn't show;
    `more` says that it shows more than the newest `MOST`, which are the entries."""

    subject: str
    face: str
    facts: Mapping[str, Any]
    entries: tuple[Entry, ...]
    total: int
    more: bool


def file_of(
    site: Site,
    engine: Engine,
    catalogue: Catalogue,
    subject: str,
    face: str = GOVERNMENT_FACE,
    association: str | None = None,
    viewer: Viewer | None = None,
) -> File:
    """The file of a subject, records newest first, as a `viewer` sees it (None: the operator); looks at cases
    are noted. Raises Refused (subject_unknown), also where it has nothing for the viewer."""
    chosen = subject_of(site, subject)
    mine = index.read(site).frame("mentions", pl.col("subject") == chosen)
    with engine.connect() as connection:
        if face != PUBLIC_FACE:
            mine = seen(connection, viewer, mine)
        if mine.is_empty():
            raise Refused(Issue("subject_unknown", value=subject))
        records = mine.group_by("dataset", "key").agg(
            pl.col("part").sort(), pl.col("how").sort().first(), pl.col("date").max()
        )
        entries, more = _newest(connection, catalogue, records, face, association)
    if viewer is not None:
        note_looks(engine, viewer, [one.key for one in entries if one.dataset == CASES])
    facts = _facts(chosen, mine, face, entries)
    return File(chosen, face, facts, tuple(entries), records.height, more)


def _facts(
    subject: str, mine: pl.DataFrame, face: str, entries: Iterable[Entry]
) -> Mapping[str, Any]:
    if face != GOVERNMENT_FACE:
        return {"subject_id": subject, "subject_name": _shown_name(entries)}
    told = {"subject_id": subject}
    for row in records_of(mine).to_dicts():
        told |= {name: value for name, value in row.items() if value not in (None, [])}
    return told


def _shown_name(entries: Iterable[Entry]) -> str | None:
    """What the newest record that the face shows calls the subject."""
    told = (one.record.get(part) for one in entries for part in one.parts)
    return next((str(name) for name in told if name), None)


def _newest(
    connection: Connection, catalogue: Catalogue, records: pl.DataFrame, face: str, association: str | None
) -> tuple[list[Entry], bool]:  # fmt: skip
    """(the newest `MOST` that the face shows, whether it shows more)."""
    shows = [name for name in records["dataset"].unique() if _may_show(catalogue.get(name), face)]
    ordered = records.filter(pl.col("dataset").is_in(shows)).sort(
        "date", "dataset", "key", descending=[True, False, False], nulls_last=True
    )
    found: list[Entry] = []
    for part in ordered.iter_slices(MOST):
        found += _entries(connection, catalogue, part, face, association)
        if len(found) > MOST:
            break
    return found[:MOST], len(found) > MOST


def _may_show(standard: Standard, face: str) -> bool:
    return bool(standard.fields_for(face)) and (face != PUBLIC_FACE or standard.public)


def _entries(
    connection: Connection, catalogue: Catalogue, rows: pl.DataFrame, face: str, association: str | None
) -> list[Entry]:  # fmt: skip
    shown: dict[tuple[str, str], tuple[Mapping[str, Any], str | None]] = {}
    for (name,), part in rows.group_by("dataset"):
        standard = catalogue.get(str(name))
        keys = part["key"].to_list()
        for key, record, record_id in _seen(
            connection, catalogue, standard, keys, face, association
        ):
            shown[str(name), key] = record, record_id
    found = []
    for row in rows.to_dicts():
        told = shown.get((row["dataset"], row["key"]))
        if told is not None:
            date = row["date"] and row["date"][:10]
            found.append(
                Entry(row["dataset"], row["key"], tuple(row["part"]), row["how"], date, *told)
            )
    return found


def _seen(
    connection: Connection, catalogue: Catalogue, standard: Standard, keys: list[str], face: str, association: str | None
) -> Iterable[tuple[str, Mapping[str, Any], str | None]]:  # fmt: skip
    """(key, record as the face shows it, record id) of those of a dataset that it shows."""
    seqs, ids = _current(connection, standard.dataset, keys, face)
    if not seqs:
        return []
    number = connection.scalar(select(dataset.c.id).where(dataset.c.name == standard.dataset))
    lines = lines_of(connection, int(number or 0), seqs)
    frame = pl.DataFrame({"seq": list(lines), "json": list(lines.values())}, schema={"seq": pl.Int64, "json": pl.String})  # fmt: skip
    versions = with_versions(connection, standard.dataset, frame.filter(pl.col("json") != ""))
    rows = records_as(catalogue, standard, versions).rows
    # A record that no version reads isn't shown, rather than shown without its masks.
    marked = rows.rename({LINE: "_seq"}).filter(visible(standard, face, association))
    view = view_frame(standard, marked, face, association)
    view = without_identity(standard, view, in_texts=has_identity(lines.values()))
    return [_told(row, seqs, ids) for row in view.to_dicts()]


def _told(
    row: dict[str, Any], seqs: Mapping[int, str], ids: Mapping[str, str]
) -> tuple[str, Mapping[str, Any], str | None]:
    key = seqs[row.pop("_seq")]
    given = {name: value for name, value in row.items() if value not in (None, [])}
    return key, given, ids.get(key)


def _current(
    connection: Connection, name: str, keys: list[str], face: str
) -> tuple[dict[int, str], dict[str, str]]:
    """(seq → key of the records now, key → record id); for the public only of what is published."""
    number = select(dataset.c.id).where(dataset.c.name == name).scalar_subquery()
    query = select(head.c.seq, head.c.key).where(head.c.dataset_id == number, head.c.key.in_(keys))
    heads = {int(row.seq): str(row.key) for row in connection.execute(query)}
    asked = select(disclosure.c.key, disclosure.c.record_id, disclosure.c.state).where(
        disclosure.c.dataset_id == number, disclosure.c.key.in_(keys)
    )
    told = list(connection.execute(asked))
    if face == PUBLIC_FACE:
        public = {row.key for row in told if row.state in PUBLIC}
        heads = {seq: key for seq, key in heads.items() if key in public}
    return heads, {row.key: row.record_id for row in told}
