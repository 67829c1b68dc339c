"""Every metric that is made of facts: its name, what it means, its labels, and how it follows.

`docs/watch-the-hub.md` has the same list, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from hub.monitoring.facts import Facts
from hub.monitoring.line import LEVELS, age
from hub.monitoring.schema import SchemaSeen
from hub.monitoring.status import lines_of

DAY = 86_400  # seconds

Sample = tuple[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Family:
    """`samples` gives the values of the labels and the number; nothing where its part wasn't seen.

    `kind` is gauge or counter, whose name gets `_total` when it is shown.
    """

    name: str
    help: str
    labels: tuple[str, ...]
    samples: Callable[[Facts], Iterable[Sample]]
    kind: str = "gauge"


def _jobs(facts: Facts) -> Iterator[Sample]:
    if facts.jobs:
        yield from facts.jobs.counts.items()


def _queue(facts: Facts) -> Iterator[Sample]:
    if facts.jobs:
        yield (), facts.jobs.due


def _oldest(facts: Facts) -> Iterator[Sample]:
    if facts.jobs:
        yield (), age(facts.jobs.oldest, facts.at) or 0


def _lost(facts: Facts) -> Iterator[Sample]:
    if facts.jobs:
        yield (), facts.jobs.lost


def _stages(place: int, unit: float) -> Callable[[Facts], Iterator[Sample]]:
    def samples(facts: Facts) -> Iterator[Sample]:
        for row in facts.stages or ():
            yield (row[0], row[1]), row[place] * unit  # type: ignore[operator]

    return samples


def _feeds(facts: Facts) -> Iterator[Sample]:
    states = [one.fresh.state.replace(" ", "_") for one in facts.feeds or ()]
    for state in sorted(set(states)):
        yield (state,), states.count(state)


def _delivered(facts: Facts) -> Iterator[Sample]:
    for one in facts.feeds or ():
        if (seconds := age(one.fresh.taken_at, facts.at)) is not None:
            yield (one.name,), seconds


def _held(facts: Facts) -> Iterator[Sample]:
    if facts.feeds is not None:
        yield (), sum(one.held_run is not None for one in facts.feeds)


def _rejected(facts: Facts) -> Iterator[Sample]:
    for one in facts.feeds or ():
        yield (one.name,), one.rejected


def _disclosures(facts: Facts) -> Iterator[Sample]:
    if facts.disclosures:
        yield from facts.disclosures.states.items()


def _overdue(facts: Facts) -> Iterator[Sample]:
    for one in facts.disclosures.overdue if facts.disclosures else ():
        yield (one.dataset, one.department), one.records


def _due(facts: Facts) -> Iterator[Sample]:
    if facts.disclosures:
        yield from facts.disclosures.due.items()


def _released(facts: Facts) -> Iterator[Sample]:
    for name, since in (facts.disclosures.released if facts.disclosures else {}).items():
        yield (name,), age(since, facts.at) or 0


def _ledgers(facts: Facts) -> Iterator[Sample]:
    for name, size in (facts.disclosures.ledgers if facts.disclosures else {}).items():
        yield (name,), size


def _streams(place: int) -> Callable[[Facts], Iterator[Sample]]:
    def samples(facts: Facts) -> Iterator[Sample]:
        for names, sizes in (facts.consumers.streams if facts.consumers else {}).items():
            yield names, sizes[place]

    return samples


def _behind(facts: Facts) -> Iterator[Sample]:
    for one in facts.consumers.behind if facts.consumers else ():
        yield (one.consumer, one.dataset), one.entries


def _behind_for(facts: Facts) -> Iterator[Sample]:
    for one in facts.consumers.behind if facts.consumers else ():
        yield (one.consumer, one.dataset), age(one.since, facts.at) or 0


def _receipts(facts: Facts) -> Iterator[Sample]:
    for name, (count, _) in (facts.consumers.receipts if facts.consumers else {}).items():
        yield (name,), count


def _webhooks(facts: Facts) -> Iterator[Sample]:
    if facts.consumers:
        yield from facts.consumers.webhooks.items()


def _target(number: Callable[..., float]) -> Callable[[Facts], Iterator[Sample]]:
    def samples(facts: Facts) -> Iterator[Sample]:
        for one in facts.targets or ():
            yield (one.name,), number(one)

    return samples


def _left(facts: Facts) -> Iterator[Sample]:
    for one in facts.targets or ():
        for state, count in one.entries.items():
            yield (one.name, state), count


def _disk(place: int) -> Callable[[Facts], Iterator[Sample]]:
    def samples(facts: Facts) -> Iterator[Sample]:
        for name, sizes in (facts.machine.disks if facts.machine else {}).items():
            yield (name,), sizes[place]

    return samples


def _certificates(facts: Facts) -> Iterator[Sample]:
    for one in facts.machine.certificates if facts.machine else ():
        yield (one.address,), -1 if one.days is None else one.days * DAY


def _calendar(facts: Facts) -> Iterator[Sample]:
    if facts.machine:
        yield (), facts.machine.calendar_days * DAY


def _since(moment: Callable[[Facts], str | None]) -> Callable[[Facts], Iterator[Sample]]:
    def samples(facts: Facts) -> Iterator[Sample]:
        if (seconds := age(moment(facts), facts.at)) is not None:
            yield (), seconds

    return samples


def _sign_ins(facts: Facts) -> Iterator[Sample]:
    if facts.machine and facts.machine.sign_ins is not None:
        yield (), facts.machine.sign_ins


def _alerts(facts: Facts) -> Iterator[Sample]:
    if facts.machine:
        yield (), facts.machine.alerts


def _schema(facts: Facts) -> Iterator[Sample]:
    if isinstance(facts.schema, SchemaSeen):
        yield (), facts.schema.fits


def _status(facts: Facts) -> Iterator[Sample]:
    levels = [line.level for line in lines_of(facts)]
    yield from (((level,), levels.count(level)) for level in LEVELS)


def _parts(facts: Facts) -> Iterator[Sample]:
    yield from (((part,), part not in facts.failed) for part in facts.seconds)


def _took(facts: Facts) -> Iterator[Sample]:
    yield from (((part,), seconds) for part, seconds in facts.seconds.items())


def _at(facts: Facts) -> Iterator[Sample]:
    moment: datetime = facts.at
    yield (), moment.timestamp()


FAMILIES = (
    Family("hub_status_lines", "Lines of the status by level.", ("level",), _status),
    Family("hub_stage_seconds", "Seconds that runs spent in a stage.", ("feed", "stage"),
           _stages(3, 0.001), "counter"),
    Family("hub_stage_rows", "Rows that went through a stage.", ("feed", "stage"),
           _stages(4, 1), "counter"),
    Family("hub_stage_runs", "Runs that went through a stage.", ("feed", "stage"),
           _stages(2, 1), "counter"),
    Family("hub_jobs", "Jobs by kind and state; done ones among the last 10000.",
           ("kind", "state"), _jobs),
    Family("hub_queue_depth", "Jobs that could be done now.", (), _queue),
    Family("hub_queue_oldest_seconds", "Age of the oldest job that could be done now.", (), _oldest),
    Family("hub_leases_expired", "Running jobs whose worker gives no sign of life.", (), _lost),
    Family("hub_feeds", "Feeds by freshness.", ("state",), _feeds),
    Family("hub_feed_delivered_seconds", "Age of what a feed delivered last.", ("feed",), _delivered),
    Family("hub_runs_held", "Feeds with a run that waits for a decision.", (), _held),
    Family("hub_feed_rejected_rows", "Rows in quarantine from a feed's last run.", ("feed",), _rejected),
    Family("hub_disclosures", "Disclosures by state.", ("dataset", "state"), _disclosures),
    Family("hub_disclosures_overdue", "Records that had to be public before today.",
           ("dataset", "department"), _overdue),
    Family("hub_disclosures_due_today", "Records that have to be public today.",
           ("dataset", "department"), _due),
    Family("hub_release_age_seconds", "Age of a dataset's newest release.", ("dataset",), _released),
    Family("hub_ledger_revisions", "Revisions in a dataset's ledger.", ("dataset",), _ledgers),
    Family("hub_stream_entries", "Entries of a stream.", ("dataset", "view"), _streams(0)),
    Family("hub_stream_sealed_entries", "Entries of a stream that lie in sealed files.",
           ("dataset", "view"), _streams(1)),
    Family("hub_consumer_behind_entries", "Entries that a consumer hasn't fetched.",
           ("consumer", "dataset"), _behind),
    Family("hub_consumer_behind_seconds", "For how long the oldest of them is there.",
           ("consumer", "dataset"), _behind_for),
    Family("hub_receipts_overdue", "Streams of which a consumer owes receipts.", ("consumer",), _receipts),
    Family("hub_webhooks", "Webhooks in trouble.", ("whose", "trouble"), _webhooks),
    Family("hub_target_behind_entries", "Entries that a target hasn't looked at.", ("target",),
           _target(lambda one: one.behind)),
    Family("hub_target_open_deliveries", "Deliveries without an answer.", ("target",),
           _target(lambda one: one.open)),
    Family("hub_target_failures", "Failures of a target in a row.", ("target",),
           _target(lambda one: one.failures)),
    Family("hub_target_entries", "Entries that don't reach a target.", ("target", "state"), _left),
    Family("hub_sign_ins_failed", "Wrong attempts to sign in within an hour.", (), _sign_ins),
    Family("hub_disk_free_bytes", "Free bytes of a disk.", ("place",), _disk(0)),
    Family("hub_disk_size_bytes", "Size of a disk.", ("place",), _disk(1)),
    Family("hub_certificate_left_seconds", "Time until a certificate ends; -1: none is accepted.",
           ("address",), _certificates),
    Family("hub_calendar_left_seconds", "Time until the calendar of working days ends.", (), _calendar),
    Family("hub_backup_age_seconds", "Age of the last backup.", (),
           _since(lambda facts: facts.machine.backup_at if facts.machine else None)),
    Family("hub_schema_fits", "1: the database has the schema that this program needs.", (), _schema),
    Family("hub_alerts_open", "Alerts that aren't over.", (), _alerts),
    Family("hub_part_seen", "1: this part could be looked at.", ("part",), _parts),
    Family("hub_part_look_seconds", "Seconds that looking at a part took.", ("part",), _took),
    Family("hub_looked_at_seconds", "When the hub was looked at, since 1970.", (), _at),
)  # fmt: skip
