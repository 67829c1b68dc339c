"""A declaration's YAML, read strictly and checked against `target.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.schema_fault import place, reason, reason_zh
from exchange_schemas.strict_yaml import read_strictly


def read_declared(content: bytes, path: Path, part: str = "#") -> dict[str, Any]:
    """What the file says; raises Misdeclared (target_invalid: the place in it, and why)."""
    try:
        told = read_strictly(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        why = f"not readable YAML: {problem}", f"不是可读的 YAML：{problem}"
        raise invalid(path, f"L{mark.line + 1 if mark else 1}", *why) from error
    check_declared(told, path, {"$ref": part} if part != "#" else {})
    return dict(told)


def check_declared(told: Any, path: Path, schema: Mapping[str, Any]) -> None:
    """Raises Misdeclared (target_invalid) where `told` doesn't keep the schema, which may refer to
    definitions of `target.schema.json`; without one it is that of a target."""
    whole = {**_schema(), **schema} if not schema else {"$defs": _schema()["$defs"], **schema}
    fault = best_match(Draft202012Validator(whole).iter_errors(told))
    if fault is not None:
        raise invalid(path, place(fault) or "target", reason(fault), reason_zh(fault))


def invalid(path: Path, where: str, why: str, why_zh: str) -> Misdeclared:
    """The declaration is wrong there."""
    words = {"place": where, "reason": why, "reason_zh": why_zh}
    return Misdeclared(Issue("target_invalid", file=path.name, params=words))


@cache
def _schema() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        files("hub.outbound").joinpath("target.schema.json").read_text(encoding="utf-8")
    )
    return told
