"""How a risk of a product is weighed: severity × likelihood, the level that follows, and its terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange_schemas.codes import load_codes
from exchange_schemas.dated_rules import load_dated
from exchange_schemas.law import LAW
from exchange_schemas.law_reading import invalid
from exchange_schemas.law_rules import Rule

RISKS = "risks.yml"
SEVERITIES, LIKELIHOODS = "risk_severities", "risk_likelihoods"  # code lists


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRule(Rule):
    """The keys are explained in the file; severities and levels are codes of `risk_severities`."""

    likelihoods: Sequence[str]
    matrix: Mapping[str, Sequence[str]]
    assess_days: Mapping[str, int]
    act_days: Mapping[str, int]
    must_act: Sequence[str]
    verified: bool = False

    def level(self, severity: str, likelihood: str) -> str:
        """The level of a risk; both words are known (KeyError, ValueError otherwise)."""
        return self.matrix[severity][list(self.likelihoods).index(likelihood)]


def load_risk_rules(own: Path | None = None) -> tuple[RiskRule, ...]:
    """The packaged rules under a site's `own` folder of law; raises Misdeclared (law_invalid)."""
    rules = load_dated(RISKS, RiskRule, own)
    for rule in rules:
        _check((own or LAW) / RISKS, rule)
    return rules


def _check(path: Path, rule: RiskRule) -> None:
    known, words = set(load_codes(SEVERITIES).codes), set(load_codes(LIKELIHOODS).codes)
    rows = list(rule.matrix.values())
    whole = set(rule.matrix) == known and set(rule.likelihoods) <= words
    fits = all(len(row) == len(rule.likelihoods) and set(row) <= known for row in rows)
    if not whole or not fits:
        told = "the matrix has a level for every severity and likelihood"
        raise invalid(path, rule.name, told, "矩阵应为每种严重程度和可能性写明等级")
    for name in ("assess_days", "act_days"):
        days = getattr(rule, name)
        if set(days) != known or any(type(one) is not int or one < 0 for one in days.values()):
            told = f"{name} has days for {', '.join(sorted(known))}"
            raise invalid(path, rule.name, told, f"{name} 应为每个等级写明天数")
