"""The rules of law as a table to read: `docs/clocks.md` has it, and a test holds that it is true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from exchange_schemas.law_rules import AS_OF, ClockRule, Law, Rule

_HEADS = ("rule", "datasets", "when", "valid", "basis")


def clocks_table(law: Law) -> str:
    """Markdown: one row for each term, in the order in which they count."""
    heads = ("kind", "term", *_HEADS)
    return _table(heads, [(rule.kind, _term(rule), *_cells(rule)) for rule in law.clocks])


def never_table(law: Law) -> str:
    """Markdown: one row for each rule that forbids publication."""
    return _table(_HEADS, [_cells(rule) for rule in law.never])


def _cells(rule: Rule) -> tuple[str, ...]:
    marks = [
        *(["set by the hub"] if rule.configured else []),
        *([] if rule.enabled else ["switched off"]),
    ]
    basis = f"{rule.basis} · {rule.basis_en}"
    return (
        f"`{rule.name}`",
        ", ".join(rule.datasets) or "all",
        _when(rule.when),
        _valid(rule.valid_from, rule.valid_to),
        f"{basis} ({', '.join(marks)})" if marks else basis,
    )


def _term(rule: ClockRule) -> str:
    """How long and from when on, e.g. 3 years from published_on, or restriction_until if later."""
    told = []
    start = "/".join("the record's date" if name == AS_OF else name for name in rule.start)
    if rule.unit == "day_of_next_month":
        told.append(f"the {rule.amount}th of the next month")
    elif rule.amount is not None:
        told.append(f"{rule.amount} {(rule.unit or '').replace('_', ' ')} from {start}")
    if rule.later:
        told.append(f"{' / '.join(rule.later)} if later")
    if rule.sooner:
        told.append(f"{' / '.join(rule.sooner)} if sooner" if told else " / ".join(rule.sooner))
    if rule.severity:
        told.append(f"class {rule.severity}")
    if rule.frame:
        told.append(f"frame {rule.frame}")
    if rule.fallback:
        told.append("where no other rule gives a day")
    return "; ".join(told) or "—"


def _when(condition: Any) -> str:
    """A condition in one line, as it would be written in YAML."""
    if not condition:
        return "always" if isinstance(condition, Mapping) else "never"
    if not isinstance(condition, Mapping):
        return " **or** ".join(_when(one) for one in condition)
    return ", ".join(f"{name}: {_flow(value)}" for name, value in condition.items())


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _valid(begin: date | None, end: date | None) -> str:
    if begin is None and end is None:
        return "always"
    return " – ".join(day.isoformat() if day else "" for day in (begin, end)).strip()


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
