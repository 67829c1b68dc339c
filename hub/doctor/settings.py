"""hub.toml and the environment."""

from __future__ import annotations

from collections.abc import Iterator

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.settings.effective import DEFAULT, UNSET
from hub.settings.nearest import unknown_names


def check_settings(patient: Patient) -> Iterator[Issue]:
    """Whether the hub would start with them, and names that mean nothing."""
    found = [*patient.settings.issues, *unknown_names(patient.environment, patient.site.path)]
    yield from found
    if not found:
        told = [one for one in patient.settings.values if one.source not in (DEFAULT, UNSET)]
        yield Issue("doctor_settings", value=str(len(told)))
