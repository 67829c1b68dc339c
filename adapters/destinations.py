"""Which field a source column goes to, for issues of cells that readers find."""

from __future__ import annotations

from adapters.feed import Feed


def destinations(feed: Feed) -> dict[str, str]:
    """Column → the field that takes it, of several the first. Others aren't looked at."""
    goes: dict[str, str] = {}
    for name, rule in feed.fields.items():
        for column in rule.columns:
            goes.setdefault(column, name)
    return goes
