"""How long an answer may be shown from a cache without asking again."""

from __future__ import annotations

from datetime import datetime, timedelta

from exchange_schemas.days import HERE

_MOST = 60  # seconds


def fresh_seconds() -> int:
    """How long a page may be kept: terms end with the day, so no page outlives it."""
    now = datetime.now(HERE)
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), HERE)
    return min(_MOST, int((midnight - now).total_seconds()))
