"""Targets: what the province hasn't got yet, what it refused, and which can't be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from exchange_schemas.issue import Issue
from hub.monitoring.line import FAULT, OK, WARNING, Line
from hub.monitoring.looking import Looking
from hub.outbound.tables import (
    ANSWERED,
    QUARANTINED,
    REFUSED,
    target_delivery,
    target_entry,
    target_state,
)
from hub.tables import dataset

MANY = 3  # failures in a row from which on somebody has to look


@dataclass(frozen=True, slots=True)
class TargetSeen:
    """`behind` entries of the ledger weren't looked at; `open` deliveries have no answer; `entries`
    by state aren't at the province."""

    name: str
    behind: int
    open: int
    failures: int
    failure: str | None
    sent_at: str | None
    entries: Mapping[str, int] = field(default_factory=dict)


def see(at: Looking) -> list[TargetSeen]:
    """Every target that was used, by name."""
    state, sent, left = target_state.c, target_delivery.c, target_entry.c
    waits = select(sent.target, func.count()).where(sent.state != ANSWERED).group_by(sent.target)
    opened = {name: int(count) for name, count in at.connection.execute(waits)}
    kept = select(left.target, left.state, func.count()).group_by(left.target, left.state)
    entries: dict[str, dict[str, int]] = {}
    for name, word, count in at.connection.execute(kept):
        entries.setdefault(name, {})[word] = int(count)
    query = (
        select(target_state, dataset.c.seq)
        .join(dataset, dataset.c.name == state.dataset, isouter=True)
        .order_by(state.target)
    )
    return [
        TargetSeen(
            row.target,
            # what is known by the number of a release has a stream with numbers of its own
            0 if row.known_by == "release" else max(int(row.seq or 0) - row.cursor, 0),
            opened.get(row.target, 0), row.failures, row.failure, row.sent_at,
            entries.get(row.target, {}),
        )
        for row in at.connection.execute(query)
    ]  # fmt: skip


def lines(found: list[TargetSeen]) -> Iterator[Line]:
    """One for each target."""
    for one in found:
        stuck = one.entries.get(REFUSED, 0) + one.entries.get(QUARANTINED, 0)
        figures = {"behind": one.behind, "open": one.open, "failures": one.failures, **one.entries}
        level, issue, size = OK, None, 0
        if one.failures:
            words = {"count": str(one.failures), "failure": one.failure or ""}
            issue = Issue("watch_target_fails", value=one.name, params=words)
            level, size = (FAULT if one.failures >= MANY else WARNING), one.failures
        elif stuck:
            issue = Issue("watch_target_left", value=one.name, params={"count": str(stuck)})
            level, size = WARNING, stuck
        yield Line("target", one.name, level, issue, one.sent_at, size, figures)
