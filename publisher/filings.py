"""Filings: what a party says about a published record, put into a folder for the hub to fetch.

The portal knows no database, so a filing is a folder of plain files, whole from the moment it is
there: `<path>/<number>/filing.json` and `evidence/1.pdf` … Only its owner may read it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from exchange_schemas.days import today
from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from publisher.disk import full_disk_refused, sync
from publisher.evidence import LARGEST, MOST_FILES, Evidence, Upload, keep, owner_only
from publisher.filing_number import is_number, new_number
from publisher.manifest import now

CORRECTION, OBJECTION, REPAIR = KINDS = (
    "correction",
    "objection",
    "repair",
)  # 更正 · 异议 · 信用修复

FILING = "filing.json"
EVIDENCE = "evidence"
ASIDE = ("taken", "refused")  # folders beside the filings, into which the hub moves what it read
MOST_WAITING = 10_000  # filings that nobody has fetched yet
FREE_BYTES = 500_000_000  # that a filing must leave on the disk
_COMING = ".coming-"
_LEFT_SECONDS = 3600  # after which what lies half written was left by a process that died


@dataclass(frozen=True, slots=True)
class Filing:
    """What a party filed about one record.

    `field` is the name of the field that is said to be wrong, if one is. `promise` (信用承诺),
    `performed` (obligations were met) and `remedied` (damage was made good) are of repairs only.
    `number`, `filed_at` (ISO 8601, +08:00) and `evidence` are set when it is dropped. `language` is
    the one that it was filed in: zh_CN or en.
    """

    kind: str
    dataset: str
    record_id: str
    party_name: str
    statement: str
    party_code: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    email: str | None = None
    field: str | None = None
    promise: bool = False
    performed: bool = False
    remedied: bool = False
    language: str = "zh_CN"
    number: str = ""
    filed_at: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class DropFolder:
    """The folder that filings are put into. It is made when the first one comes."""

    path: Path
    most: int = MOST_WAITING
    free: int = FREE_BYTES

    def drop(self, filing: Filing, files: Sequence[Upload] = ()) -> str:
        """Keep a filing with its files, which were checked before; returns its number.

        It is there as a whole or not at all, and never in the place of another. Raises Refused
        (filings_full, disk_full), and ValueError for a kind or files that nobody should have let in.
        """
        if filing.kind not in KINDS or len(files) > MOST_FILES:
            raise ValueError(f"a filing of kind {filing.kind} with {len(files)} files")
        with full_disk_refused(self.path.name):
            self._make_room()
            number = self._free_number()
            coming = self.path / f"{_COMING}{number}"
            try:
                self._fill(coming, replace(filing, number=number, filed_at=now()), files)
                coming.rename(self.path / number)
            finally:
                shutil.rmtree(coming, ignore_errors=True)
            sync(self.path)
        return number

    def has(self, number: str) -> bool:
        """Whether a filing of this number waits here, or was moved aside by who took it."""
        places = (self.path, *(self.path / name for name in ASIDE))
        return is_number(number) and any((place / number / FILING).is_file() for place in places)

    def waiting(self) -> list[str]:
        """The numbers of the filings that are here, oldest day first."""
        found = self.path.iterdir() if self.path.is_dir() else iter(())
        return sorted(path.name for path in found if is_number(path.name))

    def read(self, number: str) -> Filing:
        """One filing; raises Corrupt (filing_unreadable)."""
        try:
            told: dict[str, Any] = json.loads((self._place(number) / FILING).read_bytes())
            evidence = tuple(Evidence(**one) for one in told.pop("evidence"))
            return Filing(**told, evidence=evidence)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            words = {"reason": str(error)}
            raise Corrupt(Issue("filing_unreadable", value=number, params=words)) from error

    def evidence(self, number: str) -> list[Path]:
        """The files of one filing, in the order of its `evidence`."""
        folder = self._place(number) / EVIDENCE
        found = folder.iterdir() if folder.is_dir() else iter(())
        return sorted(found, key=lambda path: int(path.stem))

    def _place(self, number: str) -> Path:
        if not is_number(number):
            raise ValueError("this is no number of a filing")
        return self.path / number

    def _make_room(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        if len(self.waiting()) >= self.most:
            raise _full(self.path, f"{self.most} wait")
        if shutil.disk_usage(self.path).free < self.free + MOST_FILES * LARGEST:
            raise _full(self.path, "the disk is nearly full")

    def _sweep(self) -> None:
        """Remove what died half written: it has personal data, and nobody would ever read it."""
        for left in self.path.glob(f"{_COMING}*"):
            if time.time() - _changed(left) > _LEFT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)

    def _free_number(self) -> str:
        while (self.path / (number := new_number(today()))).exists():
            pass
        return number

    def _fill(self, coming: Path, filing: Filing, files: Sequence[Upload]) -> None:
        coming.mkdir(mode=0o700)
        folder = coming / EVIDENCE
        folder.mkdir(mode=0o700)
        kept = tuple(keep(upload, folder, place) for place, upload in enumerate(files, 1))
        sync(folder)
        with owner_only(coming / FILING) as file:
            file.write(as_json(replace(filing, evidence=kept)))
            file.flush()
            os.fsync(file.fileno())
        sync(coming)


def as_json(filing: Filing) -> bytes:
    """filing.json as indented UTF-8; its members are those of `Filing`."""
    return (json.dumps(asdict(filing), ensure_ascii=False, indent=2) + "\n").encode()


def _full(path: Path, reason: str) -> Refused:
    return Refused(Issue("filings_full", value=path.name, params={"reason": reason}))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
