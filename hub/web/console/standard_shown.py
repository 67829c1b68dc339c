"""What the page of one standard is made of."""

from __future__ import annotations

from typing import Any

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.consistency import checks_of
from exchange_schemas.days import today
from exchange_schemas.law_rules import ClockRule, Rule
from exchange_schemas.standard import Field, Standard
from publisher.check_words import check_in_words
from publisher.dictionary import mask_in_words
from publisher.dictionary_site.pages import SHARE_NAMES, TIER_NAMES, named
from publisher.meanings import explained
from publisher.rule_words import rule_in_words, rules_of

#: Kinds of clock → what each is for.
CLOCKS = {
    "publish_by": "Publish by",
    "public_until": "Public until",
    "push_by": "Send to the party's registry by",
    "answer_by": "Answer an objection by",
    "repair_decide_by": "Decide on a repair by",
    "consent_by": "Third party answers by",
}


def shown(catalogue: Catalogue, standard: Standard, locale: str) -> dict[str, Any]:
    """Fields, rules, clocks and who does what, in one of the two languages."""
    side = 0 if locale == "zh_CN" else 1
    titles = {name: catalogue.get(name).title for name in catalogue.datasets()}
    return {
        "fields": [_field(field, standard, side) for field in standard.fields.values()],
        "share": SHARE_NAMES[standard.share_type][side],
        "cycle": named("update_cycles", standard.cycle)[side],
        "rules": [rule_in_words(rule, standard) for rule in rules_of(standard)],
        "checks": [check_in_words(told, standard, titles) for told in checks_of(standard)],
        "clocks": list(_clocks(catalogue, standard, locale)),
        "key": [[_title(standard, name, side) for name in part] for part in standard.key],
        "owners": [(one, (one.title, one.title_en)[side]) for one in standard.owners],
    }


def _field(field: Field, standard: Standard, side: int) -> dict[str, Any]:
    return {
        "name": field.name,
        "title": (field.title, field.title_en)[side],
        "code": field.code,
        "kind": field.kind,
        "tier": field.tier,
        "tier_words": TIER_NAMES[field.tier][side],
        "needed": "required"
        if field.required
        else "expected"
        if field.expected
        else "may be empty",
        "mask": mask_in_words(field, standard.fields),
        "codelist": field.codelist,
        "codes": explained(field),
        "note": field.note,
    }


def _title(standard: Standard, name: str, side: int) -> str:
    field = standard.fields.get(name)
    return (field.title, field.title_en)[side] if field else name


def _clocks(catalogue: Catalogue, standard: Standard, locale: str) -> Any:
    """(what for, term, rule, legal basis) of the rules in force today."""
    law, day = catalogue.law(), today()
    for kind, words in CLOCKS.items():
        for rule in law.clocks_for(kind, standard.dataset):
            if rule.valid_on(day):
                yield words, rule, rule.name, _basis(rule, locale)
    for never in law.never:
        if never.speaks_of(standard.dataset) and never.valid_on(day):
            yield "Not to be published", None, never.name, _basis(never, locale)


def _basis(rule: Rule, locale: str) -> str:
    return rule.basis if locale == "zh_CN" else rule.basis_en


def has_term(rule: ClockRule | None) -> bool:
    """Whether a rule gives a term, and not only an end that a field has."""
    return rule is not None and rule.amount is not None
