"""Checks what a migration says: its form, every field of both versions, and that it can be computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exchange_schemas.derivations import DERIVATIONS
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field, Standard

PARTS = ("fields", "derived", "missing", "dropped")
_KNOWN = ("from", "to", *PARTS)

Told = Mapping[str, Any]


def check_migration(told: Told, source: Standard, target: Standard, place: str) -> Iterator[Issue]:
    """Everything wrong with a migration as read from `place`, as issues `migration_invalid`.

    Every field of the target must be filled by one thing, or be `missing`; every field of the source
    must be taken, or be `dropped`. One that only something is derived from is dropped as well.
    """
    broken = [*_heading(told, source, target), *_form(told)]
    broken = broken or [*_unknown(told, source, target)]
    if not broken:
        broken = [*_targets(told, source, target), *_sources(told, source, target)]
        broken += [*_taken(told, source, target), *_derived(told, target)]
    for reason in broken:
        yield Issue("migration_invalid", params={"place": place, "reason": reason})


def same_fields(told: Told, source: Standard, target: Standard) -> list[str]:
    """Fields that both versions have under one name, and that pass as they are."""
    said = {name for part in PARTS for name in told.get(part) or ()}
    return [name for name in target.fields if name in source.fields and name not in said]


def column_of(rule: Any) -> str:
    """The source field that a rule of `fields` takes."""
    return str(rule if isinstance(rule, str) else rule["from"])


def _heading(told: Told, source: Standard, target: Standard) -> Iterator[str]:
    for name in sorted(map(str, told.keys() - set(_KNOWN))):
        yield f"there is no {name}; known are: {', '.join(_KNOWN)}"
    for name, version in (("from", source.version), ("to", target.version)):
        if told.get(name) != version:
            yield f'{name}: must be "{version}", as in the name of the file'


def _form(told: Told) -> Iterator[str]:
    forms = (
        (
            "fields",
            _is_taking,
            "must be a field, or {from: a field, table: codes there to codes here}",
        ),
        ("derived", _is_deriving, "must say by: which derivation"),
        ("missing", _is_reason, "must give the reason in zh and en"),
        ("dropped", _is_reason, "must give the reason in zh and en"),
    )
    for part, right, text in forms:
        rules = told.get(part) or {}
        if not isinstance(rules, Mapping):
            yield f"{part}: must map fields"
            continue
        for name, rule in rules.items():
            if not right(rule):
                yield f"{part}: {name}: {text}"


def _is_deriving(rule: Any) -> bool:
    return isinstance(rule, Mapping) and isinstance(rule.get("by"), str)


def _is_reason(why: Any) -> bool:
    return isinstance(why, Mapping) and _is_text(why.get("zh")) and _is_text(why.get("en"))


def _is_text(told: Any) -> bool:
    return isinstance(told, str) and bool(told.strip())


def _is_taking(rule: Any) -> bool:
    return isinstance(rule, str) or (
        isinstance(rule, Mapping)
        and rule.keys() == {"from", "table"}
        and isinstance(rule["from"], str)
        and isinstance(rule["table"], Mapping)
        and bool(rule["table"])
    )


def _unknown(told: Told, source: Standard, target: Standard) -> Iterator[str]:
    """Fields that neither version has, options of derivations that don't fit."""
    for name, rule in (told.get("derived") or {}).items():
        yield from _options(name, rule)
    here = {name for part in PARTS[:3] for name in told.get(part) or ()}
    there = {column_of(rule) for rule in (told.get("fields") or {}).values()}
    there |= {*(told.get("dropped") or ()), *_named(told)}
    for standard, names in ((target, here), (source, there)):
        for name in sorted(names - standard.fields.keys()):
            yield f"version {standard.version} has no field {name}"


