"""Publishing: the approved views of a dataset as its next release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, and_, func, select, update

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import departures, disclosures, ledger
from hub.bulk import select_frame
from hub.database import write
from hub.decisions import Decision, Reason, among, decide
from hub.expiry import expire
from hub.site import Site
from hub.staging import staged
from hub.states import CLEARED, OBJECTED, SCHEDULED, SHOWABLE
from hub.tables import dataset
from hub.tables_of_review import disclosure
from hub.translated import records_as, with_versions
from publisher.columns import DISCLOSED_UNTIL, OBJECTION, PUBLISHED_ON
from publisher.release import Release, ReleaseSource, build_release, current_release

WANTED = pl.Schema(
    {
        "seq": pl.Int64,
        "record_id": pl.String,
        "view_digest": pl.Binary,
        "state": pl.String,
        "published_on": pl.String,
    }
)
# … and `again`: whether the record was public before, perhaps with another view.
LEGAL = {
    "never": pl.String,
    "public_until": pl.String,
    "until_rule": pl.String,
    "again": pl.Boolean,
}
UNDER_OBJECTION = "异议处理中"  # as the law words it; the column has it in every language
_TRIES = 5  # builds that other people's decisions may overtake


class Overtaken(Exception):
    """Raised while a release is put in place, where a record of it was decided on since it was
    read: it is built again."""


@dataclass(slots=True)
class Edition:
    """What the next release of a dataset is to carry, as of one day.

    `rows` are the disclosures (`WANTED`) with their clocks, `view` what is shown of them.
    """

    number: int
    day: date
    source: ReleaseSource
    rows: pl.DataFrame
    view: pl.DataFrame
    law: str  # the version under which it is shown


def publish(site: Site, engine: Engine, catalogue: Catalogue, name: str) -> Release | None:
    """Build the next release of what is approved; None where nothing ever was.

    What the ledger says since the last review is asked for first: a run that was killed between
    the two may have taken records back. What is over on this day is out. Unchanged content gives
    the current release again. Raises Refused (digest_changed) where a record's view isn't the one
    that was approved: nothing is published then.
    """
    standard = catalogue.get(name)
    for _ in range(_TRIES):
        disclosures.refresh_dataset(engine, catalogue, standard)
        edition = _edition(site, engine, catalogue, standard, today())
        if edition.rows.is_empty() and current_release(site.releases, name) is None:
            return None
        try:
            return _place(site, engine, standard, edition)
        except Overtaken:
            continue
    raise Refused(Issue("release_overtaken", value=name, params={"tries": str(_TRIES)}))


def _place(site: Site, engine: Engine, standard: Standard, edition: Edition) -> Release:
    before = current_release(site.releases, standard.dataset)

    @contextmanager
    def placing(made: Release) -> Iterator[None]:
        with write(engine) as connection:
            ledger.lock(connection, edition.number)
            _check_still(connection, edition)
            yield
            _mark(connection, edition, made.number)

    made = build_release(site.releases, standard, edition.view, edition.source, placing)
    if before is not None and made.number == before.number:  # it would say the same
        with placing(made):
            pass
    return made


def _edition(
    site: Site, engine: Engine, catalogue: Catalogue, standard: Standard, day: date
) -> Edition:
    """What may be shown on `day`. What the law ended by then, or forbids, is moved first."""
    with write(engine) as connection:
        number = ledger.dataset_id(connection, standard.dataset)
        expire(connection, number, day)
    with engine.connect() as connection:
        reviewed = select(dataset.c.reviewed_seq).where(dataset.c.id == number)
        source = ReleaseSource(connection.scalar(reviewed))
        wanted = _dated(connection, site, standard, _approved(connection, number, day))
        rows, view = _approved_view(connection, catalogue, standard, wanted, day)
    edition = Edition(number, day, source, rows, view, catalogue.law().name)
    return _without_ended(engine, edition)


def _approved(connection: Connection, number: int, day: date) -> pl.DataFrame:
    due = disclosure.c.publish_on.is_(None) | (disclosure.c.publish_on <= day.isoformat())
    query = select(*(disclosure.c[name] for name in WANTED)).where(
        disclosure.c.dataset_id == number,
        disclosure.c.state.in_(SHOWABLE),
        (disclosure.c.state != SCHEDULED) | due,
    )
    found = select_frame(connection, query, WANTED).sort("seq")
    return found.with_columns(again=pl.col("published_on").is_not_null())


def _dated(
    connection: Connection, site: Site, standard: Standard, wanted: pl.DataFrame
) -> pl.DataFrame:
    """`wanted` with the first days of what a process that died had already put in place."""
    current = current_release(site.releases, standard.dataset)
    known = select(dataset.c.published_release).where(dataset.c.name == standard.dataset)
    if current is None or current.number == connection.scalar(known):
        return wanted
    public = pl.read_parquet(current.path / "records.parquet")
    if PUBLISHED_ON in standard.fields or PUBLISHED_ON not in public.columns:
        return wanted
    days = public.select("record_id", pl.col(PUBLISHED_ON).cast(pl.String).alias("_day"))
    found = wanted.join(days, on="record_id", how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("published_on", "_day").alias("published_on")).drop(
        "_day"
    )


def _approved_view(
    connection: Connection,
    catalogue: Catalogue,
    standard: Standard,
    wanted: pl.DataFrame,
    day: date,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The wanted rows with their clocks, and the public view of each, checked against its digest."""
    fields = list(standard.fields_for("public"))
    last = int(wanted["seq"].max() or 0)  # type: ignore[arg-type]  # Int64 column
    wanted = with_versions(connection, standard.dataset, wanted)
    wanted = wanted.with_columns(pl.col("published_on").fill_null(day.isoformat()))
    on = disclosures.Refreshing(catalogue, standard, catalogue.law(), day)
    rows, views = [], []
    for frame in ledger.content_frames(connection, standard.dataset, 0, last):
        part = wanted.join(frame, on="seq", maintain_order="left")
        if part.is_empty():
            continue
        records = records_as(catalogue, standard, part).rows
        view = disclosures.public_view_of(standard, records).rename({LINE: "seq"})
        _check_digests(part, view)
        legal = disclosures.legal(on, records, part.select("seq", "published_on"))
        rows.append(part.join(legal.rename({LINE: "seq"}), on="seq", how="left"))
        views.append(view.select("seq", *fields))
    empty = {"seq": pl.Int64, **{name: standard.fields[name].dtype for name in fields}}
    nothing = pl.DataFrame(schema={**WANTED, **LEGAL})
    found = pl.concat([nothing, *(part.select(nothing.columns) for part in rows)])
    return found, pl.concat([pl.DataFrame(schema=empty), *views])


