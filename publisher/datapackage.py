"""datapackage.json: the release as a Frictionless Data Package (version 1 of the specification).

Programs find there the columns, types and digests of records.csv. The other formats hold the same
records and stand beside it as plain files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from exchange_schemas.standard import Field, Standard
from publisher.columns import RECORD_ID
from publisher.manifest import Release, ReleaseFile
from publisher.meanings import allowed

TYPES = {
    "string": "string",
    "integer": "integer",
    "boolean": "boolean",
    "decimal": "number",
    "date": "date",
    "datetime": "datetime",
    "list": "array",
}
CANONICAL = "records.csv"
NOTES = {
    CANONICAL: "RFC 4180，UTF-8，内容与记录逐字一致；列表写成 JSON 数组。",
    "records-excel.csv": (
        "供表格软件打开：列名用中文，代码换成名称，列表以“；”分隔；会被当成公式的内容前加单引号，"
        "会被改写的数字（长号码、以零开头等）后加制表符。"
    ),
    "records.xlsx": "单元格各有类型：号码为文本，数值和日期可计算、排序；代码换成名称；另有说明页。",
    "records.jsonl": "每行一条记录，按 RFC 8785 书写，空值不出现。",
    "records.json": "与 records.jsonl 相同的对象，组成一个数组。",
    "records.xml": (
        "每条记录一个 record 元素，空值没有元素，列表为重复的元素；XML 不允许的字符写作 _x0000_ 的形式"
        "（ISO/IEC 29500-1 22.9.2.19）。"
    ),
}
DIALECT = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}


def as_json(
    standard: Standard,
    fields: Mapping[str, Field],
    files: Sequence[ReleaseFile],
    release: Release,
) -> bytes:
    """The descriptor as indented UTF-8 JSON; `files` are those to be described."""
    package = {
        "profile": "data-package",
        "name": standard.dataset.replace("_", "-"),
        "title": standard.title,
        "description": "\n\n".join(t for t in (standard.description, standard.disclaimer) if t),
        "version": f"{release.number}.0.0",
        "created": release.created_at,
        "contributors": [{"title": standard.owner, "role": "publisher"}],
        "resources": [_resource(file, fields) for file in files],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _resource(file: ReleaseFile, fields: Mapping[str, Field]) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "name": file.name.replace(".", "-"),
        "path": file.name,
        "title": file.title,
        **({"description": NOTES[file.name]} if file.name in NOTES else {}),
        "mediatype": file.media_type,
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }
    if file.name != CANONICAL:
        # Version 1 has no word for a file that isn't to be read as a table; readers of later
        # versions know `type` and others ignore it.
        return resource | {"type": "file"}
    return resource | {
        "profile": "tabular-data-resource",
        "format": "csv",
        "encoding": "utf-8",
        "dialect": DIALECT,
        "schema": table_schema(fields),
    }


def table_schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    """The columns as a Table Schema."""
    return {
        "fields": [described(field, _constraints(field)) for field in fields.values()],
        "missingValues": [""],
        "primaryKey": [RECORD_ID],
    }


def described(field: Field, constraints: Mapping[str, Any]) -> dict[str, Any]:
    """One column of a Table Schema."""
    told: dict[str, Any] = {
        "name": field.name,
        "type": TYPES[field.kind],
        "title": field.title,
    }
    if field.note:
        told["description"] = field.note
    return told | ({"constraints": dict(constraints)} if constraints else {})


def _constraints(field: Field) -> dict[str, Any]:
    # A masked value needn't keep the rules of the value it stands for, so it promises nothing.
    # Free text stays a text that is there.
    if any(mask.rule != "free_text" for mask in field.masks):
        return {}
    constraints: dict[str, Any] = {"required": True} if field.required else {}
    if field.kind != "list" and allowed(field):
        constraints["enum"] = allowed(field)
    if field.name == RECORD_ID:
        constraints["unique"] = True
    return constraints
