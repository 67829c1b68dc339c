"""Whether a feed can work at all, found out before any request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapters.converters import CONVERTERS, default_converter
from adapters.environment import missing, texts_in
from adapters.feed import Feed
from adapters.rule import Rule
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field, Standard

if TYPE_CHECKING:
    from exchange_schemas.catalogue import Catalogue


def check_feed(feed: Feed, catalogue: Catalogue) -> list[Issue]:
    """Everything wrong with the declaration: unknown standard, field, converter or option, a
    converter that doesn't fit its field, a required field without a rule, an unset `${NAME}`.
    """
    unset = [
        Issue("secret_missing", value=name) for name in missing(texts_in(feed.source.options))
    ]
    try:
        standard = catalogue.get(feed.standard, feed.version)
    except Misdeclared as error:
        return [error.issue, *unset]
    found = [issue for rule in feed.fields.values() for issue in _check_rule(feed, rule, standard)]
    return [*found, *_unmapped(feed, standard), *unset]


def _check_rule(feed: Feed, rule: Rule, standard: Standard) -> Iterator[Issue]:
    field = standard.fields.get(rule.field)
    if field is None:
        params = {"dataset": standard.dataset, "known": ", ".join(standard.fields)}
        yield Issue("field_unknown", value=rule.field, params=params)
    elif rule.convert is not None and rule.convert not in CONVERTERS:
        params = {"known": ", ".join(CONVERTERS)}
        yield Issue("converter_unknown", field=rule.field, value=rule.convert, params=params)
    elif rule.columns:
        yield from _check_converter(rule, field, feed.format.kind)
    else:
        yield from _check_constant(rule, field)


def _check_converter(rule: Rule, field: Field, format_kind: str) -> Iterator[Issue]:
    name = rule.convert or default_converter(field, format_kind)
    converter = CONVERTERS[name]
    if field.kind not in converter.gives:
        params = {"found": converter.gives[0], "expected": field.kind}
        yield Issue("converter_unfit", field=rule.field, value=name, params=params)
    for option in rule.options:
        if option not in converter.options:
            yield Issue(
                "option_unknown", field=rule.field, value=option, params={"expected": name}
            )


def _check_constant(rule: Rule, field: Field) -> Iterator[Issue]:
    kinds = {"boolean": bool, "integer": int, "list": list}
    if type(rule.value) is not kinds.get(field.kind, str):
        params = {"expected": field.kind}
        yield Issue("type", field=rule.field, value=str(rule.value), params=params)


def _unmapped(feed: Feed, standard: Standard) -> list[Issue]:
    """Required fields without a rule, and key parts none of whose alternatives has one."""
    required = [name for name, field in standard.fields.items() if field.required]
    parts = [part for part in standard.key if not feed.fields.keys() & set(part)]
    names = [name for name in required if name not in feed.fields] + ["/".join(p) for p in parts]
    return [Issue("field_unmapped", value=name) for name in dict.fromkeys(names)]
