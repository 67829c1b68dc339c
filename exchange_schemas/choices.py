"""What people choose from where a field has a code list: titles, which stand for codes.

A drop-down offers these texts, and whoever reads a filled cell turns them back into codes.
"""

from __future__ import annotations

from collections import Counter

from exchange_schemas.code_rules import DIVISION, SUBCODES
from exchange_schemas.codes import load_codes
from exchange_schemas.standard import Field


def is_closed(field: Field) -> bool:
    """Whether the list has every code that the field may have.

    Lists of divisions and of industries don't: towns and classes have longer codes, and divisions
    elsewhere are in no list. False where the field has no list. Raises Misdeclared
    (codelist_unknown).
    """
    if field.codelist is None:
        return False
    if _enum(field):
        return True
    codes = load_codes(field.codelist).codes.values()
    return field.schema.get("format") != DIVISION and not any(SUBCODES in c.more for c in codes)


def choices(field: Field, english: bool = False) -> dict[str, str]:
    """Code → the text that is chosen for it, in the order of the standard; {} without a list.

    A code stands for itself where the list is open, where a cell has several of them, and where its
    title isn't its own alone.
    Raises Misdeclared (codelist_unknown).
    """
    if field.codelist is None:
        return {}
    codes = load_codes(field.codelist).codes
    values = _enum(field) or list(codes)
    if field.kind == "list" or not is_closed(field):
        return {value: value for value in values}
    titles = {
        value: (codes[value].title_en if english else codes[value].title)
        for value in values
        if value in codes
    }
    said = Counter([*titles.values(), *(v for v in values if titles.get(v) != v)])
    alone = {value: title for value, title in titles.items() if title and said[title] == 1}
    return {value: alone.get(value, value) for value in values}


def _enum(field: Field) -> list[str]:
    schema = field.schema.get("items", field.schema) if field.kind == "list" else field.schema
    return [value for value in schema.get("enum", ()) if value is not None]
