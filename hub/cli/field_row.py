"""What `hub standard show` tells of a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_schemas.formats import FORMATS
from exchange_schemas.standard import Field, Standard
from hub.cli.context import Session


def title(session: Session, one: Standard | Field) -> str:
    """The title in the session's language."""
    return one.title_en if session.locale == "en" else one.title


def field_json(field: Field) -> dict[str, Any]:
    """A field for programs."""
    return {
        "name": field.name,
        "title": field.title,
        "title_en": field.title_en,
        "kind": field.kind,
        "required": field.required,
        "expected": field.expected,
        "tier": field.tier,
        "code": field.code,
        "codelist": field.codelist,
        "note": field.note,
    }


def field_row(session: Session, field: Field, some: set[str]) -> tuple[str, ...]:
    """A field for people: name, title, type, whether needed, tier, official name, limits.

    `some` names the fields that are needed in some case.
    """
    return (
        field.name,
        title(session, field),
        session.text(field.kind),
        session.text(_needed(field, some)),
        session.text(field.tier),
        field.code or "",
        _limits(session, field),
    )


def _needed(field: Field, some: set[str]) -> str:
    if field.required:
        return "required"
    if field.name in some:
        return "depends"
    return "expected" if field.expected else "may be empty"


def depending(rule: Mapping[str, Any]) -> set[str]:
    """Fields that a rule across fields requires in some case."""
    parts = [rule.get("then"), rule.get("else"), *rule.get("anyOf", ()), *rule.get("allOf", ())]
    inner = (depending(part) for part in parts if isinstance(part, dict))
    return set(rule.get("required", ())).union(*inner)


def _limits(session: Session, field: Field) -> str:
    """Code list, form, length or range: the first that the schema gives."""
    told = field.schema
    form = str(told.get("format", ""))
    if field.codelist:
        return session.text("code list {name}").format(name=field.codelist)
    if form in FORMATS:
        return session.text("e.g. {example}").format(example=FORMATS[form].example)
    if "maxLength" in told:
        return session.text("at most {count} characters").format(count=told["maxLength"])
    if "minimum" in told:
        return f"{told['minimum']}–{told.get('maximum', '')}"
    return str(told.get("pattern", ""))
