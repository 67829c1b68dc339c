"""What changes between two versions of a standard, and who must do something about it.

compatible: suppliers and readers go on as they are. readers (compatible for readers): what is
supplied must change, and whoever reads goes on. breaking: readers must change, or people must decide
because more would be seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exchange_schemas.language import DEFAULT_LOCALE, translate
from exchange_schemas.standard import TIERS, Field, Mask, Standard
from exchange_schemas.version_words import WORDS

SHOWN = 300  # characters of a rule across fields

COMPATIBLE, READERS, BREAKING = "compatible", "readers", "breaking"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `kind` is a key of `WORDS`, `before` and `after` are shown with it."""

    kind: str
    field: str
    verdict: str
    before: str = ""
    after: str = ""

    def message(self, locale: str = DEFAULT_LOCALE) -> str:
        """What changes and who must do what, in one sentence of `locale`."""
        words = {"field": self.field, "before": self.before, "after": self.after}
        return translate("exchange_schemas", locale, WORDS[self.kind]).format_map(words)


def diff(old: Standard, new: Standard) -> list[Change]:
    """All changes from `old` to `new`, the breaking ones first."""
    changes = [*_declared(old, new), *_fields(old, new), *_rules(old, new)]
    order = (BREAKING, READERS, COMPATIBLE)
    return sorted(changes, key=lambda one: order.index(one.verdict))


def _declared(old: Standard, new: Standard) -> Iterator[Change]:
    if old.key != new.key:
        yield Change("key", "", BREAKING, _key(old), _key(new))
    if old.share_type != new.share_type:
        yield Change("share_type", "", BREAKING, old.share_type, new.share_type)
    if _public(old) != _public(new):
        yield Change("public", "", BREAKING, _public(old), _public(new))
    if old.checks != new.checks:
        yield Change("checks", "", READERS)


def _key(standard: Standard) -> str:
    return " + ".join("|".join(part) for part in standard.key)


def _public(standard: Standard) -> str:
    seen = {"public": standard.public_when, "industry": standard.industry_when}
    when = [
        f"{audience}: {name}={'/'.join(values)}"
        for audience, conditions in seen.items()
        for name, values in conditions.items()
    ]
    return f"{standard.public}" + (f" ({', '.join(when)})" if when else "")


def _fields(old: Standard, new: Standard) -> Iterator[Change]:
    renamed = _renamed(old, new)
    for name, field in new.fields.items():
        if name in old.fields:
            yield from _field(old.fields[name], field)
        elif name in renamed.values():
            continue
        elif field.required:
            yield Change("added_required", name, READERS)
        else:
            yield Change("added", name, COMPATIBLE)
    for name in old.fields:
        if name in renamed:
            yield Change("renamed", renamed[name], BREAKING, name, renamed[name])
            yield from _field(old.fields[name], new.fields[renamed[name]])
        elif name not in new.fields:
            yield Change("removed", name, BREAKING)


def _renamed(old: Standard, new: Standard) -> dict[str, str]:
    """Fields that are gone → new ones that seem to be the same: one official name, or one title."""
    found: dict[str, str] = {}
    gone = [field for name, field in old.fields.items() if name not in new.fields]
    fresh = [field for name, field in new.fields.items() if name not in old.fields]
    for told in ("code", "title"):
        for field in gone:
            said = getattr(field, told)
            alike = [f.name for f in fresh if said and getattr(f, told) == said]
            if len(alike) == 1 and field.name not in found and alike[0] not in found.values():
                found[field.name] = alike[0]
    return found


def _field(old: Field, new: Field) -> Iterator[Change]:
    name = new.name
    if old.kind != new.kind:
        yield Change("type", name, BREAKING, old.kind, new.kind)
    if new.required and not old.required:
        yield Change("now_required", name, READERS)
    if old.required and not new.required:
        yield Change("now_optional", name, BREAKING)
    if new.expected and not old.expected:
        yield Change("now_expected", name, COMPATIBLE)
    if old.tier != new.tier:
        opened = TIERS.index(new.tier) < TIERS.index(old.tier)
        yield Change("opened" if opened else "closed", name, BREAKING, old.tier, new.tier)
    if old.masks != new.masks:
        yield Change("mask", name, BREAKING, _masks(old), _masks(new))
    if old.codelist != new.codelist:
        yield Change("codelist", name, BREAKING, old.codelist or "-", new.codelist or "-")
    told = [old.title, old.title_en, old.code, old.note, old.sources]
    if told != [new.title, new.title_en, new.code, new.note, new.sources]:
        yield Change("described", name, COMPATIBLE)
    yield from _keywords(name, old.schema, new.schema)


