"""What the options of a standard's `checks:` may be.

Each function takes a standard and what an option says, and gives the fields that it names and what
is wrong otherwise, as English and Chinese words; empty where nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from exchange_schemas.standard import Standard

Wrong = tuple[str, str] | None  # in English and in Chinese
Option = Callable[[Standard, Any], Wrong]

_KINDS = {
    "day": (("date", "datetime"), "must name a date", "应为日期字段"),
    "text": (("string",), "must name a text", "应为文本字段"),
    "amount": (("decimal",), "must name an amount (format: decimal)", "应为金额字段（decimal）"),
    "list": (("list",), "must name a list", "应为列表字段"),
    "any": ((), "", ""),
}


@dataclass(frozen=True, slots=True)
class OfKind:
    """Names one field of a kind, or several where `least` says how many at least."""

    kind: str
    least: int = 0

    def __call__(self, standard: Standard, told: Any) -> Wrong:
        names = told if self.least else [told]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return "must be names of fields", "应为字段名"
        if len(names) < self.least:
            return f"must name {self.least} fields at least", f"至少要有 {self.least} 个字段"
        kinds, wrong, wrong_zh = _KINDS[self.kind]
        fields = [standard.fields[name] for name in names if name in standard.fields]
        if kinds and any(field.kind not in kinds for field in fields):
            return wrong, wrong_zh
        return None


def words(_standard: Standard, told: Any) -> Wrong:
    """A list of texts."""
    if isinstance(told, list) and told and all(isinstance(word, str) and word for word in told):
        return None
    return "must be a list of texts", "应为文字的列表"


def count(_standard: Standard, told: Any) -> Wrong:
    """A whole number from 1 on."""
    if isinstance(told, int) and not isinstance(told, bool) and told > 0:
        return None
    return "must be a whole number from 1 on", "应为正整数"


def dataset(_standard: Standard, told: Any) -> Wrong:
    """A dataset's name; whether there is such a dataset isn't asked here."""
    return None if isinstance(told, str) else ("must name a dataset", "应为数据集名")


def conditions(standard: Standard, told: Any) -> Wrong:
    """Fields with the values that they must have: {subject_type: [natural]}."""
    if (
        not isinstance(told, Mapping)
        or not told
        or not all(isinstance(v, list) and v for v in told.values())
    ):
        return "must give values for fields", "应写明各字段的取值"
    for name, values in told.items():
        listed = standard.fields[name].schema.get("enum") if name in standard.fields else None
        never = [str(value) for value in values if listed and value not in listed]
        if never:
            return f"{name} is never {', '.join(never)}", f"{name} 不会是 {'、'.join(never)}"
    return None


def same(_standard: Standard, told: Any) -> Wrong:
    """Fields here with the fields of another dataset that they stand for."""
    if isinstance(told, Mapping) and told and all(isinstance(v, str) for v in told.values()):
        return None
    return "must give a field there for each field here", "应写明本表字段对应的另一表字段"


def fields_in(option: Option, told: Any) -> list[str]:
    """The fields of the own dataset that an option names."""
    if isinstance(option, OfKind):
        names = told if option.least else [told]
    elif option in (conditions, same):
        names = list(told)
    else:
        names = []
    return names
