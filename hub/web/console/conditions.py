"""Conditions on records as a form asks for them: field, sign, value; and back into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_schemas.conditions import check_condition, parse_condition
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field, Standard

ROWS = 3  # conditions of a form
SIGNS = ("=", ">=", "<=")
_FORMS = {
    "any": "=", "from": "≥", "at_least": "≥", "until": "≤", "at_most": "≤", "below": "<", "above": ">",
    "only": "⊆",
}  # fmt: skip
_LONGEST = 200  # characters of a value


def fields_to_ask(standard: Standard) -> list[Field]:
    """The fields that a condition may speak of: what is sealed isn't found out by asking either."""
    return [field for field in standard.fields.values() if field.tier != "sealed"]


def condition_of(standard: Standard, form: Mapping[str, str]) -> dict[str, Any]:
    """The condition of a form: field1, sign1, value1, field2, …; rows without a field are empty ones.

    Raises Misdeclared (condition_invalid).
    """
    known = {field.name for field in fields_to_ask(standard)}
    texts = []
    for row in range(1, ROWS + 1):
        name, sign = form.get(f"field{row}", ""), form.get(f"sign{row}", "=")
        value = form.get(f"value{row}", "").strip()[:_LONGEST]
        if not name:
            continue
        if name not in known or sign not in SIGNS:
            words = {"reason": "choose a field and a sign", "reason_zh": "请选择字段和比较方式"}
            raise Misdeclared(Issue("condition_invalid", value=name[:64], params=words))
        texts.append(f"{name}{sign}{value}")
    condition = parse_condition(texts)
    check_condition(condition, standard.fields)
    return condition


def in_words(standard: Standard, condition: Mapping[str, Any], chinese: bool) -> list[str]:
    """A condition of such forms, one text for each thing asked; others as they are written."""
    told = []
    for name, asked in condition.items():
        field = standard.fields.get(name)
        title = name if field is None else field.title if chinese else field.title_en
        if not isinstance(asked, Mapping):
            told.append(f"{title} = {_listed(asked)}")
            continue
        for form, value in asked.items():
            if form == "empty":
                told.append(f"{title} {'=' if value else '≠'} ∅")
            else:
                told.append(f"{title} {_FORMS.get(form, form)} {_listed(value)}")
    return told


def _listed(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
