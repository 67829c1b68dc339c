"""A standard in the forms that other programs read: JSON Schema, Table Schema, XML Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from exchange_schemas.standard import Standard
from publisher.schema_formats import json_schema, table_schema, xsd

#: Name of the form → what writes it, and the suffix of its file.
SCHEMA_FORMATS: Mapping[str, tuple[Callable[[Standard], bytes], str]] = MappingProxyType(
    {
        "json-schema": (json_schema.document, ".schema.json"),
        "table-schema": (table_schema.document, ".table-schema.json"),
        "xsd": (xsd.document, ".xsd"),
    }
)
