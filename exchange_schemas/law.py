"""The law as data: which records may never be public, and by when and until when the others are.

The packaged rules are `law/clocks.yml`, `law/never.yml`, `law/settings.yml` and `law/calendar.csv`;
a site may have files of the same names in a folder of its own. There a rule takes the place of those
that have its id, or is a further one; a setting takes the place of the packaged one, and the days of
a year that of the packaged days of that year.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from exchange_schemas.calendar_reading import merged, read_days
from exchange_schemas.law_reading import check_choice, read_rules, read_settings, settled
from exchange_schemas.law_rules import ClockRule, Law, NeverRule, Rule, Settings

__all__ = ["LAW", "ClockRule", "Law", "NeverRule", "Rule", "Settings", "load_law"]

LAW = Path(__file__).parent / "law"
FILES = (CLOCKS, NEVER, SETTINGS, CALENDAR) = (
    "clocks.yml", "never.yml", "settings.yml", "calendar.csv",
)  # fmt: skip

AnyRule = TypeVar("AnyRule", bound=Rule)
Stamps = tuple[tuple[int, int], ...]  # of each file: when it was written, and its size


def load_law(own: Path | None = None) -> Law:
    """The packaged law under a site's `own` folder, which need not exist.

    It is read again when a file has changed. Raises Misdeclared (law_invalid, calendar_invalid,
    condition_invalid).
    """
    return _load(own, _stamps(LAW), _stamps(own) if own else ())


@lru_cache(maxsize=8)
def _load(own: Path | None, _packaged: Stamps, _own: Stamps) -> Law:
    folders = [LAW, own] if own else [LAW]
    settings = read_settings([folder / SETTINGS for folder in folders])
    clocks = [read_rules(folder / CLOCKS, ClockRule) for folder in folders]
    never = [read_rules(folder / NEVER, NeverRule) for folder in folders]
    days = merged(read_days(LAW / CALENDAR), read_days(own / CALENDAR) if own else ())
    terms = _over(*clocks)
    check_choice(folders[-1] / SETTINGS, settings.choice, terms)
    return Law(
        clocks=tuple(settled(rule, settings) for rule in terms),
        never=tuple(settled(rule, settings) for rule in _over(*never)),
        settings=settings,
        days=days,
    )


def _over(packaged: list[AnyRule], own: list[AnyRule] | None = None) -> list[AnyRule]:
    """`packaged` with the rules of `own` in the places of those that have their ids, or behind."""
    told, placed = own or [], set[str]()
    rules: list[AnyRule] = []
    for rule in packaged:
        if rule.id not in placed:
            placed.add(rule.id)
            mine = [one for one in told if one.id == rule.id]
            rules += mine or [one for one in packaged if one.id == rule.id]
    return rules + [one for one in told if one.id not in placed]


def _stamps(folder: Path) -> Stamps:
    found = [folder / name for name in FILES]
    states = [path.stat() if path.is_file() else None for path in found]
    return tuple((one.st_mtime_ns, one.st_size) if one else (0, -1) for one in states)
