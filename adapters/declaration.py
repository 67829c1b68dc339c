"""A feed's YAML file: read strictly, and checked against `feed.schema.json` and the schemas of its
kinds of source and format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from adapters.feed import Breaker, Feed, Format, Source
from adapters.plugins import find_reader, find_source, format_kinds, source_kinds
from adapters.rule import read_rule
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.schema_fault import place, reason, reason_zh
from exchange_schemas.strict_yaml import read_strictly

_EVERY_FORMAT = {"kind": {}, "members": {"type": "string", "minLength": 1}}


def load_feed(path: Path) -> Feed:
    """The feed declared at `path`.

    Raises Misdeclared: feed_unknown (no such file), feed_invalid (the place in it and the reason),
    plugin_broken.
    """
    return feed_of(read_declaration(path), path)


def feed_of(told: Mapping[str, Any], path: Path) -> Feed:
    """The feed that a declaration which was checked says, as if it stood at `path`."""
    return Feed(
        name=told["feed"],
        title=told["title"],
        standard=told["standard"],
        version=told.get("version"),
        source=Source(*_kind_and_options(told["source"])),
        format=Format(*_kind_and_options(told["format"])),
        mode=told["mode"],
        nulls=tuple(told.get("nulls", ())),
        fields={name: read_rule(name, rule) for name, rule in told["fields"].items()},
        ignore=told.get("ignore", {}),
        breaker=Breaker(**told.get("breaker", {})),
        path=path.resolve(),
        every=told.get("every"),
        contact=told.get("contact"),
        department=told.get("department"),
    )


def _kind_and_options(told: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    options = dict(told)
    return options.pop("kind"), options


def read_declaration(path: Path) -> dict[str, Any]:
    """The content of a feed's file; raises Misdeclared (feed_unknown, feed_invalid, plugin_broken).

    A source that writes its deliveries itself may go without `format:`; it is filled in.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Misdeclared(Issue("feed_unknown", value=str(path))) from error
    try:
        told = read_strictly(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _invalid(path, *_yaml_fault(error)) from error
    return check_declaration(told, path)


def check_declaration(told: Any, path: Path) -> dict[str, Any]:
    """The declaration `told` with its format filled in; raises as `read_declaration`."""
    for faults in (_general(told), _of_source(told), _of_format(told)):
        fault = best_match(faults)
        if fault is not None:
            raise _invalid(path, place(fault) or "feed", reason(fault), reason_zh(fault))
    return {**told, "format": _format(told)}


def _general(told: Any) -> Iterator[ValidationError]:
    yield from _validator().iter_errors(told)


def _of_source(told: Mapping[str, Any]) -> Iterator[ValidationError]:
    kind = {"kind": {"enum": source_kinds()}}
    yield from _faults({"source": {"properties": kind}}, told)
    if told["source"]["kind"] in source_kinds():
        options = find_source(told["source"]["kind"]).options
        yield from _faults({"source": _closed(options, {"kind": {}})}, told)


def _of_format(told: Mapping[str, Any]) -> Iterator[ValidationError]:
    found = _format(told)
    if found is None:
        yield from _faults({}, told, required=["format"])
        return
    kind = {"kind": {"enum": format_kinds()}}
    yield from _faults({"format": {"properties": kind}}, {"format": found})
    if found["kind"] in format_kinds():
        options = find_reader(found["kind"]).options
        yield from _faults({"format": _closed(options, _EVERY_FORMAT)}, {"format": found})


def _format(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the feed says, or what its kind of source writes."""
    own: Mapping[str, Any] | None = told.get("format")
    return own or find_source(told["source"]["kind"]).format


def _faults(
    properties: Mapping[str, Any], told: Any, required: list[str] | None = None
) -> Iterator[ValidationError]:
    schema = {"properties": properties, "required": required or []}
    yield from Draft202012Validator(schema).iter_errors(told)


def _closed(options: Mapping[str, Any], general: Mapping[str, Any]) -> dict[str, Any]:
    """The options' schema, with those that every kind has, and no others."""
    properties = {**general, **options.get("properties", {})}
    return {**options, "properties": properties, "additionalProperties": False}


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
