"""Records that stopped being public and that a consumer hasn't confirmed that it stopped using: an alarm
until it has, also where its grant has ended since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from exchange_schemas.issue import Issue
from hub.tables import consumer, dataset
from hub.tables_of_review import decision, holder_notice

HOURS = 24  # that a consumer may take to confirm, as with a target that is delivered to


@dataclass(frozen=True, slots=True)
class StillUsed:
    """`records` of `dataset` that a consumer was told of and hasn't confirmed, the first at `since`."""

    consumer_id: int
    consumer: str
    dataset: str
    records: int
    since: str

    @property
    def issue(self) -> Issue:
        """What to do about it."""
        words = {"consumer": self.consumer, "count": str(self.records), "since": self.since}
        return Issue("still_used", value=self.dataset, params=words)


def still_used(connection: Connection, now: datetime | None = None) -> list[StillUsed]:
    """Every consumer that owes a confirmation for longer than `HOURS`, the longest waiting first.

    One whose keys were revoked can't confirm any more, and is left out.
    """
    latest = (now or datetime.now(UTC)) - timedelta(hours=HOURS)
    until = latest.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    since = func.min(decision.c.decided_at)
    query = (
        select(
            holder_notice.c.consumer_id, consumer.c.name, dataset.c.name.label("dataset"),
            func.count(holder_notice.c.record_id.distinct()), since,
        )
        .join(consumer, consumer.c.id == holder_notice.c.consumer_id)
        .join(dataset, dataset.c.id == holder_notice.c.dataset_id)
        .join(decision, decision.c.id == holder_notice.c.decision_id)
        .where(holder_notice.c.confirmed_at.is_(None), consumer.c.revoked_at.is_(None))
        .where(decision.c.decided_at <= until)
        .group_by(holder_notice.c.consumer_id, consumer.c.name, dataset.c.name)
        .order_by(since, consumer.c.name, dataset.c.name)
    )  # fmt: skip
    return [StillUsed(*row) for row in connection.execute(query)]
