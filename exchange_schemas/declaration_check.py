"""Checks a standard's `standard.yml`: its form, its departments, its versions and what it names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from exchange_schemas.codes import load_codes
from exchange_schemas.days import today
from exchange_schemas.issue import Issue
from exchange_schemas.references import load_references
from exchange_schemas.schema_fault import place, reason, reason_zh
from exchange_schemas.standard import MASK_RULES, Standard

FORM = Path(__file__).parent / "standard.schema.json"


def check_declaration(told: Mapping[str, Any], where: str) -> Iterator[Issue]:
    """Issues of the form of a `standard.yml`, as read."""
    plain = json.loads(json.dumps(told, default=str))  # days are dates in YAML, text in JSON
    faults = [
        (f"{where} {place(fault)}".rstrip(), reason(fault), reason_zh(fault))
        for fault in _form().iter_errors(plain)
    ]
    for at, why, why_zh in dict.fromkeys(faults):  # each missing key is told with all of them
        words = {"place": at, "reason": why, "reason_zh": why_zh}
        yield Issue("standard_invalid", params=words)
    if told["dataset"] != Path(where).parent.name:
        yield _invalid(where, "dataset: must be the name of its folder")
    cycles = load_codes("update_cycles").codes
    if told.get("cycle") not in cycles:
        yield _invalid(where, f"cycle: {told.get('cycle')} is none of {', '.join(cycles)}")


@cache
def _form() -> Draft202012Validator:
    return Draft202012Validator(json.loads(FORM.read_text(encoding="utf-8")))


def check_named(standard: Standard) -> Iterator[Issue]:
    """Issues of what a loaded standard says about departments, versions, masks and sources."""
    where = f"{standard.department}/{standard.dataset}/standard.yml"
    yield from (_invalid(where, text) for text in _owners(standard, today()))
    yield from (_invalid(where, text) for text in _versions(standard))
    yield from (_invalid(where, text) for text in _publication(standard))
    references = load_references()
    for field in standard.fields.values():
        for unknown in (mask.rule for mask in field.masks if mask.rule not in MASK_RULES):
            words = {"known": ", ".join(MASK_RULES)}
            yield Issue("mask_unknown", field=field.name, value=unknown, params=words)
        for source in field.sources:
            if source not in references:
                yield _invalid(where, f"{field.name}: x-source {source} isn't in references.csv")


def _owners(standard: Standard, day: date) -> Iterator[str]:
    accountable = sorted(
        (one for one in standard.owners if one.role == "owner"),
        key=lambda one: one.valid_from or date.min,
    )
    now = [one.department for one in accountable if one.valid_on(day)]
    if now != [standard.department]:
        told = ", ".join(now) or "nobody"
        yield f"owners: today {told} is accountable, and the folder is {standard.department}'s"
    for earlier, later in pairwise(accountable):
        if earlier.valid_to is None or later.valid_from != earlier.valid_to + timedelta(days=1):
            yield (
                f"owners: {later.department} must follow {earlier.department} on the next day, "
                "because one department is accountable on every day"
            )


def _versions(standard: Standard) -> Iterator[str]:
    numbers = [int(one) for one in standard.versions]
    if numbers != sorted(set(numbers)):
        yield "versions: must be in ascending order, each once"
    begins = [begin for begin, _ in standard.version_days.values() if begin]
    if begins != sorted(begins):
        yield "versions: a later version can't be valid earlier"
    wanted = f"urn:exchange:{standard.dataset}:{standard.version}"
    if standard.schema.get("$id") != wanted:
        yield f"v{standard.version}: $id is {standard.schema.get('$id')} and must be {wanted}"


def _publication(standard: Standard) -> Iterator[str]:
    dates = [n for n, f in standard.fields.items() if f.kind in {"date", "datetime"}]
    for name in standard.as_of:
        if name in standard.fields and name not in dates:
            yield f"as_of: {name} isn't a date"
    for name, values in (*standard.public_when.items(), *standard.industry_when.items()):
        field = standard.fields.get(name)
        listed = field.schema.get("enum") if field else None
        unknown = sorted(set(values) - set(listed)) if listed else []
        if unknown:
            yield f"public_when / industry_when: {name} is never {', '.join(unknown)}"
    if standard.public_when and not standard.public:
        yield "public_when: no record may be public"


def _invalid(where: str, text: str) -> Issue:
    return Issue("standard_invalid", params={"place": where, "reason": text})
