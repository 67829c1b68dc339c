"""What the next release of a dataset is to carry: all of it, or what differs from the one before.

The release before it has exactly what was public when it was put in place, so a record whose
disclosure, days and objection are as they are there needs no second look. Everything is looked at
anew where the views are made another way, or where a rule of law begins or ends between the two days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine, select

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.law import Law
from exchange_schemas.standard import Standard
from hub import departures, disclosures, ledger
from hub.database import write
from hub.decisions import Decision, Reason, among, decide
from hub.fast_read import read_texts
from hub.staging import staged
from hub.states import CLEARED, OBJECTED, SCHEDULED, SHOWABLE
from hub.tables_of_review import disclosure
from hub.translated import records_as, with_versions
from publisher.changes import Parts
from publisher.columns import DISCLOSED_UNTIL, OBJECTION, PUBLISHED_ON, RECORD_ID, hub_fields
from publisher.contents import Contents
from publisher.making import Supply
from publisher.packed import PackedView
from publisher.release import ReleaseSource

WANTED = pl.Schema(
    {
        "seq": pl.Int64,
        "record_id": pl.String,
        "state": pl.String,
        "published_on": pl.String,
        "public_until": pl.String,
    }
)
# … and `again`: whether the record was public before, perhaps with another view. What has to be looked
# at has `view_digest` (Binary) besides: for a million records they are most of what is to be read.
LEGAL = {
    "never": pl.String,
    "public_until": pl.String,
    "until_rule": pl.String,
    "again": pl.Boolean,
}
_FEW = 20_000  # rows that are asked for one by one rather than all at once
UNDER_OBJECTION = "异议处理中"  # as the law words it; the column has it in every language


class Overtaken(Exception):
    """Raised where a record of a release was decided on since it was read: it is built again."""


@dataclass(slots=True)
class Edition:
    """What the next release of a dataset is to carry, as of one day.

    `rows` are the disclosures that were looked at (`WANTED`) with their clocks, `supply` what the
    release is made of; `after_move` is the last move of disclosures that is known in it.
    """

    number: int
    day: date
    source: ReleaseSource
    rows: pl.DataFrame
    supply: Supply
    law: str  # the version under which it is shown
    after_move: int
    empty: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How an edition is read: from where, on which day, and of what the release says it is made.

    `shown` are the rows of the release before it, where only what differs from them has to be looked
    at; `placed` those of one that a process which died had put in place, with the first days in it.
    """

    engine: Engine
    catalogue: Catalogue
    standard: Standard
    day: date
    source: ReleaseSource
    shown: Contents | None = None
    placed: Contents | None = None

    def against(self, shown: Contents) -> Reading:
        """Only what differs from `shown`."""
        return replace(self, shown=shown)

    def dated(self, placed: Contents) -> Reading:
        """All, with the first days that `placed` gave."""
        return replace(self, placed=placed)


def read_edition(reading: Reading) -> Edition:
    """What may be shown on the day. Raises Refused (digest_changed) where a record's view isn't the one
    that was approved, and Overtaken where its term turned out to be over: that was decided then."""
    with reading.engine.connect() as connection:
        number = ledger.dataset_id(connection, reading.standard.dataset)
        after_move = departures.last_move(connection, number)  # before the rest is read
        wanted = _dated(reading, _approved(connection, number, reading.day))
        looked, gone = _differing(reading, wanted)
        looked = _with_digests(connection, number, looked)
        rows, shown = _approved_view(connection, reading, looked)
    law = reading.catalogue.law()
    _end_what_is_over(reading, number, rows, law)
    supply: Supply = shown if reading.shown is None else Parts(shown.scan().collect(), gone)
    return Edition(
        number, reading.day, reading.source, rows, supply, law.name, after_move, wanted.is_empty()
    )


def _approved(connection: Connection, number: int, day: date) -> pl.DataFrame:
    due = disclosure.c.publish_on.is_(None) | (disclosure.c.publish_on <= day.isoformat())
    found = read_texts(
        connection,
        [disclosure.c[name] for name in WANTED],
        disclosure.c.dataset_id == number,
        disclosure.c.state.in_(SHOWABLE),
        (disclosure.c.state != SCHEDULED) | due,
    )
    typed = found.with_columns(pl.col("seq").cast(pl.Int64))
    return typed.sort("seq").with_columns(again=pl.col("published_on").is_not_null())


