"""What codes of warnings are called, in one language."""

from __future__ import annotations

from collections.abc import Mapping

from exchange_schemas.codes import load_codes
from exchange_schemas.credit_rules import CreditRules


def titles_of(rules: CreditRules, chinese: bool) -> Mapping[str, Mapping[str, str]]:
    """levels, rules, divisions, industries → code → title."""
    return {
        "levels": _list("credit_warning_levels", chinese),
        "rules": {rule.id: rule.title.of(chinese) for rule in rules.warnings},
        "divisions": _list("divisions", chinese),
        "industries": _list("industries", chinese),
    }


def _list(name: str, chinese: bool) -> dict[str, str]:
    codes = load_codes(name).codes
    return {code: one.title if chinese else one.title_en for code, one in codes.items()}
