"""Whether a feed can work at all, found out before any request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapters.environment import missing, texts_in
from adapters.feed import Feed
from adapters.rule import Rule
from adapters.rule_check import check_rule
from adapters.secret_check import secrets_in
from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard

if TYPE_CHECKING:
    from exchange_schemas.catalogue import Catalogue


def check_feed(feed: Feed, catalogue: Catalogue) -> list[Issue]:
    """Everything wrong with the declaration: unknown standard, field, converter or option, a
    converter that doesn't fit its field or its place, a pattern or an expression that can't work, a
    required field without a rule, an unset `${NAME}`, a secret that stands in the file, a
    department that doesn't exist.
    """
    source = feed.source.options
    unset = [Issue("secret_missing", value=name) for name in missing(texts_in(source))]
    unset += secrets_in(source)
    if feed.department is not None and feed.department not in load_codes("departments").codes:
        unset.append(Issue("no_department", value=feed.department))
    try:
        standard = catalogue.get(feed.standard, feed.version)
    except Misdeclared as error:
        return [error.issue, *unset]
    found = [
        issue for rule in feed.fields.values() for issue in _check_field(feed, rule, standard)
    ]
    return [*found, *_unmapped(feed, standard), *unset]


def _check_field(feed: Feed, rule: Rule, standard: Standard) -> Iterator[Issue]:
    field = standard.fields.get(rule.field)
    if field is None:
        params = {"dataset": standard.dataset, "known": ", ".join(standard.fields)}
        yield Issue("field_unknown", value=rule.field, params=params)
    else:
        yield from check_rule(rule, field, feed.format.kind)


def _unmapped(feed: Feed, standard: Standard) -> list[Issue]:
    """Required fields without a rule, and key parts none of whose alternatives has one."""
    required = [name for name, field in standard.fields.items() if field.required]
    parts = [part for part in standard.key if not feed.fields.keys() & set(part)]
    names = [name for name in required if name not in feed.fields] + ["/".join(p) for p in parts]
    return [Issue("field_unmapped", value=name) for name in dict.fromkeys(names)]
