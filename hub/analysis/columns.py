"""Columnar copies of datasets: the records that the ledger has now, as Parquet files.

A copy is brought up to date with the revisions that came since, and written anew when these have become
many, when the standard's fields are others, or when content was erased. It may be thrown away at any time.

    columns/<dataset>/position.json   up to which revision, and which files count
                      base-….parquet  the records at one revision
                      delta-….parquet what came after it, the last word on each key

They stand in the site's folder or in the storage (`shelf`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import orjson
import polars as pl
from sqlalchemy import Connection, func, select

from exchange_schemas.record import KEY, parse_records
from exchange_schemas.standard import Dtype, Standard
from hub.analysis.shelf import Shelf, alone, forget, shelf
from hub.bulk import select_frame
from hub.current import lines_after
from hub.exchange.tables import exchange_erased
from hub.site import Site
from hub.tables import DELETE, dataset, head, revision
from publisher.formats.parquet import Compression
from publisher.formats.parquet_stream import ParquetStream

__all__ = ["GONE", "SEQ", "Position", "changed", "forget", "last_erasure", "refresh", "scan"]
SEQ, GONE = "_seq", "_gone"
_MARKS: dict[str, Dtype] = {KEY: pl.String, SEQ: pl.Int64, GONE: pl.Boolean}
_POSITION = "position.json"
_OWN = ("base-", "delta-")  # beginnings of the names of its other files
_PACKED: Compression = {"compression": "lz4"}
_FEW = 50_000  # revisions behind the base that may wait, whatever its size
_SHARE = 5  # … or a part of the base
_FILES = 24  # of revisions behind the base


@dataclass(frozen=True, slots=True)
class Position:
    """What a copy has: revisions up to `seq`, of `fields` (their digest), after `erasure`; its files."""

    seq: int = 0
    fields: str = ""
    erasure: int = 0
    base: str | None = None
    base_rows: int = 0
    deltas: tuple[str, ...] = ()
    delta_rows: int = 0

    @property
    def base_name(self) -> str:
        """Another one for other content: a reader may have the earlier one open."""
        return f"base-{self.seq}-{self.erasure}-{self.fields}.parquet"

    @property
    def files(self) -> set[str]:
        """The names of its files."""
        return {*self.deltas, *([self.base] if self.base else [])}


def scan(site: Site, connection: Connection, standard: Standard) -> pl.LazyFrame:
    """The dataset's records now: the standard's fields, `_key` and `_seq` (of the revision that says so).

    Reads what is new in the ledger first. The files stay until the copy was written anew twice.
    """
    position = refresh(site, connection, standard)
    schema: dict[str, Dtype] = {**_MARKS, **standard.dtypes}
    if position.base is None and not position.deltas:
        return pl.LazyFrame(schema={name: schema[name] for name in schema if name != GONE})
    return _living(shelf(site, standard.dataset), position, schema).drop(GONE)


def refresh(site: Site, connection: Connection, standard: Standard) -> Position:
    """Bring the copy up to date; returns what it has then."""
    with alone(site, connection, standard.dataset) as files:
        found = connection.execute(
            select(dataset.c.id, dataset.c.seq).where(dataset.c.name == standard.dataset)
        ).one_or_none()
        if found is None:
            return Position()
        number, last = int(found.id), int(found.seq)
        known, fresh = _read(files), _fresh(connection, standard)
        if (known.fields, known.erasure) != (fresh.fields, fresh.erasure) or known.seq > last:
            known = replace(fresh, seq=0)
        if known.seq == last:
            return known
        return _grown(files, connection, number, standard, known, last)


def changed(
    connection: Connection, standard: Standard, after: int
) -> tuple[pl.DataFrame, pl.Series]:
    """(records whose last revision came after `after`, as `scan` gives them; keys that are gone since)."""
    found = connection.execute(
        select(dataset.c.id, dataset.c.seq).where(dataset.c.name == standard.dataset)
    ).one_or_none()
    if found is None or found.seq <= after:
        rows = pl.DataFrame(schema={**_MARKS, **standard.dtypes})
    else:
        rows = _delta(connection, int(found.id), standard, after, int(found.seq))
    return rows.filter(~pl.col(GONE)).drop(GONE), rows.filter(pl.col(GONE))[KEY]


def last_erasure(connection: Connection, name: str) -> int:
    """The last erasure of content of a dataset; 0 where nothing was erased."""
    query = select(func.max(exchange_erased.c.erasure_id)).join(
        dataset, dataset.c.id == exchange_erased.c.dataset_id
    )
    return int(connection.scalar(query.where(dataset.c.name == name)) or 0)


def _grown(
    files: Shelf,
    connection: Connection,
    number: int,
    standard: Standard,
    known: Position,
    last: int,
) -> Position:
    behind = known.delta_rows + last - known.seq
    if known.base is None or known.seq == 0:
        made = _based(files, connection, number, standard, replace(known, seq=last))
    else:
        name = f"delta-{known.seq}-{last}.parquet"
        rows = _delta(connection, number, standard, known.seq, last)
        rows.write_parquet(files.address(name), storage_options=files.options)
        deltas = (*known.deltas, name)
        made = replace(known, seq=last, deltas=deltas, delta_rows=known.delta_rows + rows.height)
        if behind > max(_FEW, known.base_rows // _SHARE) or len(deltas) > _FILES:
            made = _merged(files, standard, made)
    _write(files, made, known)
    return made


def _based(
    files: Shelf, connection: Connection, number: int, standard: Standard, position: Position
) -> Position:
    """All records as one file, from the ledger."""
    # Some may have been said after `position.seq` by now: the next delta says them once more.
    query = select(head.c.seq, head.c.key).where(head.c.dataset_id == number)
    keys = select_frame(connection, query, {SEQ: pl.Int64, KEY: pl.String})
    name, rows = position.base_name, 0
    schema = pl.Schema({**_MARKS, **standard.dtypes})
    address = files.address(name)
    with ParquetStream(address, schema, _PACKED, files.options) as file:
        for lines in lines_after(connection, number, 0):
            mine = lines.rename({"seq": SEQ}).join(keys, on=SEQ)
            if mine.height:
                file.put(_rows(mine, standard).select(schema.names()))
                rows += mine.height
    return replace(position, base=name, base_rows=rows, deltas=(), delta_rows=0)


def _delta(
    connection: Connection, number: int, standard: Standard, after: int, last: int
) -> pl.DataFrame:
    """The last word on each key in the revisions after < seq <= last."""
    query = select(revision.c.seq, revision.c.key, revision.c.operation).where(
        revision.c.dataset_id == number, revision.c.seq > after, revision.c.seq <= last
    )
    schema = {SEQ: pl.Int64, KEY: pl.String, "operation": pl.Int64}
    said = select_frame(connection, query, schema)
    said = said.sort(SEQ).unique(KEY, keep="last", maintain_order=True)
    lines = pl.concat(
        [
            pl.DataFrame(schema={"seq": pl.Int64, "json": pl.String}),
            *lines_after(connection, number, after),
        ]
    ).rename({"seq": SEQ})
    living = said.filter(pl.col("operation") != DELETE).join(lines, on=SEQ)
    gone = said.filter(pl.col("operation") == DELETE)
    names = [*_MARKS, *standard.dtypes]
    dead = pl.DataFrame({KEY: gone[KEY], SEQ: gone[SEQ]}).with_columns(
        pl.lit(True).alias(GONE), *(pl.lit(None, t).alias(n) for n, t in standard.dtypes.items())
    )
    return pl.concat([_rows(living, standard).select(names), dead.select(names)])


def _rows(lines: pl.DataFrame, standard: Standard) -> pl.DataFrame:
    fields = parse_records(lines["json"], standard.dtypes)
    return fields.with_columns(lines[KEY], lines[SEQ], pl.lit(False).alias(GONE))


def _living(files: Shelf, position: Position, schema: Mapping[str, Dtype]) -> pl.LazyFrame:
    """The last word on each key, without what is gone."""
    names = list(schema)
    told = files.options
    base = None
    if position.base:
        base = pl.scan_parquet(files.address(position.base), storage_options=told).select(names)
    if not position.deltas:
        return base if base is not None else pl.LazyFrame(schema=dict(schema))
    said = [pl.read_parquet(files.address(name), storage_options=told) for name in position.deltas]
    newest = pl.concat(said).sort(SEQ).unique(KEY, keep="last").select(names).lazy()
    living = newest.filter(~pl.col(GONE))
    if base is None:
        return living
    return pl.concat([base.join(newest.select(KEY), on=KEY, how="anti"), living])


def _merged(files: Shelf, standard: Standard, position: Position) -> Position:
    schema: dict[str, Dtype] = {**_MARKS, **standard.dtypes}
    name = position.base_name
    address, told = files.address(name), files.options
    _living(files, position, schema).sink_parquet(address, storage_options=told, **_PACKED)
    made = pl.scan_parquet(address, storage_options=told).select(pl.len()).collect()
    return replace(position, base=name, base_rows=int(made.item()), deltas=(), delta_rows=0)


def _fresh(connection: Connection, standard: Standard) -> Position:
    told = repr(sorted((name, str(dtype)) for name, dtype in standard.dtypes.items()))
    fields = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Position(fields=fields, erasure=last_erasure(connection, standard.dataset))


def _read(files: Shelf) -> Position:
    """What the copy says that it has; nothing where a file of it is missing."""
    told = files.read(_POSITION)
    if told is None:
        return Position()
    words = orjson.loads(told)
    found = Position(**{**words, "deltas": tuple(words["deltas"])})
    return found if found.files <= files.names() else Position()


def _write(files: Shelf, position: Position, before: Position) -> None:
    """Let the position count, then remove files of the copy that neither it nor the one before names; an
    index that somebody keeps beside it stays."""
    files.write(_POSITION, orjson.dumps(asdict(position)))
    own = {name for name in files.names() if name.startswith(_OWN)}
    files.remove(own - position.files - before.files)
