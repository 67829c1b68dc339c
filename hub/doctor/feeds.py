"""Feeds and targets: declared as they should be, and in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from adapters.declaration import load_feed
from adapters.feed_check import check_feed
from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.freshness import NEVER, OVERDUE, freshness
from hub.outbound.target import load_target
from hub.outbound.target_check import check_target


def check_feeds(patient: Patient) -> Iterator[Issue]:
    """Every declaration of a feed, also those behind one that is wrong."""
    paths = sorted(patient.site.feeds.rglob("*.yml"))
    return _declared(paths, lambda path: check_feed(load_feed(path), patient.catalogue), "feeds")


def check_targets(patient: Patient) -> Iterator[Issue]:
    """Every declaration of a target."""
    paths = sorted(patient.site.targets.glob("*.yml"))
    own = [one for one in paths if not one.name.startswith("table-")]
    return _declared(
        own, lambda path: check_target(load_target(path), patient.catalogue), "targets"
    )


def _declared(
    paths: list[Path], check: Callable[[Path], Iterable[Issue]], what: str
) -> Iterator[Issue]:
    wrong = 0
    for path in paths:
        try:
            found = [one for one in check(path) if one.severity == "error"]
        except HubError as error:
            found = [error.issue]
        wrong += bool(found)
        for issue in found[:1]:  # one line a declaration; `hub feed check` has the rest
            words = {"reason": issue.message("en"), "reason_zh": issue.message("zh_CN")}
            yield Issue("doctor_declaration", value=path.name, params=words)
    if not wrong:
        yield Issue(f"doctor_{what}", value=str(len(paths)))


def check_late(patient: Patient) -> Iterator[Issue]:
    """Feeds that are overdue, and those that were never run."""
    late = False
    with patient.engine.connect() as connection:
        for path in sorted(patient.site.feeds.rglob("*.yml")):
            try:
                found = freshness(connection, load_feed(path), patient.catalogue, patient.now)
            except HubError:  # `check_feeds` says so
                continue
            if found.state == OVERDUE:
                late = True
                words = {"due": str(found.due_at)}
                yield Issue("doctor_feed_late", value=found.feed, params=words)
            elif found.state == NEVER:
                late = True
                yield Issue("doctor_feed_never", value=found.feed)
    if not late:
        yield Issue("doctor_in_time")