def _with_digests(connection: Connection, number: int, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the digests that were approved."""
    columns = [disclosure.c.record_id, disclosure.c.view_digest]
    mine = disclosure.c.dataset_id == number
    if rows.height > _FEW:
        found = read_texts(connection, columns, mine)
    else:
        with staged(connection, rows.select("record_id"), "record_id") as chosen:
            these = disclosure.c.record_id.in_(select(chosen.c.record_id))
            found = read_texts(connection, columns, mine, these)
    digests = found.with_columns(pl.col("view_digest").str.decode("hex"))
    return rows.join(digests, on="record_id", how="left", maintain_order="left")


def _dated(reading: Reading, wanted: pl.DataFrame) -> pl.DataFrame:
    """`wanted` with the first days of what a process that died had already put in place."""
    if reading.placed is None or PUBLISHED_ON not in hub_fields(reading.standard):
        return wanted
    if PUBLISHED_ON not in reading.placed.columns:
        return wanted
    days = reading.placed.read(RECORD_ID, PUBLISHED_ON).rename({PUBLISHED_ON: "_day"})
    found = wanted.join(days, on="record_id", how="left", maintain_order="left")
    known = pl.coalesce("published_on", "_day").alias("published_on")
    return found.with_columns(known).drop("_day")


def _differing(reading: Reading, wanted: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """(the wanted rows that have to be looked at, the ids of records that are shown and not wanted)."""
    if reading.shown is None:
        return wanted, []
    hub = [name for name in hub_fields(reading.standard) if name in reading.shown.columns]
    shown = reading.shown.read(RECORD_ID, *hub)
    expected = {
        PUBLISHED_ON: pl.col("published_on"),
        DISCLOSED_UNTIL: pl.col("public_until"),
        OBJECTION: _objection(),
    }
    known = shown.rename({name: f"_{name}" for name in hub}).with_columns(_there=True)
    found = wanted.join(known, on=RECORD_ID, how="left", maintain_order="left")
    same = [expected[name].eq_missing(pl.col(f"_{name}")) for name in hub]
    settled = ~pl.col("state").is_in(CLEARED)
    stays = pl.all_horizontal(pl.col("_there").fill_null(value=False), settled, *same)
    gone = shown.join(wanted, on=RECORD_ID, how="anti")[RECORD_ID].to_list()
    return found.filter(~stays).select(wanted.columns), gone


def _objection() -> pl.Expr:
    return pl.when(pl.col("state") == OBJECTED).then(pl.lit(UNDER_OBJECTION))


def _approved_view(
    connection: Connection, reading: Reading, wanted: pl.DataFrame
) -> tuple[pl.DataFrame, PackedView]:
    """The wanted rows with their clocks, and what is shown of each, checked against its digest."""
    fields = list(reading.standard.fields_for("public"))
    wanted = with_versions(connection, reading.standard.dataset, wanted)
    wanted = wanted.with_columns(pl.col("published_on").fill_null(reading.day.isoformat()))
    on = disclosures.Refreshing(
        reading.catalogue, reading.standard, reading.catalogue.law(), reading.day
    )
    empty = {"seq": pl.Int64, **{name: reading.standard.fields[name].dtype for name in fields}}
    rows = [pl.DataFrame(schema={**WANTED, "view_digest": pl.Binary, **LEGAL})]
    shown = PackedView(_shown(rows[0], pl.DataFrame(schema=empty)).schema)
    for frame in ledger.frames_of(connection, reading.standard.dataset, wanted["seq"]):
        part = wanted.join(frame, on="seq", maintain_order="left")
        if part.is_empty():
            continue
        records = records_as(reading.catalogue, reading.standard, part).rows
        view = disclosures.public_view_of(reading.standard, records).rename({LINE: "seq"})
        _check_digests(part, view)
        legal = disclosures.legal(on, records, part.select("seq", "published_on"))
        clocks = part.drop("public_until").join(legal.rename({LINE: "seq"}), on="seq", how="left")
        rows.append(clocks.select(rows[0].columns))
        shown.append(_shown(clocks, view.select("seq", *fields)))
    return pl.concat(rows), shown


def _check_digests(wanted: pl.DataFrame, view: pl.DataFrame) -> None:
    """Raises Refused (digest_changed) where a view isn't the one that was approved."""
    shown = wanted.join(view.select("seq", "_digest"), on="seq", how="left")
    changed = shown.filter(pl.col("_digest").ne_missing(pl.col("view_digest")))
    if not changed.is_empty():
        raise Refused(Issue("digest_changed", value=str(changed["record_id"][0])))


def _end_what_is_over(reading: Reading, number: int, rows: pl.DataFrame, law: Law) -> None:
    """Take back what turns out to be over, or forbidden, now that its first day is known.

    Raises Overtaken where there was any: what was read is of before that.
    """
    over = (pl.col("public_until") < reading.day.isoformat()).fill_null(value=False)
    forbidden = pl.col("never").is_not_null()
    reason = Reason("rule_forbids")
    ended = False
    for act, why, found in (
        ("take_back", reason, rows.filter(forbidden)),
        ("expire", None, rows.filter(over & ~forbidden)),
    ):
        if found.is_empty():
            continue
        made = Decision(number, act, law.name, reason=why)
        with write(reading.engine) as connection, staged(connection, found, "record_id") as table:
            decide(connection, made, among(table))
        ended = True
    if ended:
        raise Overtaken


def _shown(rows: pl.DataFrame, view: pl.DataFrame) -> pl.DataFrame:
    """The release's view: the public fields, with id, first and last public day, and objection."""
    hub = rows.select(
        "seq",
        "record_id",
        pl.col("published_on").alias(PUBLISHED_ON),
        pl.col("public_until").alias(DISCLOSED_UNTIL),
        _objection().cast(pl.String).alias(OBJECTION),
    )
    own = [name for name in hub.columns if name in view.columns and name != "seq"]
    return hub.drop(own).join(view, on="seq", how="left", maintain_order="left").drop("seq")
