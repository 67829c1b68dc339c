"""Whose object an address names: the departments of which somebody may open it.

Where there is no such object the answer is nobody, so that nobody learns what there is from a door.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from hub import filing_queue, run_pages
from hub.declared_feeds import declared_feeds
from hub.feed_departments import department_of
from hub.tables import dataset, run
from hub.tables_of_filings import consent
from hub.tables_of_review import disclosure, policy, sample, sample_record

if TYPE_CHECKING:
    from hub.web.console.console import Console
    from hub.web.console.policy import Owner

NOBODY: frozenset[str] = frozenset()
LARGEST = 2**31 - 1  # of an Integer column


def of_filing(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
    """The department whose record the filing `number` is about."""
    found = filing_queue.department_of(connection, int(named["number"]))
    return NOBODY if found is None else frozenset((found,))


def of_record(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
    """The department whose the record `record` of `dataset` is."""
    mine = (dataset.c.name == named["dataset"]) & (disclosure.c.record_id == named["record"])
    return _departments(connection, disclosure.c.dataset_id == dataset.c.id, mine)


def of_consent(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
    """The department whose the record is about which a third party is asked (`dataset`, `number`)."""
    mine = (consent.c.id == int(named["number"])) & (dataset.c.name == named["dataset"])
    joined = (consent.c.dataset_id == dataset.c.id) & (
        disclosure.c.dataset_id == consent.c.dataset_id
    )
    same = disclosure.c.record_id == consent.c.record_id
    return _departments(connection, joined, mine & same)


def of_standard(console: Console) -> Owner:
    """The department whose the standard of `dataset` is."""

    def owner(_connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
        name = str(named["dataset"])
        catalogue = console.catalogue()
        known = name in catalogue.folders
        return frozenset((catalogue.get(name).department,)) if known else NOBODY

    return owner


def of_office(department: str) -> Owner:
    """One department, whatever the address names: what is there is its own."""
    return lambda _connection, _named: frozenset((department,))


def of_feed(console: Console) -> Owner:
    """The department whose records the feed `name` brings."""

    def owner(_connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
        feed = declared_feeds(console.site.feeds).feeds.get(str(named["name"]))
        mine = department_of(feed, console.catalogue()) if feed is not None else None
        return NOBODY if mine is None else frozenset((mine,))

    return owner


def of_run(console: Console) -> Owner:
    """The department whose rows run `run_id` read."""

    def owner(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
        if int(named["run_id"]) > run_pages.LARGEST:
            return NOBODY
        query = select(run.c.department, dataset.c.name).join(dataset)
        found = connection.execute(query.where(run.c.id == int(named["run_id"]))).one_or_none()
        if found is None:
            return NOBODY
        department, name = found
        catalogue = console.catalogue()
        if department is None and name in catalogue.datasets():
            department = catalogue.get(name).department
        return NOBODY if department is None else frozenset((department,))

    return owner


def _departments(connection: Connection, *conditions: Any) -> frozenset[str]:
    return frozenset(connection.scalars(select(disclosure.c.department).where(*conditions)))


def _record_and_approving(
    console: Console, connection: Connection, named: Mapping[str, Any]
) -> tuple[frozenset[str], frozenset[str]]:
    """The record's department, and the standard's where that approves whoever's records; nobody's where
    there is no such record, or no such standard any more."""
    found, name = of_record(connection, named), str(named["dataset"])
    if not found or name not in console.catalogue().datasets():
        return NOBODY, NOBODY
    standard = console.catalogue().get(name)
    return found, frozenset((standard.department,)) if standard.review.by_owner else NOBODY


def of_shown_record(console: Console) -> Owner:
    """As `of_record`, and the standard's department where that approves whoever's records."""

    def owner(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
        found, approving = _record_and_approving(console, connection, named)
        return found | approving

    return owner


def of_approval(console: Console) -> Owner:
    """For whom one approves the record `record` of `dataset`: its department, or the standard's alone."""

    def owner(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
        found, approving = _record_and_approving(console, connection, named)
        return approving or found

    return owner


def of_sample(console: Console) -> Owner:
    """The departments whose records were drawn for the sample `number`, or that approve them."""

    def owner(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
        number = int(named["number"])
        if number > LARGEST:
            return NOBODY
        query = select(dataset.c.name).join(sample, sample.c.dataset_id == dataset.c.id)
        name = connection.scalar(query.where(sample.c.id == number))
        if name is None or name not in console.catalogue().datasets():
            return NOBODY
        standard = console.catalogue().get(name)
        drawn = (sample_record.c.sample_id == number) & (sample_record.c.drawn == 1)
        same = disclosure.c.record_id == sample_record.c.record_id
        theirs = select(disclosure.c.department).distinct().select_from(sample_record)
        theirs = theirs.join(sample, sample.c.id == sample_record.c.sample_id)
        theirs = theirs.join(disclosure, same & (disclosure.c.dataset_id == sample.c.dataset_id))
        found = frozenset(connection.scalars(theirs.where(drawn)))
        return found | {standard.department} if standard.review.by_owner else found

    return owner


def of_policy(connection: Connection, named: Mapping[str, Any]) -> frozenset[str]:
    """The department for whose records the policy `number` is."""
    number = int(named["number"])
    if number > LARGEST:
        return NOBODY
    return frozenset(connection.scalars(select(policy.c.department).where(policy.c.id == number)))
