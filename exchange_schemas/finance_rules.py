"""What holds for statistics of finance: by when they are due, and what makes a value doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange_schemas.dated_rules import load_dated
from exchange_schemas.law import LAW
from exchange_schemas.law_reading import invalid
from exchange_schemas.law_rules import Rule

FINANCE = "finance.yml"
CYCLES = ("month", "quarter", "half", "year")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinanceRule(Rule):
    """`due_days` by cycle, after the end of a period; the limits are explained in the file.

    `totals`: {indicator, parts} of indicators that add up, or {indicator, division, divisions} of a
    division's value that its parts' values make.
    """

    due_days: Mapping[str, int]
    limit: float
    least: int
    most: int
    floor_pct: float
    tolerance_pct: float
    tolerance: float
    forget_after: int
    totals: Sequence[Mapping[str, Any]] = ()
    verified: bool = False


def load_finance_rules(own: Path | None = None) -> tuple[FinanceRule, ...]:
    """The packaged rules under a site's `own` folder of law; raises Misdeclared (law_invalid)."""
    rules = load_dated(FINANCE, FinanceRule, own)
    for rule in rules:
        _check((own or LAW) / FINANCE, rule)
    return rules


def _check(path: Path, rule: FinanceRule) -> None:
    for cycle in CYCLES:
        days = rule.due_days.get(cycle) if isinstance(rule.due_days, Mapping) else None
        if type(days) is not int or not 0 <= days <= 366:
            words = (
                f"due_days has days from 0 to 366 for {cycle}",
                f"due_days 应写明 {cycle} 的天数",
            )
            raise invalid(path, rule.name, *words)
    for name in (
        "limit",
        "least",
        "most",
        "floor_pct",
        "tolerance_pct",
        "tolerance",
        "forget_after",
    ):
        if type(getattr(rule, name)) not in (int, float) or getattr(rule, name) < 0:
            raise invalid(path, rule.name, f"{name} is a number", f"{name} 应为数")
    for total in rule.totals:
        keys = set(total) if isinstance(total, Mapping) else set()
        if keys not in ({"indicator", "parts"}, {"indicator", "division", "divisions"}):
            words = (
                "a total has indicator and parts, or indicator, division and divisions",
                "合计项应有 indicator 和 parts，或者 indicator、division 和 divisions",
            )
            raise invalid(path, rule.name, *words)
