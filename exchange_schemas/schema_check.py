"""Checks one version's schema beyond what loading it needs: spelling, references between fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from exchange_schemas.code_rules import DIVISION
from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.formats import FORMATS
from exchange_schemas.hostile import hostile
from exchange_schemas.issue import Issue
from exchange_schemas.keywords import ANNOTATIONS
from exchange_schemas.standard import Standard
from exchange_schemas.validate import uncompiled

X_KEYWORDS = frozenset({
    "x-title-en", "x-tier", "x-mask", "x-shows", "x-code", "x-codelist", "x-expected", "x-note",
    "x-source", "x-as-of",
})  # fmt: skip

# The standards have one place for shared definitions: blocks, merged when a schema is loaded.
_BESIDE = frozenset({"then", "else", "minContains", "maxContains"})  # said with another keyword
_JUDGED = Draft202012Validator.VALIDATORS.keys() - {"$ref", "$dynamicRef"}
_KNOWN = ANNOTATIONS | X_KEYWORDS | _BESIDE | _JUDGED

_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})  # name → schema
_LISTED = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONE = frozenset({"if", "then", "else", "not", "items", "contains", "propertyNames"})


def check_schema(standard: Standard) -> Iterator[Issue]:
    """Issues of the schema of one version."""
    place = f"{standard.dataset} v{standard.version}"
    dangers = list(hostile(standard.schema, place))
    yield from dangers
    if dangers:
        return
    try:
        Draft202012Validator.check_schema(standard.schema)
    except SchemaError as error:
        words = {"place": f"{place} {error.json_path}", "reason": error.message}
        yield Issue("standard_invalid", params=words)
        return
    for where, schema in _schemas(place, standard.schema):
        yield from _spelling(where, schema)
    yield from _code_lists(standard)
    yield from _names(standard)


def uncompiled_keywords(standard: Standard) -> Iterator[Issue]:
    """What is left to the row validator, which is slow; code lists must exist."""
    place = f"{standard.dataset} v{standard.version}"
    for keyword in sorted(uncompiled(standard)):
        yield Issue("schema_uncompiled", value=keyword, params={"place": place})


def _schemas(place: str, schema: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A schema and all the schemas in it, each with its place."""
    if not isinstance(schema, Mapping):
        return
    yield place, schema
    for keyword, told in schema.items():
        inner: dict[str, Any] = {}
        if keyword in _NAMED:
            inner = {f"{place} {name}": part for name, part in told.items()}
        elif keyword in _LISTED:
            inner = {f"{place} {keyword}[{n}]": part for n, part in enumerate(told)}
        elif keyword in _ONE:
            inner = {f"{place} {keyword}": told}
        for where, part in inner.items():
            yield from _schemas(where, part)


def _spelling(place: str, schema: Mapping[str, Any]) -> Iterator[Issue]:
    for keyword in schema.keys() - _KNOWN:
        yield Issue("keyword_unknown", value=keyword, params={"place": place})
    named = schema.get("format", "date")
    if named not in FORMATS:
        words = {"place": place, "known": ", ".join(FORMATS)}
        yield Issue("format_unknown", value=named, params=words)


def _code_lists(standard: Standard) -> Iterator[Issue]:
    for name in {field.codelist for field in standard.fields.values() if field.codelist}:
        try:
            load_codes(name)
        except Misdeclared as error:
            yield error.issue


def _names(standard: Standard) -> Iterator[Issue]:
    """Fields that the declaration names. It is the current version's; of an earlier one, each part
    of the key needs one of its alternatives."""
    named = {part[0] for part in standard.key if not set(part) & standard.fields.keys()}
    if standard.version == standard.versions[-1]:
        named = {name for part in standard.key for name in part}
        named |= set(standard.derivation.fields) if standard.derivation else set()
        named |= {
            *standard.roles.fields(),
            *standard.as_of,
            *standard.public_when,
            *standard.industry_when,
        }
        named |= {standard.association} if standard.association else set()
    named |= {n for f in standard.fields.values() for mask in f.masks for n in mask.when}
    known = ", ".join(standard.fields)
    for name in sorted(named - standard.fields.keys()):
        words = {"dataset": standard.dataset, "known": known}
        yield Issue("field_unknown", value=name, params=words)
    county = standard.fields.get(standard.roles.county or "")
    if county and county.schema.get("format") != DIVISION:
        yield Issue("county_without_code", value=county.name, params={"dataset": standard.dataset})
