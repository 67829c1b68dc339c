"""Publishing: the approved views of a dataset as its next release."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, exists, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.law import Law
from exchange_schemas.standard import Standard
from hub import departures, disclosures, ledger
from hub.database import write
from hub.decisions import Decision, among, decide
from hub.edition import Edition, Overtaken, Reading, read_edition
from hub.exchange import released
from hub.expiry import expire
from hub.monitoring.bound import bound
from hub.monitoring.traces import span
from hub.removals import removals
from hub.repeat import views_digest
from hub.site import Site
from hub.staging import staged
from hub.states import CLEARED, SHOWABLE
from hub.storage.publishing import bring, check_newest
from hub.tables import dataset
from hub.tables_of_review import disclosure, move
from publisher.contents import contents_of
from publisher.making import WholeNeeded
from publisher.portal.settings import read_settings
from publisher.release import Release, ReleaseSource, Terms, build_release, current_release
from publisher.signing_keys import site_signer

_TRIES = 5  # builds that other people's decisions may overtake


def publish(site: Site, engine: Engine, catalogue: Catalogue, name: str) -> Release | None:
    """Build the next release of what is approved; None where nothing ever was.

    What the ledger says since the last review is asked for first: a run that was killed between
    the two may have taken records back. What is over on this day is out. Unchanged content gives
    the current release again. Raises Refused (digest_changed) where a record's view isn't the one
    that was approved: nothing is published then.
    """
    standard, whole = catalogue.get(name), False
    for _ in range(_TRIES):
        bring(site, name)
        disclosures.refresh_dataset(engine, catalogue, standard)
        reading = _reading(site, engine, catalogue, standard, whole=whole)
        try:
            edition = read_edition(reading)
            if edition.empty and current_release(site.releases, name) is None:
                return None
            return _place(site, engine, reading, edition)
        except WholeNeeded:
            whole = True
        except Overtaken:
            continue
    raise Refused(Issue("release_overtaken", value=name, params={"tries": str(_TRIES)}))


def _reading(
    site: Site, engine: Engine, catalogue: Catalogue, standard: Standard, *, whole: bool
) -> Reading:
    """What is to be read for the next release. What the law ended by now is moved first."""
    day, basis = today(), views_digest(catalogue, standard.dataset)
    current = current_release(site.releases, standard.dataset)
    with write(engine) as connection:
        number = ledger.dataset_id(connection, standard.dataset)
        expire(connection, number, day)
        mine = select(dataset.c.reviewed_seq, dataset.c.published_release)
        row = connection.execute(mine.where(dataset.c.id == number)).one()
    check_newest(site, standard.dataset, row.published_release)
    reading = Reading(engine, catalogue, standard, day, ReleaseSource(row.reviewed_seq, basis))
    if current is None or not contents_of(current.path).path.is_file():
        return reading
    shown = contents_of(current.path)
    if current.number != row.published_release:  # put in place by a process that died then
        return reading.dated(shown)
    made_so = current.source.basis == basis and not _law_turned(
        catalogue.law(), date.fromisoformat(current.created_at[:10]), day
    )
    return reading if whole or not made_so else reading.against(shown)


def _law_turned(law: Law, then: date, now: date) -> bool:
    """Whether a rule has begun or ended since `then`."""
    return any(rule.valid_on(then) != rule.valid_on(now) for rule in (*law.never, *law.clocks))


def _place(site: Site, engine: Engine, reading: Reading, edition: Edition) -> Release:
    standard = reading.standard
    before = current_release(site.releases, standard.dataset)

    @contextmanager
    def placing(made: Release) -> Iterator[None]:
        with write(engine) as connection:
            ledger.lock(connection, edition.number)
            _check_still(connection, edition)
            if before is None or made.number != before.number:
                _check_follows(connection, edition, made.number)
            yield
            _mark(connection, edition, made.number)

    with engine.connect() as connection:
        why = removals(connection, edition.number, reading.catalogue.law())
    signer = site_signer(site.keys, site.releases, os.environ)
    words = read_settings(site.portal_settings, os.environ)
    terms = Terms(edition.source, why, signer, words, placing)
    made = build_release(site.releases, standard, edition.supply, terms)
    if before is not None and made.number == before.number:  # it would say the same
        with placing(made):
            pass
    # Before anything follows the release: what it took back leaves the public streams, too.
    released.take_back(site, engine, standard.dataset)
    return made


def _check_still(connection: Connection, edition: Edition) -> None:
    """Raises Overtaken where something that may be shown was moved since the edition was read.

    Whatever takes a record's approval away, or changes what is shown of it, is such a move.
    """
    since = departures.moves_of(edition.number) & (move.c.id > edition.after_move)
    if connection.scalar(select(exists().where(since, move.c.state_before.in_(SHOWABLE)))):
        raise Overtaken


def _check_follows(connection: Connection, edition: Edition, release: int) -> None:
    """Raises Overtaken where another machine has made a release of this number meanwhile."""
    mine = select(dataset.c.published_release).where(dataset.c.id == edition.number)
    if (connection.scalar(mine) or 0) >= release:
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
        name: _traced(site, engine, catalogue, name)
        for name in chosen
        if catalogue.get(name).public and name in known
    }
    return {name: release for name, release in made.items() if release is not None}


def _traced(site: Site, engine: Engine, catalogue: Catalogue, name: str) -> Release | None:
    with bound(dataset=name), span("release", dataset=name):
        return publish(site, engine, catalogue, name)