def _check_digests(wanted: pl.DataFrame, view: pl.DataFrame) -> None:
    """Raises Refused (digest_changed) where a view isn't the one that was approved."""
    shown = wanted.join(view.select("seq", "_digest"), on="seq", how="left")
    changed = shown.filter(pl.col("_digest").ne_missing(pl.col("view_digest")))
    if not changed.is_empty():
        raise Refused(Issue("digest_changed", value=str(changed["record_id"][0])))


def _without_ended(engine: Engine, edition: Edition) -> Edition:
    """Take out what turns out to be over, or forbidden, now that its first day is known."""
    over = (pl.col("public_until") < edition.day.isoformat()).fill_null(value=False)
    forbidden = pl.col("never").is_not_null()
    reason = Reason("rule_forbids")
    for act, why, rows in (
        ("take_back", reason, edition.rows.filter(forbidden)),
        ("expire", None, edition.rows.filter(over & ~forbidden)),
    ):
        if rows.is_empty():
            continue
        made = Decision(edition.number, act, edition.law, reason=why)
        with write(engine) as connection, staged(connection, rows, "record_id") as table:
            decide(connection, made, among(table))
    rows = edition.rows.filter(~over & ~forbidden)
    edition.rows, edition.view = rows, _shown(rows, edition.view)
    return edition


def _shown(rows: pl.DataFrame, view: pl.DataFrame) -> pl.DataFrame:
    """The release's view: the public fields, with id, first and last public day, and objection."""
    hub = rows.select(
        "seq",
        "record_id",
        pl.col("published_on").alias(PUBLISHED_ON),
        pl.col("public_until").alias(DISCLOSED_UNTIL),
        pl.when(pl.col("state") == OBJECTED).then(pl.lit(UNDER_OBJECTION)).alias(OBJECTION),
    )
    own = [name for name in hub.columns if name in view.columns and name != "seq"]
    return hub.drop(own).join(view, on="seq", how="left", maintain_order="left").drop("seq")


def _check_still(connection: Connection, edition: Edition) -> None:
    """Raises Overtaken where a record isn't approved as it was when it was read."""
    columns = ["record_id", "view_digest", "state"]
    with staged(connection, edition.rows.select(columns), "record_id") as table:
        same = [disclosure.c[name] == table.c[name] for name in columns]
        still = and_(disclosure.c.dataset_id == edition.number, *same)
        count = select(func.count()).select_from(disclosure.join(table, still))
        if connection.scalar(count) != edition.rows.height:
            raise Overtaken


def _mark(connection: Connection, edition: Edition, release: int) -> None:
    """Note the release, the first day and the last one on what it carries newly."""
    new = edition.rows.filter(pl.col("state").is_in(CLEARED))
    columns = ["record_id", "view_digest", "published_on", "public_until", "until_rule"]
    for act, rows in (
        ("publish", new.filter(~pl.col("again"))),
        ("republish", new.filter("again")),
    ):
        if rows.is_empty():
            continue
        made = Decision(edition.number, act, f"release {release}")
        with staged(connection, rows.select(columns), "record_id") as table:
            days = {name: table.c[name] for name in columns[2:]}
            mine = disclosure.c.record_id == table.c.record_id
            mine &= disclosure.c.dataset_id == edition.number
            connection.execute(update(disclosure).where(mine).values(days))
            decide(connection, made, among(table), {"release": release, "publish_on": None})
    departures.note_published(connection, edition.number, release)


def publish_all(
    site: Site, engine: Engine, catalogue: Catalogue, names: list[str] | None = None
) -> dict[str, Any]:
    """Publish the named datasets, or every public one; returns dataset → release."""
    chosen = names or [n for n in catalogue.datasets() if catalogue.get(n).public]
    with engine.connect() as connection:
        known = set(connection.scalars(select(dataset.c.name)))
    made = {
        name: publish(site, engine, catalogue, name)
        for name in chosen
        if catalogue.get(name).public and name in known
    }
    return {name: release for name, release in made.items() if release is not None}
