"""The machine and what surrounds it: disk, ends of certificates and of the calendar, backups, sign-ins, alerts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from exchange_schemas.days import today
from exchange_schemas.issue import Issue
from hub.backup.newest import newest_backup
from hub.instant import instant_of
from hub.monitoring.line import FAULT, OK, WARNING, Line, age
from hub.monitoring.looking import Looking
from hub.monitoring.tables import SENT, alert, alert_message, watched_certificate
from hub.monitoring.thresholds import GIB, of_backup, of_end, of_room
from hub.tables import metadata

GUESSES = 100  # wrong sign-ins in an hour


@dataclass(frozen=True, slots=True)
class Certificate:
    """`days` until it ends, None where it couldn't be asked for because of `failure`."""

    address: str
    days: int | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class MachineSeen:
    """`disks`: place → (free, size) in bytes. `calendar_days` until the working calendar
    ends, of which the law wants to be told `calendar_alarm_days` before.
    `backup_at` and `sign_ins` (wrong ones in an hour) are None where the hub keeps none.
    `alerts` are open; `messages`: state of a message to tell of them → how many."""

    disks: Mapping[str, tuple[int, int]]
    certificates: list[Certificate]
    calendar_days: int
    calendar_alarm_days: int
    backup_at: str | None
    sign_ins: int | None
    alerts: int
    messages: Mapping[str, int]


def see(at: Looking) -> MachineSeen:
    """Small tables, and the file system's own figures."""
    free = shutil.disk_usage(at.site.path)
    law = at.catalogue.law()
    opened = select(func.count()).where(alert.c.over_at.is_(None))
    # What was sent is history, and has no index of its own.
    told = select(alert_message.c.state, func.count()).where(alert_message.c.state != SENT)
    messages = at.connection.execute(told.group_by(alert_message.c.state))
    backup = newest_backup(at.site)
    return MachineSeen(
        {"site": (free.free, free.total)},
        [_certificate(at, row) for row in at.connection.execute(select(watched_certificate))],
        (law.calendar.last - today()).days,
        law.settings.calendar_alarm_days,
        instant_of(backup) if backup else None,
        _wrong_sign_ins(at),
        int(at.connection.scalar(opened) or 0),
        {state: int(count) for state, count in messages},
    )


def _certificate(at: Looking, row: Row[Any]) -> Certificate:
    past = age(row.ends_at, at.now)
    return Certificate(row.address, None if past is None else int(-past // 86_400), row.failure)


def _wrong_sign_ins(at: Looking) -> int | None:
    table = metadata.tables.get("sign_in")
    if table is None:
        return None
    lately = table.c.at > instant_of(at.now - timedelta(hours=1))
    return int(
        at.connection.scalar(select(func.count()).where(lately, table.c.outcome != "ok")) or 0
    )


def lines(found: MachineSeen, now: datetime) -> Iterator[Line]:
    """One for each disk, certificate, the calendar, and what else is kept."""
    for place, (free, size) in found.disks.items():
        yield _disk(place, free, size)
    for one in found.certificates:
        yield _ending(one)
    yield _calendar(found.calendar_days, found.calendar_alarm_days)
    if found.backup_at is not None:
        yield _backup(found.backup_at, now)
    if found.sign_ins is not None:
        issue = Issue("watch_sign_ins", value=str(found.sign_ins))
        level = WARNING if found.sign_ins >= GUESSES else OK
        told = None if level == OK else issue
        yield Line(
            "sign_in", "console", level, told, None, found.sign_ins, {"wrong": found.sign_ins}
        )
    if found.messages.get("given_up"):
        issue = Issue("watch_alerts_lost", value=str(found.messages["given_up"]))
        yield Line("alerts", "messages", WARNING, issue, None, found.messages["given_up"])


def _disk(place: str, free: int, size: int) -> Line:
    level, share = of_room(free, size), free / size if size else 0
    words = {"free": f"{free / GIB:.1f}", "percent": f"{share * 100:.0f}"}
    issue = Issue("watch_disk", value=place, params=words)
    figures = {"free": free, "size": size}
    return Line("disk", place, level, None if level == OK else issue, None, size - free, figures)


def _ending(one: Certificate) -> Line:
    if one.days is None:
        issue = Issue(
            "watch_certificate_bad", value=one.address, params={"reason": str(one.failure)}
        )
        return Line("certificate", one.address, FAULT, issue, None, 1, {"days": None})
    level = of_end(one.days)
    issue = Issue("watch_certificate_ends", value=one.address, params={"days": str(one.days)})
    told = None if level == OK else issue
    return Line("certificate", one.address, level, told, None, 1, {"days": one.days})


def _calendar(days: int, alarm_days: int) -> Line:
    level = of_end(days, alarm_days)
    issue = None if level == OK else Issue("watch_calendar", value=str(days))
    return Line("calendar", "working days", level, issue, None, 1, {"days": days})


def _backup(made_at: str, now: datetime) -> Line:
    hours = (age(made_at, now) or 0) / 3600
    level = of_backup(hours)
    issue = Issue("watch_backup_old", value=f"{hours:.0f}", params={"since": made_at})
    told = None if level == OK else issue
    return Line("backup", "site", level, told, made_at, 1, {"hours": round(hours, 1)})
