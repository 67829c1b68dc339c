"""A feed's YAML file: read strictly, and checked against `feed.schema.json`."""

from __future__ import annotations

import json
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


def read_declaration(path: Path) -> dict[str, Any]:
    """The content of a feed's file; raises Misdeclared (feed_unknown, feed_invalid)."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Misdeclared(Issue("feed_unknown", value=str(path))) from error
    try:
        told = read_strictly(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _invalid(path, *_yaml_fault(error)) from error
    fault = best_match(_validator().iter_errors(told))
    if fault is not None:
        raise _invalid(path, place(fault) or "feed", reason(fault), reason_zh(fault))
    return dict(told)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(
        json.loads(files("adapters").joinpath("feed.schema.json").read_text())
    )


def _invalid(path: Path, where: str, why: str, why_zh: str) -> Misdeclared:
    params = {"place": where, "reason": why, "reason_zh": why_zh}
    return Misdeclared(Issue("feed_invalid", file=path.name, params=params))


def _yaml_fault(error: Exception) -> tuple[str, str, str]:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    problem = getattr(error, "problem", None) or str(error)
    return f"L{line}", f"not readable YAML: {problem}", f"不是可读的 YAML：{problem}"
