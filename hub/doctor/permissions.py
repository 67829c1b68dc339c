"""Who may read what only the hub may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def check_permissions(patient: Patient) -> Iterator[Issue]:
    """Keys and secrets for their owner alone; settings and the database for nobody else to write."""
    found = [*_open_secrets(patient), *_writable(patient), *_foreign(patient)]
    yield from found or [Issue("doctor_permissions")]


def _open_secrets(patient: Patient) -> Iterator[Issue]:
    """Keys that others may read; a platform's secrets may be read by its group, but by no stranger."""
    keys = patient.site.keys
    for path in [keys, *sorted(keys.rglob("*"))] if keys.is_dir() else []:
        if path.stat().st_mode & _OTHERS:
            yield _issue("doctor_secret_open", path, 0o700 if path.is_dir() else 0o600)
    for path in _named(patient):
        if path.is_file() and path.stat().st_mode & stat.S_IRWXO:
            yield _issue("doctor_secret_open", path, 0o640)


def _named(patient: Patient) -> Iterator[Path]:
    """Files of secrets that the environment names."""
    if key := patient.environment.get("HUB_SIGNING_KEY"):
        yield Path(key)
    for one in patient.settings.values:
        name = one.setting.file_name
        if name and (told := patient.environment.get(name)):
            yield Path(told)


def _writable(patient: Patient) -> Iterator[Issue]:
    for path in (patient.settings.file, patient.site.path, patient.database_file):
        if path is not None and path.exists() and path.stat().st_mode & _OTHERS_WRITE:
            yield _issue("doctor_writable_by_others", path, 0o750 if path.is_dir() else 0o640)


def _foreign(patient: Patient) -> Iterator[Issue]:
    """What belongs to another user than the one who asks: whoever runs the hub must own it."""
    me = os.geteuid()
    for path in (patient.site.path, patient.site.keys, patient.database_file):
        if path is not None and path.exists() and path.stat().st_uid != me:
            words = {"owner": str(path.stat().st_uid), "expected": str(me)}
            yield Issue("doctor_owner", value=str(path), params=words)


def _issue(code: str, path: Path, mode: int) -> Issue:
    found = stat.S_IMODE(path.stat().st_mode)
    return Issue(code, value=str(path), params={"found": f"{found:o}", "expected": f"{mode:o}"})
