"""The files that a party added to its filing, as they were filed and no others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt, Misdeclared
from exchange_schemas.issue import Issue
from hub.filing_intake import TAKEN
from hub.site import Site
from publisher.disk import sha256
from publisher.evidence import shown_name
from publisher.filings import DropFolder

_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def found(site: Site, told: Mapping[str, Any], place: int) -> tuple[Path, str]:
    """The file at `place` (from 1) of a filing (`filings.show`), and a name that is safe to save it under.

    Raises Misdeclared (evidence_unknown), Corrupt (evidence_changed) where it isn't what was filed.
    """
    evidence = told["evidence"]
    if not 1 <= place <= len(evidence):
        raise Misdeclared(Issue("evidence_unknown", value=str(place)))
    one = evidence[place - 1]
    try:
        path = DropFolder(site.filings / TAKEN).evidence(told["number"])[place - 1]
        same = not path.is_symlink() and sha256(path) == one["sha256"]
    except (OSError, ValueError, IndexError):
        same = False
    if not same:
        raise Corrupt(Issue("evidence_changed", value=str(place)))
    return path, _name(one, place)


def _name(one: Mapping[str, Any], place: int) -> str:
    """The sender's name with the ending of what it really is, so that no program is opened by it."""
    stem = Path(shown_name(one["name"])).stem.strip(". ?") or str(place)
    return f"{stem}.{_ENDINGS.get(one['media_type'], 'bin')}"
