"""The machine and what surrounds it: disk, ends of certificates and of the calendar, backups, sign-ins, alerts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from exchange_schemas.days import today
from exchange_schemas.issue import Issue
from hub.monitoring.line import FAULT, OK, WARNING, Line, age, as_instant
from hub.monitoring.looking import Looking
from hub.monitoring.tables import SENT, alert, alert_message, watched_certificate
from hub.tables import metadata

GIB = 1 << 30
LOW, FULL = (0.15, 10 * GIB), (0.05, GIB)  # share and bytes below which: a warning, a fault
SOON, AT_ONCE = 30, 7  # days before something ends: a warning, a fault
OLD, TOO_OLD = 26, 72  # hours since a backup: a warning, a fault
GUESSES = 100  # wrong sign-ins in an hour


@dataclass(frozen=True, slots=True)
class Certificate:
    """`days` until it ends, None where it couldn't be asked for because of `failure`."""

    address: str
    days: int | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class MachineSeen:
    """`disks`: place → (free, size) in bytes. `calendar_days` until the working calendar ends.
    `backup_at` and `sign_ins` (wrong ones in an hour) are None where the hub keeps none.
    `alerts` are open; `messages`: state of a message to tell of them → how many."""

    disks: Mapping[str, tuple[int, int]]
    certificates: list[Certificate]
    calendar_days: int
    backup_at: str | None
    sign_ins: int | None
    alerts: int
    messages: Mapping[str, int]


def see(at: Looking) -> MachineSeen:
    """Small tables, and the file system's own figures."""
    free = shutil.disk_usage(at.site.path)
    calendar = at.catalogue.law().calendar
    opened = select(func.count()).where(alert.c.over_at.is_(None))
    # What was sent is history, and has no index of its own.
    told = select(alert_message.c.state, func.count()).where(alert_message.c.state != SENT)
    messages = at.connection.execute(told.group_by(alert_message.c.state))
    return MachineSeen(
        {"site": (free.free, free.total)},
        [_certificate(at, row) for row in at.connection.execute(select(watched_certificate))],
        (calendar.last - today()).days,
        _last_backup(at),
        _wrong_sign_ins(at),
        int(at.connection.scalar(opened) or 0),
        {state: int(count) for state, count in messages},
    )


def _certificate(at: Looking, row: Row[Any]) -> Certificate:
    past = age(row.ends_at, at.now)
    return Certificate(row.address, None if past is None else int(-past // 86_400), row.failure)


def _last_backup(at: Looking) -> str | None:
    """When the newest backup in the folder beside the site was made; None where there is no such folder."""
    folder = at.site.path.with_name(f"{at.site.path.name}-backups")
    if not folder.is_dir():
        return None
    made = [one.stat().st_mtime for one in folder.iterdir() if not one.name.startswith(".")]
    return as_instant(datetime.fromtimestamp(max(made), UTC)) if made else None


def _wrong_sign_ins(at: Looking) -> int | None:
    table = metadata.tables.get("sign_in")
    if table is None:
        return None
    lately = table.c.at > as_instant(at.now - timedelta(hours=1))
    return int(
        at.connection.scalar(select(func.count()).where(lately, table.c.outcome != "ok")) or 0
    )


def lines(found: MachineSeen, now: datetime) -> Iterator[Line]:
    """One for each disk, certificate, the calendar, and what else is kept."""
    for place, (free, size) in found.disks.items():
        yield _disk(place, free, size)
    for one in found.certificates:
        yield _ending(one)
    yield _calendar(found.calendar_days)
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
    share = free / size if size else 0
    full, low = (share < part and free < least for part, least in (FULL, LOW))
    level = FAULT if full or free < GIB / 4 else WARNING if low else OK
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
    level = FAULT if one.days <= AT_ONCE else WARNING if one.days <= SOON else OK
    issue = Issue("watch_certificate_ends", value=one.address, params={"days": str(one.days)})
    told = None if level == OK else issue
    return Line("certificate", one.address, level, told, None, 1, {"days": one.days})


def _calendar(days: int) -> Line:
    level = FAULT if days <= AT_ONCE else WARNING if days <= 2 * SOON else OK
    issue = None if level == OK else Issue("watch_calendar", value=str(days))
    return Line("calendar", "working days", level, issue, None, 1, {"days": days})


def _backup(made_at: str, now: datetime) -> Line:
    hours = (age(made_at, now) or 0) / 3600
    level = FAULT if hours > TOO_OLD else WARNING if hours > OLD else OK
    issue = Issue("watch_backup_old", value=f"{hours:.0f}", params={"since": made_at})
    told = None if level == OK else issue
    return Line("backup", "site", level, told, made_at, 1, {"hours": round(hours, 1)})
