"""New tickets out of the ledger, each to its department, exactly once.

All of it is one transaction under the lock of the position row: tickets, first steps, terms, and up to
where the ledger was read. Whoever is killed has done nothing, and the next run does it.
Only what isn't sealed leaves the ledger: who reported, and what they wrote, doesn't.
"""

from __future__ import annotations

import logging
from datetime import date

import polars as pl
from sqlalchemy import Connection, select, text, update

from exchange_schemas.complaint_rules import Route, load_routes, routed
from exchange_schemas.days import today
from hub import ledger
from hub.bulk import insert_frame, select_frame
from hub.complaints import following
from hub.complaints.beginning import begin_terms
from hub.complaints.following import SPLIT
from hub.complaints.states import ASSIGNED, CLOSED, KINDS, OTHER, TAKE, UNROUTED, WITHDRAWN
from hub.complaints.tables import complaint_position, complaint_step, complaint_ticket
from hub.instant import utc_now
from hub.site import Site
from hub.tables import UPSERT, revision
from hub.terms import Terms

DATASET = "complaint_report"
FIELDS = pl.Schema(dict.fromkeys((
    "ticket_no", "kind", "channel", "category_code", "division_code", "split_from", "received_at",
    "respondent_uscc", "closed_on",
), pl.String))  # fmt: skip
KNOWN = {"id": pl.Int64, "ticket_no": pl.String, "department": pl.String, "state": pl.String}
NEW = (
    "ticket_no", "state", "step", "kind", "channel", "category_code", "division_code", "split_from",
    "respondent_uscc", "received_at", "department", "route", "closed_at", "taken_at", "seq",
)  # fmt: skip

COUNTS = ("taken", "routed", "unrouted", "known", "resumed", "withdrawn", "unclocked")

logger = logging.getLogger(__name__)


def waiting(connection: Connection) -> bool:
    """Whether the ledger has entries that weren't looked at yet."""
    known = connection.scalar(select(complaint_position.c.seq)) or 0
    return ledger.head_seq(connection, DATASET) > known


def route(connection: Connection, site: Site, terms: Terms) -> dict[str, int]:
    """Take new tickets; returns {taken, routed, unrouted, known, resumed, withdrawn,
    unclocked}.

    `unclocked` tickets have no term, because the calendar doesn't reach that far. Raises Misdeclared
    (route_invalid, law_invalid).
    """
    after = _lock(connection)
    last = ledger.head_seq(connection, DATASET)
    rules, on = load_routes(site.law), today()
    done = dict.fromkeys(COUNTS, 0)
    ended, taken_back = gone(connection, after, last)
    done["withdrawn"] = following.withdraw_gone(connection, terms, taken_back)
    for frame in ledger.content_frames(connection, DATASET, after, last):
        for name, count in _take(connection, rules, on, frame, terms).items():
            done[name] += count
    done["withdrawn"] += following.withdraw_gone(connection, terms, ended)
    mine = complaint_position.c.id == 1
    connection.execute(update(complaint_position).where(mine).values(seq=last))
    if any(done.values()):
        logger.info("complaints: %s", done)
    return done


def _lock(connection: Connection) -> int:
    """Up to which entry tickets were taken; nobody else routes until the transaction ends."""
    # In both databases' words: of two processes that come first, one makes the row.
    connection.execute(
        text(
            "INSERT INTO complaint_position (id, seq, returned) VALUES (1, 0, 0)"
            " ON CONFLICT DO NOTHING"
        )
    )
    query = select(complaint_position.c.seq).with_for_update()
    return int(connection.scalars(query).one())


def _take(
    connection: Connection, rules: tuple[Route, ...], on: date, frame: pl.DataFrame, terms: Terms
) -> dict[str, int]:
    """One frame of the ledger (seq, json)."""
    told = _read(frame)
    if told.is_empty():
        return {}
    known = _known(connection, told)
    old = told.join(known, on="ticket_no", how="semi")
    for number, seq in old.group_by("ticket_no").agg(pl.col("seq").max()).iter_rows():
        mine = complaint_ticket.c.ticket_no == number
        connection.execute(update(complaint_ticket).where(mine).values(seq=seq))
    fresh = told.join(known, on="ticket_no", how="anti").unique("ticket_no", keep="last")
    back, unclocked = _resume(connection, rules, on, old, terms)
    if fresh.is_empty():
        return {"known": old.height, "resumed": back, "unclocked": unclocked}
    placed = _placed(connection, routed(rules, on, fresh.sort("seq")))
    _store(connection, placed)
    missed = begin_terms(connection, terms, placed["ticket_no"])
    following.tell_assigned(connection, placed.filter(pl.col("state") != CLOSED))
    return {
        "taken": placed.height,
        "routed": placed.filter(pl.col("state") == ASSIGNED).height,
        "unrouted": placed.filter(pl.col("state") == UNROUTED).height,
        "known": old.height,
        "resumed": back,
        "unclocked": missed + unclocked,
    }


