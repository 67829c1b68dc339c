"""What the page of one standard shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exchange_schemas.code_list import Code
from exchange_schemas.codes import load_codes
from exchange_schemas.consistency import checks_of
from exchange_schemas.references import load_references
from exchange_schemas.standard import Field, Standard
from publisher.check_words import check_in_words
from publisher.dictionary import KINDS, mask_in_words
from publisher.dictionary_site.changelog import blocks
from publisher.dictionary_site.pages import SHARE_NAMES, TIER_NAMES, Values, named
from publisher.rule_words import FORMAT_NAMES, rule_in_words, rules_of
from publisher.schema_formats.length import length

ROLES = {
    "owner": ("责任部门", "Accountable"),
    "co_owner": ("共同责任部门", "Jointly accountable"),
    "supplier": ("提供部门", "Supplies records"),
    "maintainer": ("运行维护部门", "Runs the system"),
}
KIND_NAMES = {**KINDS, "list": "列表"}
_LIMITS = {
    "minLength": "至少 {} 个字", "minimum": "≥ {}", "maximum": "≤ {}", "minItems": "至少 {} 项",
    "maxItems": "至多 {} 项",
}  # fmt: skip


def standard_page(standard: Standard, folder: Path, titles: Mapping[str, str]) -> Values:
    """The template's values; `titles` are those of all datasets. Raises OSError."""
    return {
        "standard": standard,
        "owners": [(one, ROLES[one.role]) for one in standard.owners],
        "share": SHARE_NAMES[standard.share_type],
        "cycle": named("update_cycles", standard.cycle),
        "key": [[_titled(standard, name) for name in part] for part in standard.key],
        "only": {n: "、".join(values) for n, values in standard.public_when.items()},
        "fields": [_field(field, standard) for field in standard.fields.values()],
        "rules": [_told(rule, rule_in_words(rule, standard)) for rule in rules_of(standard)],
        "checks": [
            _told(told, check_in_words(told, standard, titles)) for told in checks_of(standard)
        ],
        "titles": titles,
        "changes": _changes(folder),
        "example_record": (example := _example(folder)),
        "example": json.dumps(example, ensure_ascii=False, indent=2) if example else None,
    }


def _told(told: Mapping[str, Any], words: str | None) -> tuple[str | None, str]:
    """A sentence, or None where there is none, and the rule as it is written."""
    return words, json.dumps(told, ensure_ascii=False)


def _titled(standard: Standard, name: str) -> tuple[str, str]:
    return name, standard.fields[name].title if name in standard.fields else name


def _field(field: Field, standard: Standard) -> Values:
    known = load_references()
    return {
        "field": field,
        "kind": KIND_NAMES[field.kind],
        "length": length(field),
        "limits": _limits(field),
        "tier": TIER_NAMES[field.tier],
        "mask": _mask(field, standard),
        "codes": _codes(field),
        "sources": [(source, known[source].title) for source in field.sources if source in known],
    }


def _mask(field: Field, standard: Standard) -> str | None:
    """How it is shortened, for the public or else for those in the industry."""
    words = mask_in_words(field, standard.fields)
    told = {TIER_NAMES[one][0]: None for mask in field.masks for one in mask.audiences}
    return words or (f"对{'、'.join(told)}脱敏" if told else None)


def _limits(field: Field) -> list[str]:
    schema = {**field.schema.get("items", {}), **field.schema}
    # That a text or a list has something in it goes without saying: an empty one is no value.
    said = {
        n: v for n, v in schema.items() if not (n.startswith("min") and n != "minimum" and v == 1)
    }
    found = [text.format(said[name]) for name, text in _LIMITS.items() if name in said]
    form = schema.get("format")
    if form and form not in ("date", "date-time", "decimal"):
        found.insert(0, FORMAT_NAMES.get(form, form))
    return found + ([f"格式 {schema['pattern']}"] if "pattern" in schema else [])


def _codes(field: Field) -> list[Code]:
    """The codes that the field may have, where they are few enough to stand in the table."""
    if field.codelist is None:
        return []
    codes = load_codes(field.codelist).codes
    schema = field.schema.get("items", field.schema)
    values = [value for value in schema.get("enum", ()) if value in codes]
    return [codes[value] for value in values] if len(values) <= MOST_CODES else []


MOST_CODES = 12  # that are shown beside a field; the list's page has all


def _changes(folder: Path) -> list[tuple[str, str]]:
    path = folder / "CHANGELOG.md"
    return blocks(path.read_text(encoding="utf-8")) if path.is_file() else []


def _example(folder: Path) -> dict[str, Any] | None:
    """The first valid sample; it is invented, so all of its fields may be shown."""
    path = folder / "samples" / "valid.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return json.loads(lines[0]) if lines else None
