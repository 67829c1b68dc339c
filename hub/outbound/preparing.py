"""Making the next delivery: which entries it takes, and what becomes of the others.

All of it is one transaction with the target's cursor, before anything is sent. An entry whose record has
an earlier one without an answer waits, so that the province gets the entries of each record in their
order; other records go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import orjson
import polars as pl
from sqlalchemy import Connection, insert, select, update

from exchange_schemas.issue import ERRORS
from hub.bulk import insert_frame, select_frame
from hub.database import write
from hub.instant import utc_now
from hub.outbound import entry_source, identifiers, parcel
from hub.outbound.desk import Desk, lock, space_of
from hub.outbound.erased import told_as_deletes
from hub.outbound.records import drop_entries, drop_superseded
from hub.outbound.tables import (
    ANSWERED,
    PREPARED,
    QUARANTINED,
    REFUSED,
    WAITING,
    target_delivery,
    target_entry,
    target_state,
)
from hub.outbound.telling import tell_held
from hub.outbound.written import Written, write_entries

_KEYED = {"seq": pl.Int64, "key": pl.String}


@dataclass(frozen=True, slots=True)
class Prepared:
    """`delivery` is None where nothing can be sent of the `looked` entries; 0: there are none left."""

    delivery: int | None
    looked: int
    held: int = 0


def prepare(desk: Desk) -> Prepared:
    """The next delivery, of at most `target.batch` entries."""
    with write(desk.engine) as connection:
        state = lock(connection, desk.target.name)
        unanswered = open_entries(connection, desk.target.name)
        waiting = _waiting(connection, desk.target.name)
        free = _free(waiting, unanswered["key"]).head(desk.target.batch)
        looked, ready, later, end = _chosen(desk, connection, state["cursor"], free,
                                            pl.concat([unanswered, waiting]))  # fmt: skip
        if not looked:
            return Prepared(None, 0)
        drop_entries(connection, desk.target.name, free["seq"])
        _keep_waiting(connection, desk.target.name, later)
        _move(connection, desk.target.name, end)
        written = write_entries(desk, connection, ready)
        _supersede(connection, desk, ready)
        held = _quarantine(connection, desk, ready, written)
        return Prepared(_deliver(connection, desk, state, written), looked, held)


def open_entries(connection: Connection, target: str) -> pl.DataFrame:
    """seq and key of the entries whose outcome isn't known."""
    has = target_delivery.c
    query = select(has.content).where(has.target == target, has.state != ANSWERED)
    parts = [
        parcel.unpack(bytes(one)).select(
            pl.col(parcel.SEQ).alias("seq"), pl.col(parcel.KEY).alias("key")
        )
        for one in connection.scalars(query)
    ]
    return pl.concat([pl.DataFrame(schema=_KEYED), *parts])


def keys_under_way(connection: Connection, target: str) -> pl.Series:
    """Keys of the records of which an entry is open or waits."""
    return pl.concat([open_entries(connection, target), _waiting(connection, target)])["key"]


def _chosen(
    desk: Desk, connection: Connection, cursor: int, free: pl.DataFrame, busy: pl.DataFrame
) -> tuple[int, pl.DataFrame, pl.DataFrame, int]:
    """How many entries are looked at, those that can go out, those that have to wait, and the new cursor."""
    entries = entry_source.some(desk, connection, free["seq"])
    page = entry_source.after(desk, connection, cursor, desk.target.batch - free.height)
    told = told_as_deletes(desk, connection, pl.concat([entries, page]), busy)
    later = _later(told.tail(page.height), busy["key"])
    ready = told.filter(~pl.col("seq").is_in(later["seq"].implode()))
    end = int(page["seq"][-1]) if page.height else cursor
    return free.height + page.height, ready, later, end


def try_again(connection: Connection, desk: Desk) -> int:
    """Entries that couldn't be written wait to be written again, where the mapping has changed since;
    returns how many."""
    has = target_entry.c
    stale = (has.target == desk.target.name) & (has.state == QUARANTINED)
    stale &= has.fingerprint != desk.target.fingerprint
    again = {"state": WAITING, "issues": None, "code": None}
    return int(connection.execute(update(target_entry).where(stale).values(again)).rowcount)