def _masks(field: Field) -> str:
    return ", ".join(map(_mask, field.masks)) or "-"


def _mask(mask: Mask) -> str:
    when = ", ".join(f"{name}={'/'.join(v)}" for name, v in mask.when.items())
    return f"{mask.rule} ({', '.join(mask.audiences)}{'; ' if when else ''}{when})"


# Limits by their direction: the larger value of these allows more …
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
# … and the larger value of these allows less.
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems")
# Keywords that allow less by being there; two different ones can't be compared.
_PRESENT = ("format", "pattern", "const", "multipleOf", "contains")
_SAID = {"type", "title", "description", "$comment", "examples", "default"}


def _keywords(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    known = {*_UPPER, *_LOWER, *_PRESENT, "enum", "items", "uniqueItems"}
    for keyword in dict.fromkeys([*old, *new]):
        before, after = old.get(keyword), new.get(keyword)
        if _same(before, after) or keyword in _SAID or keyword.startswith("x-"):
            continue
        if keyword == "items" and isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _keywords(name, before, after)
        elif keyword == "enum":
            yield from _enum(name, before, after)
        elif keyword in known - {"items"}:
            narrower = _narrower(keyword, before, after)
            shown = (f"{keyword} {_shown(before)}", f"{keyword} {_shown(after)}")
            if narrower is None:
                yield Change("limit_changed", name, BREAKING, *shown)
            else:
                yield _limit(name, narrower, *shown)
        else:
            shown = (f"{keyword} {_shown(before)}", f"{keyword} {_shown(after)}")
            yield Change("limit_changed", name, BREAKING, *shown)


def _narrower(keyword: str, before: Any, after: Any) -> bool | None:
    """Whether fewer values are allowed; None where neither allows all that the other does."""
    if before is None or after is None:
        return bool(before is None) if keyword != "uniqueItems" else bool(after)
    if keyword in _UPPER:
        return bool(after < before)
    if keyword in _LOWER:
        return bool(after > before)
    return bool(after) if keyword == "uniqueItems" else None


def _limit(name: str, narrower: bool, before: str, after: str) -> Change:
    if narrower:
        return Change("narrower", name, READERS, before, after)
    return Change("wider", name, BREAKING, before, after)


def _enum(name: str, before: list[Any] | None, after: list[Any] | None) -> Iterator[Change]:
    if before is None:
        yield Change("narrower", name, READERS, "-", _shown(after))
    elif after is None:
        yield Change("wider", name, BREAKING, _shown(before), "-")
    else:
        added = [value for value in after if not any(_same(value, one) for one in before)]
        gone = [value for value in before if not any(_same(value, one) for one in after)]
        if added:
            yield Change("codes_added", name, BREAKING, after=_shown(added))
        if gone:
            yield Change("codes_removed", name, READERS, before=_shown(gone))


def _same(one: Any, other: Any) -> bool:
    """Equal in JSON, where true isn't 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _shown(told: Any) -> str:
    if isinstance(told, list):
        return "、".join(map(str, told))
    return "-" if told is None else str(told)


def _rules(old: Standard, new: Standard) -> Iterator[Change]:
    """Rules across fields: each is compared as a whole."""
    before, after = _across(old), _across(new)
    for rule in after:
        if rule not in before:
            yield Change("rule_added", "", READERS, after=_rule(rule))
    for rule in before:
        if rule not in after:
            yield Change("rule_removed", "", BREAKING, before=_rule(rule))


_FIELDS = {"properties", "required", "allOf", "$id", "$schema", "type", "additionalProperties"}


def _across(standard: Standard) -> list[Any]:
    rest = {
        keyword: told
        for keyword, told in standard.schema.items()
        if keyword not in _FIELDS | _SAID and not keyword.startswith("x-")
    }
    return [*standard.schema.get("allOf", ()), *([rest] if rest else ())]


def _rule(rule: Any) -> str:
    return json.dumps(rule, ensure_ascii=False)[:SHOWN]
