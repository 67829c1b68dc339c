"""A kind of issue: how severe it is, and its wording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`severity`: error rejects the row (or run), warning is published and counted, info is shown."""

    severity: str
    message: str


def error(message: str) -> Kind:
    """Rejects the row, the run or the command."""
    return Kind("error", message)


def warning(message: str) -> Kind:
    """The row is accepted, and the issue counted."""
    return Kind("warning", message)


def info(message: str) -> Kind:
    """Only shown."""
    return Kind("info", message)
