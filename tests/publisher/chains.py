"""Signed chains of releases as the engine builds them, and a verifier run as a reader runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from publisher import verifier
from publisher.deltas import REMOVALS
from publisher.known_keys import put_in_use
from publisher.release import Release, Terms, build_release
from publisher.signers import Ed25519Signer, Signer
from tests.publisher.samples import PENALTIES, PENALTY, ROWS, view

SIGNER = Ed25519Signer(bytes(range(32)))

#: What left, and why: as the hub tells the engine.
REASONS = {"b2": "term_over", "c3": "inaccurate", "d4": "repair_granted"}


def rows(count: int, **values: Any) -> list[dict[str, Any]]:
    """`count` records like the sample's, with other values in the first one."""
    made = [{**ROWS[n % 4], "record_id": f"r{n}", "doc_no": f"{n}号"} for n in range(count)]
    return [{**made[0], **values}, *made[1:]] if values else made


def release(
    root: Path,
    records: list[dict[str, Any]],
    signer: Signer | None = SIGNER,
    reasons: Mapping[str, str] | None = None,
) -> Release:
    """The next release of the sample dataset under `root`, signed, its key listed."""
    if signer is not None:
        root.mkdir(exist_ok=True)
        put_in_use(root, signer)
    return build_release(
        root, PENALTIES, view(records), Terms(removals=removals(reasons or {}), signer=signer)
    )


def removals(reasons: Mapping[str, str]) -> pl.DataFrame:
    """Why records left, as the hub tells the engine: record id → code."""
    rows = [(record, reason, None) for record, reason in reasons.items()]
    return pl.DataFrame(rows, schema=REMOVALS, orient="row")


def chain(root: Path, signer: Signer = SIGNER) -> Path:
    """The folder of a dataset with five releases: some added, one changed, three removed, one back."""
    for records in (ROWS[:2], ROWS[:3], ROWS, [*ROWS[2:]], [ROWS[0], ROWS[1], ROWS[3]]):
        release(root, records, signer, REASONS)
    return root / PENALTY


def verify(folder: Path, *told: str, program: str = sys.executable) -> tuple[int, str]:
    """Exit code and words of the stand-alone verifier on a folder, as a process of its own."""
    command = [program, "-I", verifier.__file__, str(folder), *told]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr
