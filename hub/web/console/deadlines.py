"""How many days are left until a deadline, as words that a page can say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Deadline:
    """`words` is a message id with {days}; `kind` is late, soon, open or none, for its looks."""

    kind: str
    words: str
    days: int = 0


SOON = 3  # days that are left, or fewer


def deadline(day: str | None, on: date) -> Deadline:
    """What is said on a day of a last day (ISO); None: there is none."""
    if day is None:
        return Deadline("none", "no term")
    left = (date.fromisoformat(day[:10]) - on).days
    if left < 0:
        return Deadline("late", "{days} days overdue", -left)
    if left == 0:
        return Deadline("soon", "today is the last day")
    return Deadline("soon" if left <= SOON else "open", "{days} days left", left)