def _waiting(connection: Connection, target: str) -> pl.DataFrame:
    has = target_entry.c
    query = select(has.seq, has.key).where(has.target == target, has.state == WAITING)
    return select_frame(connection, query.order_by(has.seq), _KEYED)


def _free(waiting: pl.DataFrame, blocked: pl.Series) -> pl.DataFrame:
    """The earliest of each record's waiting entries, where no delivery has an open one of it."""
    first = waiting.unique("key", keep="first", maintain_order=True)
    return first.filter(~pl.col("key").is_in(blocked.implode()))


def _later(page: pl.DataFrame, blocked: pl.Series) -> pl.DataFrame:
    """Those of a page that have to wait. An erased entry has no key, and nothing to wait for."""
    keyed = page.filter(pl.col("key").is_not_null())
    behind = pl.col("key").is_in(blocked.implode()) | ~pl.col("key").is_first_distinct()
    return keyed.filter(behind).select(
        "seq",
        "key",
        pl.when(pl.col("operation") == "delete").then(pl.lit(parcel.DELETE)).alias("operation"),
    )


def _keep_waiting(connection: Connection, target: str, later: pl.DataFrame) -> None:
    told = later.with_columns(
        pl.lit(target).alias("target"),
        pl.lit(WAITING).alias("state"),
        pl.lit(utc_now()).alias("at"),
    )
    insert_frame(connection, target_entry, told)


def _move(connection: Connection, target: str, cursor: int) -> None:
    mine = target_state.c.target == target
    connection.execute(update(target_state).where(mine).values(cursor=cursor))


def _supersede(connection: Connection, desk: Desk, ready: pl.DataFrame) -> None:
    """A record's later entry says all of it: an earlier one that failed needs nothing any more."""
    later = ready.filter(pl.col("key").is_not_null()).select("key", "seq")
    drop_superseded(connection, desk.target.name, (QUARANTINED, REFUSED), later)


def _quarantine(connection: Connection, desk: Desk, ready: pl.DataFrame, written: Written) -> int:
    """Hold back what can't be written; the departments are told."""
    errors = written.issues.filter(pl.col("code").is_in(ERRORS))
    if errors.is_empty():
        return 0
    told = pl.struct("field", "code", "value", "params").struct.json_encode()
    lists = errors.group_by(pl.col("line").alias("seq"), maintain_order=True).agg(
        pl.col("code").first(), told.alias("issues")
    )
    joined = pl.concat_str(pl.lit("["), pl.col("issues").list.join(","), pl.lit("]"))
    rows = lists.join(ready.select("seq", "key"), on="seq").select(
        pl.lit(desk.target.name).alias("target"), "seq", "key",
        pl.lit(QUARANTINED).alias("state"), "code", joined.alias("issues"),
        pl.lit(desk.target.fingerprint).alias("fingerprint"), pl.lit(utc_now()).alias("at"),
    )  # fmt: skip
    insert_frame(connection, target_entry, rows)
    tell_held(connection, desk, rows["seq"])
    return rows.height


def _deliver(connection: Connection, desk: Desk, state: object, written: Written) -> int | None:
    rows = written.rows
    if rows.is_empty():
        return None
    within = space_of(state)  # type: ignore[arg-type]
    flows = pl.Series(parcel.FLOW, identifiers.flows(within, rows[parcel.SEQ]))
    items = pl.Series(parcel.ITEM, identifiers.items(within, rows[parcel.KEY]))
    whole = rows.with_columns(flows, items).select(*parcel.ABOUT, *desk.target.table.names)
    row = {
        "target": desk.target.name,
        "batch": str(uuid4()),
        "first_seq": whole[parcel.SEQ].min(),
        "last_seq": whole[parcel.SEQ].max(),
        "entries": whole.height,
        "state": PREPARED,
        "sha256": parcel.digest_of(whole),
        "content": parcel.pack(whole),
        "prepared_at": utc_now(),
    }
    made = connection.scalar(insert(target_delivery).values(row).returning(target_delivery.c.id))
    return int(made or 0)


def issues_json(text: str | None) -> list[dict[str, object]]:
    """What `target_entry.issues` has."""
    found: list[dict[str, object]] = orjson.loads(text or "[]")
    return found
