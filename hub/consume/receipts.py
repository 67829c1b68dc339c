"""Receipts: what a consumer tells the hub of the entries that it holds, refuses or has erased.

They are kept with what they are about and sent until the hub has acknowledged them; the hub takes the
same receipt any number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from exchange_schemas.errors import HubError, Refused, SourceUnavailable
from hub.consume.asking import Hub
from hub.consume.batch import Batch

AT_ONCE = 1_000  # receipts in one request
TAKEN, REFUSED, ERASED = "taken", "refused", "erased"
NOT_THERE = "404"

#: A consumer's own check: entries (`ENTRY_COLUMNS`) → those that it refuses: seq, code, reason.
Check = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One word on the entries `first` … `last`; `code` and `reason` say why one is refused."""

    first: int
    last: int
    state: str
    code: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """As the hub takes it."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A receipt that the hub hasn't acknowledged; `place` is its store's name for it."""

    place: str
    receipt: Receipt


def receipts_of(batch: Batch, check: Check | None) -> list[Receipt]:
    """The receipts of a batch that will be kept: each entry that `check` refuses, and the ranges
    between them."""
    if check is None:
        return [Receipt(batch.first, batch.last, TAKEN)]
    told = check(batch.entries).sort("seq")
    follows, found = batch.first, []
    for seq, code, reason in told.select("seq", "code", "reason").iter_rows():
        if seq > follows:
            found.append(Receipt(follows, seq - 1, TAKEN))
        found.append(Receipt(seq, seq, REFUSED, code, reason))
        follows = seq + 1
    if follows <= batch.last:
        found.append(Receipt(follows, batch.last, TAKEN))
    return found


def merged(receipts: Iterable[Receipt]) -> list[Receipt]:
    """The same, with neighbouring ranges of what was taken or erased as one; order is kept."""
    found: list[Receipt] = []
    for one in receipts:
        before = found[-1] if found else None
        joins = before and before.state == one.state != REFUSED and before.last + 1 == one.first
        if before and joins:
            found[-1] = Receipt(before.first, one.last, one.state)
        else:
            found.append(one)
    return found


def send_receipts(
    hub: Hub, dataset: str, waiting: list[Waiting], acknowledged: Callable[[list[str]], None]
) -> dict[str, int]:
    """Send what waits; returns {receipts: acknowledged ones, receipts_waiting: the others}.

    A hub that can't be reached, or takes no receipts, leaves them waiting: what was received isn't
    spoilt by that. Raises Refused (hub_refused) where the hub says that one is wrong.
    """
    sent = 0
    for start in range(0, len(waiting), AT_ONCE):
        part, rest = waiting[start : start + AT_ONCE], waiting[start + AT_ONCE :]
        told = merged(one.receipt for one in part)
        try:
            hub.post(f"datasets/{dataset}/receipts", {"receipts": [one.to_json() for one in told]})
        except (SourceUnavailable, Refused) as error:
            if not _may_wait(error):
                raise
            break
        # A place of which some are still to be sent isn't done.
        acknowledged([one.place for one in part if not rest or one.place != rest[0].place])
        sent += len(part)
    return {"receipts": sent, "receipts_waiting": len(waiting) - sent}


def _may_wait(error: HubError) -> bool:
    unavailable = isinstance(error, SourceUnavailable)
    return unavailable or error.issue.params.get("status") == NOT_THERE
