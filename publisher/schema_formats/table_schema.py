"""A standard as a Table Schema (Frictionless, version 1), for a CSV of its records.

Decimals are numbers and lists are JSON arrays there, as in a release's records.csv. Rules across
fields have no word in a Table Schema.
"""

from __future__ import annotations

import json
from typing import Any

from exchange_schemas.standard import Field, Standard
from publisher.datapackage import described
from publisher.meanings import allowed

#: Which keywords of JSON Schema a type of Table Schema has, under the same name.
_KEYWORDS = {
    "string": ("minLength", "maxLength", "pattern"),
    "integer": ("minimum", "maximum"),
    "list": (),
}


def document(standard: Standard) -> bytes:
    """The schema as indented UTF-8 JSON."""
    told: dict[str, Any] = {
        "fields": [described(f, _constraints(f)) for f in standard.fields.values()],
        "missingValues": [""],
    }
    # A part of a key may be the first of several fields that isn't empty; Table Schema can't say so.
    if all(len(part) == 1 for part in standard.key):
        told["primaryKey"] = [part[0] for part in standard.key]
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _constraints(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if field.required else {}
    for keyword in _KEYWORDS.get(field.kind, ()):
        if keyword in field.schema:
            found[keyword] = field.schema[keyword]
    if field.kind != "list" and allowed(field):
        found["enum"] = allowed(field)
    return found
