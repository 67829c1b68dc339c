"""What a field's values mean, in the words of its code list, for readers without the list."""

from __future__ import annotations

from exchange_schemas.codes import load_codes
from exchange_schemas.standard import Field


def allowed(field: Field) -> list[str]:
    """The values that the field, or an item of it, is limited to; empty where it isn't."""
    schema = field.schema.get("items", field.schema) if field.kind == "list" else field.schema
    return [value for value in schema.get("enum", []) if value is not None]


def titles(field: Field, english: bool = False) -> dict[str, str]:
    """Titles of the allowed values, where they say more than the value itself.

    A field without an enumeration has none: a division's code says what its name doesn't.
    Raises Misdeclared (codelist_unknown).
    """
    if field.codelist is None:
        return {}
    codes = load_codes(field.codelist).codes
    known = {value: codes[value] for value in allowed(field) if value in codes}
    told = {value: code.title_en if english else code.title for value, code in known.items()}
    return {value: title for value, title in told.items() if title and title != value}


def explained(field: Field) -> str:
    """The allowed values with their titles: 1＝未按期公示年度报告；2＝…; "" where any is allowed."""
    named = titles(field)
    pairs = ((str(value), named.get(value)) for value in allowed(field))
    return "；".join(f"{value}＝{title}" if title else value for value, title in pairs)
