"""Publishing: the approved views of a dataset as its next release."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, bindparam, select, update

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import disclosures, ledger
from hub.bulk import select_frame
from hub.database import write
from hub.site import Site
from hub.tables import dataset, disclosure
from hub.translated import with_versions
from publisher.release import Release, ReleaseSource, build_release

APPROVED = ("approved", "published")
WANTED = pl.Schema({"seq": pl.Int64, "record_id": pl.String, "view_digest": pl.Binary})


def publish(site: Site, engine: Engine, catalogue: Catalogue, name: str) -> Release | None:
    """Build the next release of what is approved; None where nothing ever was.

    What the ledger says since the last review is asked for first: a run that was killed between
    the two may have taken records back.
    Unchanged content gives the current release again. Raises Refused (digest_changed) where a
    record's view isn't the one that was approved: nothing is published then.
    """
    standard = catalogue.get(name)
    disclosures.refresh_dataset(engine, catalogue, standard)
    with engine.connect() as connection:
        reviewed = select(dataset.c.reviewed_seq).where(dataset.c.name == name)
        source = ReleaseSource(connection.scalar(reviewed))
        wanted = _approved(connection, name)
        if wanted.is_empty() and not (site.releases / name).is_dir():
            return None
        view = _approved_view(connection, catalogue, standard, wanted)
    release = build_release(site.releases, standard, view, source)
    with write(engine) as connection:
        number = ledger.dataset_id(connection, name)
        _mark_published(connection, number, release.number, wanted)
    return release


def _approved(connection: Connection, name: str) -> pl.DataFrame:
    query = (
        select(disclosure.c.seq, disclosure.c.record_id, disclosure.c.view_digest)
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .where(dataset.c.name == name, disclosure.c.state.in_(APPROVED))
    )
    return select_frame(connection, query, WANTED).sort("seq")


def _approved_view(
    connection: Connection, catalogue: Catalogue, standard: Standard, wanted: pl.DataFrame
) -> pl.DataFrame:
    """record_id and the public fields of the approved records, each checked against its digest."""
    fields = list(standard.fields_for("public"))
    empty = {"record_id": pl.String, **{n: standard.fields[n].dtype for n in fields}}
    parts = [pl.DataFrame(schema=empty)]
    last = int(wanted["seq"].max() or 0)  # type: ignore[arg-type]  # Int64 column
    wanted = with_versions(connection, standard.dataset, wanted)
    for frame in ledger.content_frames(connection, standard.dataset, 0, last):
        rows = wanted.join(frame, on="seq", maintain_order="left")
        view = disclosures.public_view(catalogue, standard, rows).rename({LINE: "seq"})
        shown = rows.select("seq", "record_id", "view_digest").join(
            view, on="seq", how="left", maintain_order="left"
        )
        changed = shown.filter(pl.col("_digest").ne_missing(pl.col("view_digest")))
        if not changed.is_empty():
            raise Refused(Issue("digest_changed", value=str(changed["record_id"][0])))
        parts.append(shown.select(list(empty)))
    return pl.concat(parts)


def _mark_published(
    connection: Connection, number: int, release: int, released: pl.DataFrame
) -> None:
    """Note the release on what it carries; what was approved while it was built waits."""
    approved = (disclosure.c.dataset_id == number) & (disclosure.c.state == "approved")
    query = select(disclosure.c.record_id, disclosure.c.view_digest).where(approved)
    now = select_frame(connection, query, {"record_id": pl.String, "view_digest": pl.Binary})
    carried = now.join(released, on=["record_id", "view_digest"], how="semi")
    values = {"state": "published", "release": release}
    if carried.height == now.height:
        connection.execute(update(disclosure).where(approved).values(values))
    elif carried.height:
        chosen = approved & (disclosure.c.record_id == bindparam("record"))
        records = [{"record": record} for record in carried["record_id"]]
        connection.execute(update(disclosure).where(chosen).values(values), records)


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
