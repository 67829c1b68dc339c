"""What holds for normative documents: their term where they name none, and the form of their number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exchange_schemas.dated_rules import load_dated
from exchange_schemas.law import LAW
from exchange_schemas.law_reading import invalid
from exchange_schemas.law_rules import Rule

DOCUMENTS = "documents.yml"
_PARTS = ("(?<series>", "(?<year>", "(?<number>")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRule(Rule):
    """`default_years` from the day on which it takes effect, `trial_years` of one on trial.

    `number_form` is a regular expression of a registration number with the groups series, year and
    number; `counted_documents` one of the words before the year of those document numbers that are
    counted without gaps as well. `warn_days`: how long before its end a document is listed.
    `verified`: the article was read in the text of the rule.
    """

    default_years: int
    trial_years: int
    number_form: str
    counted_documents: str
    warn_days: int = 90
    verified: bool = False


def load_document_rules(own: Path | None = None) -> tuple[DocumentRule, ...]:
    """The packaged rules under a site's `own` folder of law; raises Misdeclared (law_invalid)."""
    rules = load_dated(DOCUMENTS, DocumentRule, own)
    for rule in rules:
        _check((own or LAW) / DOCUMENTS, rule)
    return rules


def _check(path: Path, rule: DocumentRule) -> None:
    for name in ("default_years", "trial_years", "warn_days"):
        value = getattr(rule, name)
        if type(value) is not int or not 1 <= value <= 1000:
            words = f"{name} is a number from 1 to 1000", f"{name} 应为 1 至 1000 的整数"
            raise invalid(path, rule.name, *words)
    if any(part not in rule.number_form for part in _PARTS):
        words = (
            "number_form has the groups series, year and number",
            "number_form 应有 series、year、number 三个分组",
        )
        raise invalid(path, rule.name, *words)
