"""Reads a standard's folder: its declaration, one version's schema, and the blocks it refers to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from exchange_schemas.codes import Code, load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import (
    SHOWN_KINDS,
    TIERS,
    Derivation,
    Field,
    Mask,
    Owner,
    Review,
    Roles,
    Standard,
)

BLOCKS = Path(__file__).parent / "standards" / "blocks"
BLOCK = "block:"  # a $ref to a shared block of fields, standards/blocks/<name>.schema.json

KINDS_BY_FORMAT = {"date": "date", "date-time": "datetime", "decimal": "decimal"}
KINDS_BY_TYPE = {"integer": "integer", "boolean": "boolean", "array": "list", "string": "string"}


#: libyaml's loader where PyYAML was built with it: ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read_declaration(path: Path) -> Mapping[str, Any]:
    """A `standard.yml`; raises Misdeclared (standard_invalid)."""
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 both are safe
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _invalid(path, str(error)) from error
    if not isinstance(told, dict) or "dataset" not in told:
        raise _invalid(path, "dataset: is missing")
    return told


@cache
def load_standard(folder: Path, version: str | None) -> Standard:
    """One version of the standard in `folder`, by default the last that it lists.

    Raises Misdeclared: version_unknown, standard_invalid.
    """
    path = folder / "standard.yml"
    told = read_declaration(path)
    try:
        versions = tuple(str(one["version"]) for one in told["versions"])
        chosen = version or versions[-1]
        if chosen not in versions:
            words = {"dataset": told["dataset"], "known": ", ".join(versions)}
            raise Misdeclared(Issue("version_unknown", value=chosen, params=words))
        schema = resolve(folder / f"v{chosen}.schema.json", folder.parents[1] / BLOCKS.name)
        return build_standard(told, chosen, versions, schema, folder)
    except (KeyError, TypeError, ValueError) as error:
        raise _invalid(path, f"{type(error).__name__}: {error}") from error


def build_standard(
    told: Mapping[str, Any],
    version: str,
    versions: tuple[str, ...],
    schema: Mapping[str, Any],
    folder: Path,
) -> Standard:
    """A standard from what its `standard.yml` says and a resolved schema of one of its versions.

    Raises KeyError, TypeError, ValueError where something is missing or isn't what it should be.
    """
    required = set(schema.get("required", ()))
    fields = {n: _field(n, s, n in required) for n, s in schema["properties"].items()}
    return Standard(
        dataset=told["dataset"],
        version=version,
        **_named(told, folder.parent.name),
        cycle=told["cycle"],
        share_type=told["share_type"],
        legal_basis=tuple(told.get("legal_basis", ())),
        public=bool(told["public"]),
        disclaimer=told.get("disclaimer"),
        key=tuple(tuple(part) for part in told["key"]),
        roles=_roles(told.get("roles", {})),
        fields=fields,
        schema=schema,
        versions=versions,
        derivation=_derivation(told.get("derived")),
        owners=tuple(map(_owner, told.get("owners", ()))),
        resource_code=told.get("resource_code", ""),
        share_condition=told.get("share_condition", {}),
        publication=told.get("publication", {}),
        public_when=_conditions(told.get("public_when", {})),
        industry_when=_conditions(told.get("industry_when", told.get("public_when", {}))),
        as_of=tuple(told.get("as_of", ())),
        checks=tuple(told.get("checks", ())),
        version_days={str(one["version"]): _days(one) for one in told["versions"]},
        review=Review(**told.get("review", {})),
        association=told.get("association"),
    )


def _named(told: Mapping[str, Any], department: str) -> dict[str, str]:
    """What the dataset and its owner are called."""
    owner = _department(department)
    return {
        "title": told["title"]["zh"],
        "title_en": told["title"]["en"],
        "description": told["description"]["zh"].strip(),
        "description_en": told["description"]["en"].strip(),
        "department": department,
        "owner": owner.title,
        "owner_en": owner.title_en,
    }


def _conditions(told: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in told.items()}


def _department(code: str) -> Code:
    known = load_codes("departments").codes
    if code not in known:
        raise ValueError(f"{code} is no department of codes/departments.csv")
    return known[code]


def _owner(told: Mapping[str, Any]) -> Owner:
    named = _department(told["department"])
    return Owner(named.code, named.title, named.title_en, told["role"], *_days(told))


def _days(told: Mapping[str, Any]) -> tuple[date | None, date | None]:
    return _day(told.get("valid_from")), _day(told.get("valid_to"))


def _day(told: str | date | None) -> date | None:
    return date.fromisoformat(told) if isinstance(told, str) else told


def _roles(told: Mapping[str, Any]) -> Roles:
    return Roles(**{**told, "parties": tuple(told.get("parties", ()))})


def _derivation(told: Mapping[str, Any] | None) -> Derivation | None:
    if told is None:
        return None
    return Derivation(told["dataset"], told.get("where", {}), told["fields"])


def _field(name: str, schema: Mapping[str, Any], required: bool) -> Field:
    tier = schema["x-tier"]
    if tier not in TIERS:
        raise ValueError(f"{name}: x-tier {tier} is none of {', '.join(TIERS)}")
    shows = tuple(schema.get("x-shows", ()))
    if not set(shows) <= set(SHOWN_KINDS):
        raise ValueError(f"{name}: x-shows may have {', '.join(SHOWN_KINDS)}")
    return Field(
        name=name,
        title=schema["title"],
        title_en=schema["x-title-en"],
        kind=KINDS_BY_FORMAT.get(schema.get("format", "")) or KINDS_BY_TYPE[schema["type"]],
        tier=tier,
        required=required,
        expected=bool(schema.get("x-expected")),
        schema=schema,
        masks=_masks(schema.get("x-mask")),
        shows=shows,
        code=schema.get("x-code"),
        codelist=schema.get("x-codelist"),
        note=schema.get("x-note"),
        sources=tuple(schema.get("x-source", ())),
    )


def _masks(told: Mapping[str, Any] | list[Mapping[str, Any]] | None) -> tuple[Mask, ...]:
    listed = told if isinstance(told, list) else [told] if told else []
    return tuple(map(_mask, listed))


def _mask(told: Mapping[str, Any]) -> Mask:
    when = {name: tuple(values) for name, values in told.get("when", {}).items()}
    return Mask(told["rule"], tuple(told["audiences"]), when)


def resolve(path: Path, blocks: Path) -> dict[str, Any]:
    """A schema with the blocks that it refers to merged in: no `$ref` is left.

    A property that a block has too is the block's with the schema's own keywords over it.
    """
    told = _read_schema(path)
    merged: dict[str, Any] = {"properties": {}, "required": [], "allOf": []}
    for part in told.get("allOf", ()):
        if str(part.get("$ref", "")).startswith(BLOCK):
            _merge(merged, resolve(_block(part["$ref"].removeprefix(BLOCK), blocks), blocks))
        else:
            merged["allOf"].append(part)
    _merge(merged, {k: told[k] for k in ("properties", "required") if k in told})
    # A person reads the schema's own fields first, then what its blocks add.
    order = dict.fromkeys([*told.get("properties", ()), *merged["properties"]])
    merged["properties"] = {name: merged["properties"][name] for name in order}
    rest = {k: v for k, v in told.items() if k not in {*merged, "unevaluatedProperties"}}
    if not merged["allOf"]:
        del merged["allOf"]  # JSON Schema wants at least one
    return {**rest, **merged, "additionalProperties": False}


def _block(name: str, blocks: Path) -> Path:
    """A standard that isn't packaged has its own blocks beside it, or those that are packaged."""
    own = blocks / f"{name}.schema.json"
    packaged = BLOCKS / own.name
    return packaged if packaged.is_file() and not own.is_file() else own


def _merge(merged: dict[str, Any], part: Mapping[str, Any]) -> None:
    for name, schema in part.get("properties", {}).items():
        merged["properties"][name] = {**merged["properties"].get(name, {}), **schema}
    merged["required"] += [n for n in part.get("required", ()) if n not in merged["required"]]
    merged["allOf"] += part.get("allOf", ())


def _read_schema(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _invalid(path, str(error)) from error
    if not isinstance(told, dict):
        raise _invalid(path, "a schema is a JSON object")
    return told


def _invalid(path: Path, reason: str) -> Misdeclared:
    return Misdeclared(Issue("standard_invalid", params={"place": str(path), "reason": reason}))
