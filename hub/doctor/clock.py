"""Whether clocks agree: this machine's, the database's, and what was written before now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select, text

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.tables import job, run

APART = 5.0  # seconds; more moves the ends of leases and of signatures
FAR = 60.0


def check_clock(patient: Patient) -> Iterator[Issue]:
    """The database server's clock, and times in its tables that haven't come yet."""
    with patient.engine.connect() as connection:
        newest = [
            connection.scalar(select(func.max(one)))
            for one in (job.c.created_at, run.c.started_at)
        ]
        ahead = max((_seconds(one, patient.now) for one in newest if one), default=0.0)
        skew = 0.0
        if connection.dialect.name == "postgresql":
            before = datetime.now(patient.now.tzinfo)
            there = connection.scalar(text("select clock_timestamp()"))
            after = datetime.now(patient.now.tzinfo)
            skew = (there - (before + (after - before) / 2)).total_seconds() if there else 0.0
    if ahead > APART:
        yield Issue("doctor_clock_back", value=f"{ahead:.0f}")
    if abs(skew) > APART:
        code = "doctor_clock_far" if abs(skew) > FAR else "doctor_clock_apart"
        yield Issue(code, value=f"{skew:+.0f}")
    if ahead <= APART and abs(skew) <= APART:
        yield Issue("doctor_clock", value=patient.now.isoformat(timespec="seconds"))


def _seconds(moment: str, now: datetime) -> float:
    """By how much a time of the tables is ahead of now."""
    return (datetime.fromisoformat(moment) - now).total_seconds()
