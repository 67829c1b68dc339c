"""The law as data: how far the calendar reaches, and which rules end soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from exchange_schemas.days import HERE
from exchange_schemas.issue import Issue
from exchange_schemas.law_check import law_issues
from hub.doctor.patient import Patient

SOON = timedelta(days=90)


def check_calendar(patient: Patient) -> Iterator[Issue]:
    """Until when working days are known, and what the law lacks: an alarm when they end soon, too."""
    law = patient.catalogue.law()
    yield Issue("doctor_calendar", value=law.calendar.last.isoformat())
    yield from law_issues(law, _today(patient))


def check_terms(patient: Patient) -> Iterator[Issue]:
    """Rules that end within `SOON` with nothing of their id behind them."""
    today = _today(patient)
    law = patient.catalogue.law()
    rules = [one for one in (*law.clocks, *law.never) if one.enabled]
    lasting = {one.id for one in rules if one.valid_to is None or one.valid_to > today + SOON}
    ending = [
        one for one in rules
        if one.valid_to is not None and today <= one.valid_to <= today + SOON and one.id not in lasting
    ]  # fmt: skip
    for one in ending:
        words = {"day": str(one.valid_to), "basis": one.basis}
        yield Issue("doctor_rule_ending", value=one.name, params=words)
    if not ending:
        yield Issue("doctor_rules", value=str(len(rules)))


def _today(patient: Patient) -> date:
    return patient.now.astimezone(HERE).date()
