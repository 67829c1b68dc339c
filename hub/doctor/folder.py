"""The site's folder: there, whole and writable."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient


def check_folder(patient: Patient) -> Iterator[Issue]:
    """Whether the folders of a site are there, and whether one can write to them."""
    site = patient.site
    if not site.feeds.is_dir():
        yield Issue("site_missing", value=str(site.path))
        return
    absent = [one.name for one in (site.raw, site.releases) if not one.is_dir()]
    file = patient.database_file
    if file is not None and not file.is_file():
        absent.append(file.name)
    if absent:
        words = {"path": str(site.path)}
        yield Issue("doctor_site_incomplete", value=", ".join(absent), params=words)
    refused = [issue for one in (site.path, site.raw, site.releases) if (issue := _refused(one))]
    yield from refused
    if not absent and not refused:
        yield Issue("doctor_site", value=str(site.path))


def _refused(folder: Path) -> Issue | None:
    """Why nothing can be written in an existing folder; None where it can."""
    if not folder.is_dir():
        return None
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return _why(error, folder)
    return None


def _why(error: OSError, folder: Path) -> Issue:
    codes = {
        errno.EROFS: "disk_read_only",
        errno.ENOSPC: "site_disk_full",
        errno.EDQUOT: "site_disk_full",
    }
    code = codes.get(error.errno or 0, "doctor_not_writable")
    return Issue(code, value=str(folder), params={"reason": str(error.strerror)})
