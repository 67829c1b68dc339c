"""A standard as one JSON Schema (2020-12), with its blocks merged in and nothing to fetch.

The `x-` keywords stay, since other programs ignore them. What the hub judges beyond the schema
(check digits in formats, code lists without an `enum`, days of codes, `checks:`) is none of it.
"""

from __future__ import annotations

import json

from exchange_schemas.standard import Standard

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def document(standard: Standard) -> bytes:
    """The schema as indented UTF-8 JSON."""
    head = {
        "$schema": _DRAFT,
        "$id": f"urn:exchange:{standard.dataset}:{standard.version}",
        "title": standard.title,
        "description": standard.description,
    }
    told = {**head, **{k: v for k, v in standard.schema.items() if k not in head}}
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()
