"""Records as people read them: titles beside values, in the page's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exchange_schemas.standard import Field, Standard
from publisher.columns import hub_fields
from publisher.dictionary import mask_in_words
from publisher.meanings import titles
from publisher.portal.speech import text

CYCLES = {
    "realtime": "in real time",
    "daily": "daily",
    "weekly": "weekly",
    "monthly": "monthly",
    "quarterly": "quarterly",
    "yearly": "yearly",
}
SHARE_TYPES = {
    "unconditional": "shared without conditions",
    "conditional": "shared on conditions",
    "none": "not shared",
}
KINDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "yes or no",
    "decimal": "decimal number",
    "date": "date",
    "datetime": "date and time",
    "list": "list of texts",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a record: its title, its value as text, and whether it is the subject's code."""

    name: str
    title: str
    value: str
    is_code: bool = False


def title_of(thing: Field | Standard, chinese: bool) -> str:
    """The title in the page's language."""
    return thing.title if chinese else thing.title_en


def value_of(field: Field, value: Any, chinese: bool = True) -> str:
    """A value as text: codes by their titles, lists with a semicolon between."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return text("yes") if value else text("no")
    told = titles(field, english=not chinese)
    values = value if isinstance(value, list) else [value]
    return ("；" if chinese else "; ").join(told.get(one, str(one)) for one in values)


def cells(standard: Standard, record: dict[str, Any], chinese: bool) -> list[Cell]:
    """The fields of a record that have a value, in the order of the standard, then the hub's."""
    roles = standard.roles
    fields = {**standard.fields, **hub_fields(standard)}
    return [
        Cell(
            name,
            title_of(field, chinese),
            value_of(field, record[name], chinese),
            is_code=name == roles.code,
        )
        for name, field in fields.items()
        if record.get(name) is not None
    ]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field of a record means, as the standard says it in Chinese; None where it doesn't."""

    name: str
    title: str
    title_en: str
    kind: str  # a key of KINDS
    note: str | None
    code: str | None  # of the department's own list
    masked: str | None  # what the public doesn't see of it


def meanings(standard: Standard, record: dict[str, Any]) -> list[Meaning]:
    """The meanings of the fields that a record has, in the order of its cells."""
    fields = {**standard.fields, **hub_fields(standard)}
    return [
        Meaning(
            one.name,
            one.title,
            one.title_en,
            one.kind,
            one.note,
            one.code,
            mask_in_words(one, standard.fields),
        )
        for name, one in fields.items()
        if record.get(name) is not None
    ]


def party_field(standard: Standard) -> str | None:
    """The field with the name of whom the code of the roles identifies.

    It is the name of the roles, unless the code has a stem of its own: of a food sampling with the
    code `nominal_producer_uscc` it is the nominal producer and not the food.
    """
    stem = (standard.roles.code or "").removesuffix("_uscc")
    return stem if stem != standard.roles.code and stem in standard.fields else standard.roles.name


def preview_columns(standard: Standard, rows: list[dict[str, Any]], most: int = 6) -> list[str]:
    """The fields that a preview shows: those of the roles first, then what has values."""
    roles = standard.roles
    named = [n for n in (roles.name, roles.code, roles.document, roles.date) if n]
    filled = [n for n in standard.fields if any(row.get(n) is not None for row in rows)]
    chosen = dict.fromkeys([*(n for n in named if n in filled), *filled])
    return list(chosen)[:most]


def size_of(count: int) -> str:
    """A number of bytes as people read it, in units of 1,000."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1_000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1_000
    raise AssertionError("the last unit takes any size")
