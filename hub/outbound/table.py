"""A table of the province: the columns of one version of its standard, and how ours become them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.outbound.declared import read_declared
from hub.outbound.rule import Rule, When, read_rule, read_when

SHIPPED = "provincial"  # the folder of the tables that come with the hub
_FORM = "#/$defs/table"


@dataclass(frozen=True, slots=True)
class Column:
    """`length` is the most characters; it must have a text where `required`, or `required_when` holds."""

    name: str
    title: str
    length: int | None = None
    required: bool = False
    required_when: When | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Records that the province wants in a file of their own."""

    name: str
    title: str
    when: When


@dataclass(frozen=True, slots=True)
class Operation:
    """The column that says what is to be done; `words` are those for I, U and D."""

    column: str = "OPT_TYPE"
    title: str = "数据操作类型"
    words: Mapping[str, str] = field(default_factory=lambda: {"I": "I", "U": "U", "D": "D"})


@dataclass(frozen=True, slots=True)
class ProvinceTable:
    """`version` is that of our standard which is mapped. `identity` are the columns that say which
    record is meant: a delete has no others. `amounts` are summed up as a control."""

    name: str
    title: Mapping[str, str]
    dataset: str
    version: str
    identity: tuple[str, ...]
    columns: Mapping[str, Column]
    rules: Mapping[str, Rule]
    amounts: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    operation: Operation = field(default_factory=Operation)
    list_code: str = ""

    @property
    def names(self) -> list[str]:
        """The columns, in the province's order."""
        return list(self.columns)


def shipped_tables() -> list[str]:
    """The names of the tables that come with the hub."""
    folder = files("hub.outbound").joinpath(SHIPPED)
    return sorted(one.name.removesuffix(".yml") for one in folder.iterdir())


def load_table(
    name: str, folder: Path, columns: Mapping[str, Any], fields: Mapping[str, Any]
) -> ProvinceTable:
    """The table `name`: a shipped one, or a `.yml` file in `folder`; with the target's own `columns`
    and `fields` over it. Raises Misdeclared (target_table_unknown, target_invalid)."""
    if name.endswith(".yml"):
        told = read_declared(_content(folder / name, name), Path(name), _FORM)
    elif name in shipped_tables():
        told = _shipped(name)
    else:
        raise _unknown(name)
    whole = {"columns": {**told["columns"], **columns}, "fields": {**told["fields"], **fields}}
    return _table({**told, **whole})


@cache
def _shipped(name: str) -> dict[str, Any]:
    content = files("hub.outbound").joinpath(SHIPPED, f"{name}.yml").read_bytes()
    return read_declared(content, Path(f"{name}.yml"), _FORM)


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unknown(name) from error


def _unknown(name: str) -> Misdeclared:
    words = {"known": ", ".join(shipped_tables())}
    return Misdeclared(Issue("target_table_unknown", value=name, params=words))


def _table(told: Mapping[str, Any]) -> ProvinceTable:
    return ProvinceTable(
        name=told["table"],
        title=told["title"],
        dataset=told["dataset"],
        version=told["version"],
        identity=tuple(told["identity"]),
        columns=dict(_columns(told["columns"])),
        rules={column: read_rule(column, rule) for column, rule in told["fields"].items()},
        amounts=tuple(told.get("amounts", ())),
        parts=tuple(
            Part(name, one["title"], read_when(one["when"]) or {})
            for name, one in told.get("parts", {}).items()
        ),
        operation=Operation(**told["operation"]) if "operation" in told else Operation(),
        list_code=told.get("list_code", told["table"]),
    )


def _columns(told: Mapping[str, Any]) -> Iterator[tuple[str, Column]]:
    for name, one in told.items():
        when = read_when(one.get("required_when"))
        yield name, Column(name, one["title"], one.get("length"), one.get("required", False), when)
