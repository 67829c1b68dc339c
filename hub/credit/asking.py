"""Asks for a computing of credit, after a decision that no ledger tells of."""

from __future__ import annotations

from sqlalchemy import Connection

from hub import jobs
from hub.analysis.work import KIND


def ask_for_computing(connection: Connection) -> int:
    """Queue a computing, behind one that waits or runs; returns the job."""
    return jobs.submit(connection, KIND, {"names": ["credit"]}, KIND)
