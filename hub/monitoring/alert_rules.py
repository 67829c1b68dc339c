"""When a fault is told: when it is new, when it has doubled, again after a day, and when it is over.

Pure: what is known and what is seen give the changes. A fault that is gone for a moment only isn't over,
so that one on the edge isn't told every minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange_schemas.issue import Issue
from hub.instant import instant_of
from hub.monitoring.line import FAULT, Line

NEW, GROWN, STILL, OVER = "new", "grown", "still", "over"
#: Noted and not told: a fault isn't seen, or is seen again.
GONE, BACK = "gone", "back"
TOLD = (NEW, GROWN, STILL, OVER)
AGAIN = timedelta(days=1)
SURE = timedelta(minutes=5)  # for which a fault must not be seen to be over
GROWTH = 2

Key = tuple[str, str]  # part, name


@dataclass(frozen=True, slots=True)
class Known:
    """An alert as it is kept; `gone_at`: since when its fault isn't seen."""

    issue: Issue
    told_size: float
    began_at: str
    told_at: str
    gone_at: str | None
    over_at: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be noted of one alert; `event` is one of TOLD, GONE, BACK."""

    event: str
    key: Key
    issue: Issue
    size: float
    began_at: str


def changes(
    known: Mapping[Key, Known], lines: Iterable[Line], unseen: Collection[str], now: datetime
) -> list[Change]:
    """What to note, in the order of the lines. Of the parts of `unseen` nothing is known: what was
    wrong there stays."""
    faults = {(line.part, line.name): line for line in lines if line.level == FAULT and line.issue}
    found = [change for key, line in faults.items() for change in _seen(known.get(key), line, now)]
    for key, one in known.items():
        if key not in faults and one.over_at is None and key[0] not in unseen:
            found += _unseen(key, one, now)
    return found


def _seen(known: Known | None, line: Line, now: datetime) -> Iterator[Change]:
    began = known.began_at if known and known.over_at is None else instant_of(now)
    event = _event(known, line, now)
    if event is not None and line.issue is not None:
        yield Change(event, (line.part, line.name), line.issue, line.size, began)


def _event(known: Known | None, line: Line, now: datetime) -> str | None:
    if known is None or known.over_at is not None:
        return NEW
    if line.size >= GROWTH * known.told_size and line.size > known.told_size:
        return GROWN
    if now - datetime.fromisoformat(known.told_at) >= AGAIN:
        return STILL
    return BACK if known.gone_at is not None else None


def _unseen(key: Key, one: Known, now: datetime) -> Iterator[Change]:
    if one.gone_at is None:
        yield Change(GONE, key, one.issue, one.told_size, one.began_at)
    elif now - datetime.fromisoformat(one.gone_at) >= SURE:
        yield Change(OVER, key, one.issue, 0, one.began_at)
