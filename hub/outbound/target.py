"""A target: one declared delivery of a dataset to a consumer, in YAML, no code.

`target.schema.json` is the form of the file; `docs/deliver-to-the-province.md` explains it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.outbound.declared import check_declared, read_declared
from hub.outbound.table import ProvinceTable, load_table
from hub.outbound.ways import WAYS

BATCH = 500  # entries of one delivery
ASK_EVERY, ALARM_AFTER = 10, 24  # minutes; hours


@dataclass(frozen=True, slots=True)
class Target:
    """A declaration as loaded; nothing in it has been looked up yet.

    `consumer` is the name of one with a grant on `dataset`: it is given what the grant's view has.
    `way` is a kind of `ways.WAYS` with its `options`, in which `${NAME}` stands for secrets. Answers that
    come later are asked for every `ask_every` minutes; a withdrawn record that the province
    still holds after `alarm_after` hours is an alarm.
    """

    name: str
    title: Mapping[str, str]
    consumer: str
    dataset: str
    table: ProvinceTable
    way: str
    options: Mapping[str, Any]
    path: Path
    batch: int = BATCH
    ask_every: int = ASK_EVERY
    alarm_after: int = ALARM_AFTER
    fingerprint: str = field(default="", repr=False)  # of the mapping


def load_target(path: Path) -> Target:
    """The target declared at `path`.

    Raises Misdeclared: target_unknown (no such file), target_invalid, target_table_unknown.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Misdeclared(Issue("target_unknown", value=str(path))) from error
    told = read_declared(content, path)
    options = dict(told["way"])
    way = options.pop("kind")
    check_declared(told, path, {"properties": {"way": _way_schema(way)}})
    columns, fields = told.get("columns", {}), told.get("fields", {})
    table = load_table(told["table"], path.parent, columns, fields)
    return Target(
        name=told["target"],
        title=told["title"],
        consumer=told["consumer"],
        dataset=told["dataset"],
        table=table,
        way=way,
        options=options,
        path=path.resolve(),
        batch=told.get("batch", BATCH),
        ask_every=told.get("ask_every_minutes", ASK_EVERY),
        alarm_after=told.get("alarm_after_hours", ALARM_AFTER),
        fingerprint=_fingerprint(table),
    )


def _way_schema(kind: str) -> dict[str, Any]:
    if kind not in WAYS:
        return {"properties": {"kind": {"enum": list(WAYS)}}}
    told = WAYS[kind]
    return {
        **told,
        "properties": {"kind": {}, **told["properties"]},
        "additionalProperties": False,
    }


def _fingerprint(table: ProvinceTable) -> str:
    return hashlib.sha256(json.dumps(repr(table)).encode()).hexdigest()


def list_targets(folder: Path) -> list[Target]:
    """The site's targets by name; raises as `load_target` for the first that can't be read."""
    found = (load_target(path) for path in sorted(folder.glob("*.yml")) if _is_target(path))
    return sorted(found, key=lambda one: one.name)


def _is_target(path: Path) -> bool:
    """Tables of a site's own stand beside its targets."""
    return not path.name.startswith("table-")


def find_target(folder: Path, name_or_path: str) -> Target:
    """The target with this name in the site, or declared at this path (anything ending in .yml)."""
    if name_or_path.endswith(".yml"):
        return load_target(Path(name_or_path))
    named = folder / f"{name_or_path}.yml"
    if named.is_file():
        return load_target(named)
    for one in list_targets(folder):
        if one.name == name_or_path:
            return one
    raise Misdeclared(Issue("target_unknown", value=name_or_path))
