"""Rules of an office as dated data: packaged beside the law, and a site's own file over them.

A rule that holds from a day on is kept beside the one before it, so that what was judged then is
judged by it still.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from exchange_schemas.law import LAW
from exchange_schemas.law_reading import read_rules
from exchange_schemas.law_rules import Rule

AnyRule = TypeVar("AnyRule", bound=Rule)


def load_dated(name: str, kind: type[AnyRule], own: Path | None = None) -> tuple[AnyRule, ...]:
    """The rules of the packaged file `name`; those of a site's file replace the ones whose id they have.

    Raises Misdeclared (law_invalid).
    """
    packaged = read_rules(LAW / name, kind)
    mine = read_rules(own / name, kind) if own is not None else []
    replaced = {rule.id for rule in mine}
    return tuple(rule for rule in packaged if rule.id not in replaced) + tuple(mine)


def rule_on(rules: Sequence[AnyRule], day: date) -> AnyRule | None:
    """The last rule of the file that is in force on a day."""
    held = [rule for rule in rules if rule.enabled and rule.valid_on(day)]
    return held[-1] if held else None
