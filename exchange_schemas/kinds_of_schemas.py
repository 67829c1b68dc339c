"""Kinds of issue: schemas that could hurt whoever reads them (`hostile`)."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SCHEMA_KINDS: dict[str, Kind] = {
    "schema_large": error(
        "{place} has {value} bytes and at most {expected} are allowed; split it"
    ),
    "schema_deep": error(
        "{place}: schemas stand {value} deep inside each other and at most {expected} are allowed"
    ),
    "schema_wide": error(
        "{place} has more than {expected} schemas inside; make datasets of its parts"
    ),
    "enum_long": error(
        "{place}: the enum has {value} values and at most {expected} are allowed; make a code list"
    ),
    "unique_unbounded": error(
        "{place}: uniqueItems with maxItems {value}; consumers compare every two items, so give a "
        "maxItems of at most {expected}"
    ),
    "pattern_long": error(
        "{place}: the pattern has {value} characters and at most {expected} are allowed"
    ),
    "pattern_explosive": error(
        "{place}: one text can match {value} in very many ways, which stops consumers' programs; "
        "let repeated parts and alternatives differ by how they begin"
    ),
    "pattern_unreadable": error("{place}: {value} isn't a regular expression: {reason}"),
    "reference_refused": error(
        '{place}: {keyword} {value} is refused; only blocks may be referred to, as {{"$ref": '
        '"block:NAME"}} alone in the outermost allOf'
    ),
    "schema_foreign": error(
        "{place}: {keyword} {value} is refused; write {expected}, in the outermost schema only"
    ),
    "block_circular": error("{place}: block {value} refers to itself: {found}"),
    "block_deep": error(
        "{place}: blocks refer to blocks more than {expected} deep: {value}; merge some of them"
    ),
    "block_many": error(
        "{place}: {value} references to blocks and at most {expected} are allowed; merge some of them"
    ),
}
