"""The ways in which a province takes data, and what a declaration says of each under `way:`.

GB/T 39443 (公共信用信息交换方式及接口规范) names three: service, database and file. The JSON service is the
hub's own, for a province that has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SOAP, JSON, SFTP, DATABASE = "soap", "json", "sftp", "database"

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_WORDS = {"type": "array", "minItems": 1, "items": _TEXT}
_SECRET = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}
_COLUMN = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,62}$"}
_NUMBER = {"type": "integer"}
_SECONDS = {"type": "integer", "minimum": 1, "maximum": 600}


def _closed(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required or [],
        "properties": dict(properties),
    }


#: `code` is what the answer begins with, up to its first colon.
_ANSWERS = _closed({"taken": _WORDS, "refused": _WORDS, "expired": _WORDS})
_CALL = {"operation": _TEXT, "arguments": _TEXTS, "soap_headers": _TEXTS, "http_headers": _TEXTS}

WAYS: Mapping[str, Mapping[str, Any]] = {
    SOAP: {
        "required": ["wsdl", "operation", "sender", "receiver"],
        "properties": {
            "wsdl": _TEXT, "service": _TEXT, "port": _TEXT, "address": _TEXT, **_CALL,
            "result": _TEXT,
            "login": _closed({**_CALL, "result": _TEXT}, ["operation"]),
            "answers": _ANSWERS,
            "sender": _TEXT, "receiver": _TEXT,
            "copies": {"type": "array", "items": _TEXT},
            "security_type": _TEXT, "operator": _TEXT, "contacts": _TEXT,
            "seconds": _SECONDS,
        },
    },
    JSON: {
        "required": ["url"],
        "properties": {
            "url": {"type": "string", "pattern": "^https?://[^@?#]+$"},
            "headers": _TEXTS,
            "seconds": _SECONDS,
        },
    },
    SFTP: {
        "required": ["host", "user", "host_key", "folder", "prefix"],
        "oneOf": [{"required": ["password"]}, {"required": ["key"]}],
        "properties": {
            "host": _TEXT, "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "user": _TEXT, "password": _SECRET, "key": _SECRET, "host_key": _TEXT,
            "folder": _TEXT, "returns": _TEXT,
            "prefix": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,40}$"},
            "list_codes": {"type": "object", "additionalProperties": _TEXT},
            "answers": {"enum": ["files", "none"]},
            "columns": _closed(
                {"flow": _WORDS, "document": _WORDS, "result": _WORDS, "reason": _WORDS}
            ),
            "words": _closed({"taken": _WORDS, "refused": _WORDS}),
            "seconds": _SECONDS,
        },
    },
    DATABASE: {
        "required": ["table"],
        "oneOf": [{"required": ["url"]}, {"required": ["driver", "host", "database", "user"]}],
        "properties": {
            "url": {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"},
            "driver": {"enum": ["postgresql", "mariadb", "mysql"]},
            "host": _TEXT, "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "database": _TEXT, "user": _TEXT, "password": _SECRET,
            "table": _COLUMN,
            "columns": _closed(dict.fromkeys(
                ("flow", "item", "sn", "status", "reason", "sent_at"), _COLUMN)),
            "letters": {"enum": ["as_is", "lower"]},
            "statuses": _closed(dict.fromkeys(("new", "taken", "refused"), _NUMBER)),
            "seconds": _SECONDS,
        },
    },
}  # fmt: skip
#: The ways in which the province says later what it took.
LATER = (SFTP, DATABASE)
