"""The program and the machine: versions, text, time zone."""

from __future__ import annotations

import locale
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from exchange_schemas.days import HERE
from exchange_schemas.issue import Issue
from hub.database import WAL_FIXED, wal_is_safe
from hub.doctor.patient import Patient

DISTRIBUTION = "exchange-hub"
LEAST = (3, 11)
CONSTRAINTS = (
    Path(__file__).parents[2] / "constraints.txt"
)  # beside the packages of a working copy


def check_python(_patient: Patient) -> Iterator[Issue]:
    """Whether this Python is new enough."""
    code = "doctor_python" if sys.version_info[:2] >= LEAST else "doctor_python_old"
    yield Issue(code, value=sys.version.split()[0], params={"expected": ".".join(map(str, LEAST))})


def check_libraries(_patient: Patient) -> Iterator[Issue]:
    """Whether what is needed is installed, and in the versions that are tested, where they are told."""
    installed = {name: _version(name) for name in _needed()}
    absent = sorted(name for name, found in installed.items() if found is None)
    if absent:
        yield Issue("doctor_libraries_missing", value=", ".join(absent))
    differing = [
        f"{name} {installed[name]} ({pinned})"
        for name, pinned in sorted(_constraints().items())
        if installed.get(name) not in (None, pinned)
    ]
    if differing:
        yield Issue("doctor_libraries_other", value=", ".join(differing))
    if not absent and not differing:
        yield Issue("doctor_libraries", value=str(len(installed)))


def _needed() -> list[str]:
    """Distributions that running needs, as the package declares them."""
    try:
        declared = requires(DISTRIBUTION) or []
    except PackageNotFoundError:  # run from a folder: nothing is declared to be installed
        declared = []
    told = [one for one in declared if "extra ==" not in one]
    return [match[0].lower() for one in told if (match := re.match(r"[\w.-]+", one))]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _constraints() -> dict[str, str]:
    if not CONSTRAINTS.is_file():
        return {}
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))


def check_sqlite(patient: Patient) -> Iterator[Issue]:
    """Whether SQLite may use write-ahead logging; without it a reader and a writer wait for each other."""
    words = {"expected": ".".join(map(str, WAL_FIXED))}
    safe = wal_is_safe(sqlite3.sqlite_version_info) or patient.database_file is None
    code = "doctor_sqlite" if safe else "doctor_sqlite_journal"
    yield Issue(code, value=sqlite3.sqlite_version, params=words)


def check_encoding(_patient: Patient) -> Iterator[Issue]:
    """Whether names of files and what is printed are UTF-8."""
    found = {sys.getfilesystemencoding(), locale.getpreferredencoding(do_setlocale=False)}
    wrong = sorted(one for one in found if one.lower().replace("-", "") != "utf8")
    yield Issue("doctor_encoding_other" if wrong else "doctor_encoding", value=", ".join(wrong))


def check_zone(_patient: Patient) -> Iterator[Issue]:
    """What the machine's zone is; days of the law begin in `exchange_schemas.days.HERE` anyway."""
    yield Issue("doctor_zone", value=time.strftime("%Z %z"), params={"expected": HERE.key})