def _resume(
    connection: Connection, rules: tuple[Route, ...], on: date, old: pl.DataFrame, terms: Terms
) -> tuple[int, int]:
    """Of known tickets those that were taken back and are open by what is said now."""
    latest = old.sort("seq").unique("ticket_no", keep="last", maintain_order=True)
    told = latest.filter(pl.col("closed_on").is_null())
    known = _known(connection, told).filter(pl.col("state") == WITHDRAWN)
    back = told.join(known, on="ticket_no", how="semi", maintain_order="left")
    if back.is_empty():
        return 0, 0
    placed = _placed(connection, routed(rules, on, back))
    return following.resume_sent_again(connection, terms, placed)


def _read(frame: pl.DataFrame) -> pl.DataFrame:
    """seq and `FIELDS` of the records, in UTC, with a kind; deletes are left out."""
    alive = frame.filter(pl.col("json") != "")
    if alive.is_empty():
        return pl.DataFrame(schema={"seq": pl.Int64, **FIELDS})
    dtype = pl.Struct(dict(FIELDS))
    told = alive.select("seq", pl.col("json").str.json_decode(dtype).struct.unnest())
    zoned = pl.col("received_at").str.replace(r"[Zz]$", "+00:00")
    received = zoned.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_zone="UTC")
    return told.with_columns(
        received.dt.strftime("%Y-%m-%dT%H:%M:%S.000Z").alias("received_at"),
        pl.when(pl.col("kind").is_in(KINDS)).then("kind").otherwise(pl.lit(OTHER)).alias("kind"),
    )


def _known(connection: Connection, told: pl.DataFrame) -> pl.DataFrame:
    """`KNOWN` of the tickets of a frame, and of those that they were split from."""
    wanted = pl.concat([told["ticket_no"], told["split_from"].drop_nulls()]).unique().to_list()
    parts = [pl.DataFrame(schema=KNOWN)]
    for at in range(0, len(wanted), 500):
        query = select(*(complaint_ticket.c[name] for name in KNOWN)).where(
            complaint_ticket.c.ticket_no.in_(wanted[at : at + 500])
        )
        parts.append(select_frame(connection, query, KNOWN))
    return pl.concat(parts)


def _placed(connection: Connection, told: pl.DataFrame) -> pl.DataFrame:
    """`NEW` of tickets: one that was split from another goes where that is, and the rest by rules.

    A split ticket whose own rule is for its kind or category of its own goes by that rule where the
    other ticket has no department.
    """
    parents = pl.concat(
        [
            told.select(
                pl.col("ticket_no").alias("split_from"), pl.col("department").alias("parent")
            ),
            _known(connection, told).select(
                pl.col("ticket_no").alias("split_from"), pl.col("department").alias("parent")
            ),
        ]
    ).unique("split_from", keep="last")
    joined = told.join(parents, on="split_from", how="left", maintain_order="left")
    follows = pl.col("parent").is_not_null()
    now = utc_now()
    closed = pl.col("closed_on").is_not_null()
    # The platform says the day only: its end here, but not after now, and never before the receipt.
    end = pl.min_horizontal(pl.concat_str("closed_on", pl.lit("T15:59:59.999Z")), pl.lit(now))
    department = pl.when(follows).then("parent").otherwise("department")
    split = pl.concat_str(pl.lit(SPLIT), "split_from").str.head(64)
    return joined.with_columns(
        department.alias("department"), pl.when(follows).then(split).otherwise("route").alias("route")
    ).with_columns(
        pl.when(closed).then(pl.lit(CLOSED))
        .when(pl.col("department").is_null()).then(pl.lit(UNROUTED))
        .otherwise(pl.lit(ASSIGNED)).alias("state"),
        pl.lit(1, pl.Int64).alias("step"),
        pl.when(closed).then(pl.max_horizontal("received_at", end)).alias("closed_at"),
        pl.lit(now).alias("taken_at"),
    )  # fmt: skip


def _store(connection: Connection, placed: pl.DataFrame) -> None:
    """Tickets and their first steps."""
    insert_frame(connection, complaint_ticket, placed.select(list(NEW)))
    numbers = _known(
        connection, placed.select("ticket_no", pl.lit(None, pl.String).alias("split_from"))
    )
    steps = placed.join(numbers.select("id", "ticket_no"), on="ticket_no", maintain_order="left")
    rows = steps.select(
        pl.col("id").alias("ticket_id"),
        pl.lit(1, pl.Int64).alias("number"),
        pl.lit(TAKE).alias("act"),
        "state",
        pl.lit("hub").alias("actor"),
        pl.col("taken_at").alias("at"),
        "department",
        pl.col("route").alias("reason"),
    )
    insert_frame(connection, complaint_step, rows)


def gone(connection: Connection, after: int, last: int) -> tuple[list[str], list[str]]:
    """(keys whose last word in a range of the ledger is a delete, keys that were deleted in it and said again).

    What was taken back and sent again is the same whether one look at the ledger sees both or not.
    """
    number = ledger.dataset_id(connection, DATASET)
    mine = (revision.c.dataset_id == number) & revision.c.seq.between(after + 1, last)
    query = select(revision.c.key, revision.c.operation).where(mine).order_by(revision.c.seq)
    rows = connection.execute(query).all()
    final = {row.key: row.operation for row in rows}
    deleted = dict.fromkeys(row.key for row in rows if row.operation != UPSERT)
    ended = [key for key in deleted if final[key] != UPSERT]
    return ended, [key for key in deleted if final[key] == UPSERT]
