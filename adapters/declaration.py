"""A feed's YAML file: read strictly, and checked against `feed.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, which YAML otherwise settles silently for the last one."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_declaration(path: Path) -> dict[str, Any]:
    """The content of a feed's file; raises Misdeclared (feed_unknown, feed_invalid)."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Misdeclared(Issue("feed_unknown", value=str(path))) from error
    try:
        told = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _invalid(path, *_yaml_fault(error)) from error
    fault = best_match(_validator().iter_errors(told))
    if fault is not None:
        raise _invalid(path, _place(fault), _reason(fault), _reason_zh(fault))
    return dict(told)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(
        json.loads(files("adapters").joinpath("feed.schema.json").read_text())
    )


def _invalid(path: Path, place: str, reason: str, reason_zh: str) -> Misdeclared:
    params = {"place": place, "reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("feed_invalid", file=path.name, params=params))


def _yaml_fault(error: Exception) -> tuple[str, str, str]:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    problem = getattr(error, "problem", None) or str(error)
    return f"L{line}", f"not readable YAML: {problem}", f"不是可读的 YAML：{problem}"


def _place(fault: ValidationError) -> str:
    return ".".join(str(part) for part in fault.absolute_path) or "feed"


def _reason(fault: ValidationError) -> str:
    match fault.validator:
        case "required":
            return f"{_missing(fault)} is missing"
        case "additionalProperties":
            return f"{_unknown(fault)} is not known here; known are: {_known(fault)}"
        case "enum":
            return f"{fault.instance} is not one of: {', '.join(fault.validator_value)}"
    return str(fault.message)


def _reason_zh(fault: ValidationError) -> str:
    match fault.validator:
        case "required":
            return f"缺少 {_missing(fault)}"
        case "additionalProperties":
            return f"此处没有 {_unknown(fault)} 这一项，可用的有：{_known(fault)}"
        case "enum":
            return f"{fault.instance} 不在可选值之内：{'、'.join(fault.validator_value)}"
    return f"不符合要求：{fault.message}"


def _missing(fault: ValidationError) -> str:
    return ", ".join(name for name in fault.validator_value if name not in fault.instance)


def _unknown(fault: ValidationError) -> str:
    return ", ".join(name for name in fault.instance if name not in fault.schema["properties"])


def _known(fault: ValidationError) -> str:
    return ", ".join(fault.schema["properties"])
