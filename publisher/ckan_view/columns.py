"""The columns of a release as CKAN's datastore describes them, with the types of PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

from exchange_schemas.standard import Field, Standard
from publisher.columns import RECORD_ID, RECORD_ID_FIELD, SALT, SALT_FIELD, hub_fields
from publisher.datapackage import CANONICAL
from publisher.manifest import Release

ROW = "_id"  # the number that the datastore gives each record

_TYPES = {
    "string": "text",
    "integer": "int8",
    "boolean": "bool",
    "decimal": "numeric",
    "date": "date",
    "datetime": "timestamptz",
    "list": "_text",
}
_NATIVE = {
    "int8": "bigint",
    "bool": "boolean",
    "timestamptz": "timestamp with time zone",
    "_text": "text[]",
}


def columns_of(release: Release, standard: Standard) -> dict[str, Field]:
    """The columns of the release, in order. Raises OSError and ValueError where its description
    can't be read."""
    known = {
        RECORD_ID: RECORD_ID_FIELD,
        **standard.fields_for("public"),
        **hub_fields(standard),
        SALT: SALT_FIELD,
    }
    package = json.loads((release.path / "datapackage.json").read_bytes())
    table = next(one for one in package["resources"] if one["path"] == CANONICAL)
    return {one["name"]: known[one["name"]] for one in table["schema"]["fields"]}


def type_of(field: Field) -> str:
    """A field that is masked for the public promises no more than a text."""
    if field.masked_for("public") and field.kind != "list":
        return "text"
    return _TYPES[field.kind]


def described(field: Field) -> dict[str, Any]:
    """One column as datastore_search has it."""
    info = {"label": field.title, "label_en": field.title_en, "notes": field.note or ""}
    return {"id": field.name, "type": type_of(field), "info": {n: t for n, t in info.items() if t}}


def defined(field: Field) -> dict[str, Any]:
    """One column as datastore_info has it."""
    own = type_of(field)
    schema = {
        "native_type": _NATIVE.get(own, own),
        "notnull": field.name == RECORD_ID,
        "index_name": None,
        "is_index": False,
        "uniquekey": field.name == RECORD_ID,
    }
    return {**described(field), "schema": schema}