def _targets(told: Told, source: Standard, target: Standard) -> Iterator[str]:
    same = dict.fromkeys(same_fields(told, source, target))
    given = [*(told.get(part) or {} for part in PARTS[:3]), same]
    for name in target.fields:
        times = sum(name in part for part in given)
        if times != 1:
            yield f"{name} is accounted for {times} times and must be once"
    for name in told.get("missing") or {}:
        if target.fields[name].required:
            yield f"{name} is required and can't be missing: no record would ever be valid"


def _sources(told: Told, source: Standard, target: Standard) -> Iterator[str]:
    taken = [column_of(rule) for rule in (told.get("fields") or {}).values()]
    taken += same_fields(told, source, target)
    dropped, derived_from = told.get("dropped") or {}, set(_named(told))
    for name in source.fields:
        times = taken.count(name)
        if times > 1:
            yield f"{name} is taken {times} times and must be once"
        elif name in dropped if times else name not in derived_from | dropped.keys():
            yield f"{name} must either be taken or be in dropped:"


def _named(told: Told) -> Iterator[str]:
    """The source fields that derivations name."""
    for rule in (told.get("derived") or {}).values():
        known = DERIVATIONS.get(rule["by"])
        for option in known.fields if known else ():
            named = rule.get(option) or ()
            yield from [named] if isinstance(named, str) else map(str, named)


def _taken(told: Told, source: Standard, target: Standard) -> Iterator[str]:
    """Types that differ, and tables that can't be looked up."""
    pairs: dict[str, tuple[str, Mapping[Any, Any] | None]]
    pairs = {name: (name, None) for name in same_fields(told, source, target)}
    for name, rule in (told.get("fields") or {}).items():
        pairs[name] = (column_of(rule), None if isinstance(rule, str) else rule["table"])
    for name, (column, table) in pairs.items():
        here, there = target.fields[name], source.fields[column]
        if here.dtype != there.dtype:
            yield f"{name} is {here.kind} and {column} of version {source.version} is {there.kind}"
        elif table is not None:
            yield from _table(name, here, there, table)


def _table(name: str, here: Field, there: Field, table: Mapping[Any, Any]) -> Iterator[str]:
    if here.kind in ("boolean", "integer"):
        yield f"{name}: a table is for texts and {name} is {here.kind}"
        return
    for values, field in ((table.keys(), there), (table.values(), here)):
        for value in values:
            if not isinstance(value, str):
                yield f"{name}: {value} in the table isn't a text; write it in quotation marks"
            elif (codes := _codes(field)) and value not in codes:
                yield f"{name}: {value} in the table is no code of {field.name}"


def _codes(field: Field) -> list[str]:
    schema = field.schema.get("items", {}) if field.kind == "list" else field.schema
    return list(schema.get("enum", ()))


def _derived(told: Told, target: Standard) -> Iterator[str]:
    for name, rule in (told.get("derived") or {}).items():
        gives, kind = DERIVATIONS[rule["by"]].gives, target.fields[name].kind
        if kind != gives:
            yield f"{name} is {kind} and {rule['by']} gives {gives}"


def _options(name: str, rule: Mapping[str, Any]) -> Iterator[str]:
    known = DERIVATIONS.get(rule["by"])
    if known is None:
        yield f"{name}: there is no derivation {rule['by']}; known: {', '.join(DERIVATIONS)}"
        return
    for option in sorted(map(str, rule.keys() - {"by", *known.fields, *known.options})):
        yield f"{name}: {rule['by']} has no option {option}"
    for option, count in known.fields.items():
        if not _names(rule.get(option), count):
            yield f"{name}: {option} must name {count or 'some'} field{'s' * (count != 1)}"
    for option, kind in known.options.items():
        if not isinstance(rule.get(option), kind) or not rule[option]:
            yield f"{name}: {option} must be a {'text' if kind is str else 'list of texts'}"


def _names(told: Any, count: int) -> bool:
    if count == 1:
        return isinstance(told, str)
    if told is None:
        return count == 0
    named = isinstance(told, list) and all(isinstance(name, str) for name in told)
    return named and (count == 0 or len(told) == count)
